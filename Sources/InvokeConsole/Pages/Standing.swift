import InvokeModel

/// How the agent stands, as its API tells an admin.
struct Standing {
    /// `GET /rates`.
    let rates: JSON
    /// `GET /health`.
    let health: JSON
    /// Why the agent takes no work; nil when it does.
    let unreadiness: String?
    let pools: [Pool]
    /// The values of `GET /configuration` by name.
    let settings: [String: String]
    let minutes: [Minute]

    /// - Throws: `Unanswered`; with 404 when the viewer is no admin.
    init(_ visit: Visit) async throws {
        try visit.needAdmin()
        rates = try await visit.get("/rates")
        health = try await visit.get("/health")
        do {
            _ = try await visit.get("/ready")
            unreadiness = nil
        } catch let refusal as Unanswered {
            unreadiness = refusal.body["description"]?.string ?? "it answers \(refusal.status)"
        }
        pools = try await visit.find("/pools?limit=200")?["pools"]?.array?.map { Pool($0) } ?? []
        let settings = try await visit.find("/configuration")?["settings"]?.array ?? []
        self.settings = settings.reduce(into: [:]) { values, setting in
            if let name = setting["key"]?.string { values[name] = setting["value"]?.string }
        }
        minutes = (rates["minutes"]?.array ?? []).map(Minute.init)
    }

    /// A figure of now.
    func now(_ name: String) -> Int { rates["now"]?[name]?.int ?? 0 }

    /// The minutes that are over, the last ones of them.
    func last(_ number: Int) -> ArraySlice<Minute> { minutes.dropLast().suffix(number) }

    var figures: [Figure] {
        let ended = last(5).map(\.ended).reduce(0, +)
        let failed = minutes.map(\.failed).reduce(0, +)
        let waiting = now("waiting")
        var figures = [
            Figure("Waiting", Format.count(waiting), link: "/ui/jobs?status=scheduled"),
            Figure("Oldest waiting", waiting == 0 ? "–" : Self.duration(now("oldest_waiting_seconds"))),
            Figure("Running", Format.count(now("running")), link: "/ui/jobs?status=running"),
            Figure("Ended per minute", "\(ended / 5).\(ended % 5 * 2)", hint: "mean of 5 minutes"),
            Figure("Failed", Format.count(failed), link: "/ui/jobs?status=failed&within=1h", hint: "in the last hour"),
            Figure("Webhooks pending", Format.count(now("webhooks_pending"))),
            Figure("Webhooks dead", Format.count(now("webhooks_dead"))),
            Figure("Webhooks late by", Self.duration(now("webhooks_lag_seconds"))),
            Figure("Memory", Format.bytes(now("resident_bytes"))),
            Figure(
                "Open files",
                Format.count(now("open_descriptors")),
                hint: "of \(Format.count(now("descriptor_limit")))"
            ),
            Figure("Write-ahead log", Format.bytes(now("wal_bytes"))),
        ]
        if rates["now"]?["disk_left_bytes"] != nil {
            figures.append(Figure("Disk left", Format.bytes(now("disk_left_bytes"))))
        }
        return figures
    }

    static func duration(_ seconds: Int) -> String {
        seconds == 0 ? "0 s" : Format.duration(milliseconds: seconds * 1000)
    }

    var plots: [Plot] {
        [
            Plot("Accepted per minute", "jobs accepted", minutes) { $0.accepted },
            Plot("Ended per minute", "jobs ended", minutes) { $0.ended },
            Plot("Failed per minute", "jobs failed", minutes, isBad: true) { $0.failed },
            Plot("Open jobs", "jobs waiting or running", minutes, isLevel: true) { $0.open },
        ]
    }
}

/// One minute of the last hour.
struct Minute {
    let time: String
    let accepted: Int
    let succeeded: Int
    let failed: Int
    let cancelled: Int
    /// Jobs that waited or ran at its end.
    let open: Int

    init(_ json: JSON) {
        time = json["time"]?.string ?? ""
        accepted = json["accepted"]?.int ?? 0
        succeeded = json["succeeded"]?.int ?? 0
        failed = json["failed"]?.int ?? 0
        cancelled = json["cancelled"]?.int ?? 0
        open = json["open"]?.int ?? 0
    }

    var ended: Int { succeeded + failed + cancelled }

    var view: [String: Any] {
        [
            "time": time, "accepted": accepted, "succeeded": succeeded, "failed": failed, "cancelled": cancelled,
            "open": open,
        ]
    }
}

/// A figure of now.
struct Figure {
    let name: String
    let text: String
    let link: String?
    let hint: String?

    init(_ name: String, _ text: String, link: String? = nil, hint: String? = nil) {
        self.name = name
        self.text = text
        self.link = link
        self.hint = hint
    }

    var view: [String: Any] {
        var view: [String: Any] = ["figure": name, "text": text]
        view["link"] = link
        view["hint"] = hint
        return view
    }
}
