import InvokeModel

extension Standing {
    /// All that was looked at, what has failed first.
    var findings: [Finding] {
        let all = [readiness, sandbox, queues, failures, webhooks, disk, openFiles, log, exposure].flatMap(\.self)
        return all.filter { $0.status == .failed } + all.filter { $0.status == .warning }
            + all.filter { $0.status == .ok }
    }

    private var readiness: [Finding] {
        if let unreadiness {
            return [
                Finding(
                    name: "readiness",
                    status: .failed,
                    seen: "The agent takes no work: \(unreadiness)",
                    advice: "Make room on the disk of the data folder, or look at the agent's log; "
                        + "`invoke-agent admin doctor` looks at everything that it needs."
                )
            ]
        }
        guard rates["now"]?["draining"] == true else {
            return [Finding(name: "readiness", status: .ok, seen: "The agent takes work.")]
        }
        return [
            Finding(
                name: "readiness",
                status: .warning,
                seen: "The agent is shutting down.",
                advice: "Jobs that run have a while to end; those that wait run after the next start."
            )
        ]
    }

    private var sandbox: [Finding] {
        if settings["engines.process.sandbox"] == "none" {
            return [
                Finding(
                    name: "sandbox",
                    status: .warning,
                    seen: "There is none: programs can read what their user can.",
                    isChosen: true,
                    advice: "Set engines.process.sandbox to bubblewrap unless you trust every provider as yourself.",
                    link: ("/ui/configuration?q=sandbox", "Configuration")
                )
            ]
        }
        guard health["sandbox"]?.string == "unavailable" else {
            return [Finding(name: "sandbox", status: .ok, seen: "A trial program ran in it when the agent started.")]
        }
        return [
            Finding(
                name: "sandbox",
                status: .failed,
                seen: "Programs can't be run; their jobs end with 8206. \(health["advice"]?.string ?? "")",
                advice: "Mend it as docs/operator.md says (The sandbox), then start the agent again.",
                link: ("/ui/health", "Health")
            )
        ]
    }

    /// How long a job may wait before it is told of, in seconds.
    private static let patience = 30

    private var queues: [Finding] {
        let late = pools.filter { $0.isFull || ($0.isBusy && ($0.oldestSeconds ?? 0) >= Self.patience) }
        let told = late.map { pool in
            let since = pool.oldestSeconds.map { ", the oldest for \(Self.duration($0))" } ?? ""
            let slots = pool.busySlots.map { "\($0) is free, " } ?? ""
            let seen = "\(pool.service): \(slots)\(pool.waiting) waiting\(since)."
            return Finding(
                name: "queues",
                status: pool.isFull ? .failed : .warning,
                seen: pool.isFull ? "\(seen) The queue is full: new jobs are refused with 8160." : seen,
                advice: "Raise pool.concurrency in the service's definition if the machine has room, or see what its "
                    + "running jobs do.",
                link: ("/ui/pools", "Pools")
            )
        }
        guard told.isEmpty else { return told }
        let oldest = now("oldest_waiting_seconds")
        guard now("waiting") > 0, now("running") == 0, oldest >= Self.patience else {
            let seen = "\(now("waiting")) waiting, \(now("running")) running."
            return [Finding(name: "queues", status: .ok, seen: seen)]
        }
        return [
            Finding(
                name: "queues",
                status: .warning,
                seen: "\(now("waiting")) waiting and none running; the oldest for \(Self.duration(oldest)).",
                advice: "They may wait to be tried again: their pages tell. Otherwise look at the agent's log.",
                link: ("/ui/jobs?status=scheduled", "Waiting jobs")
            )
        ]
    }

    private var failures: [Finding] {
        let lately = last(10) + minutes.suffix(1)
        let (failed, ended) = (lately.map(\.failed).reduce(0, +), lately.map(\.ended).reduce(0, +))
        let seen = "\(failed) of \(ended) jobs that ended in the last 10 minutes failed."
        guard failed > 0, failed * 5 >= ended else { return [Finding(name: "failures", status: .ok, seen: seen)] }
        return [
            Finding(
                name: "failures",
                status: .warning,
                seen: seen,
                advice: "See whether it is one operation: then its provider can mend it. 8206 and 8207 are this "
                    + "machine.",
                link: ("/ui/jobs?status=failed", "Failed jobs")
            )
        ]
    }

    private var webhooks: [Finding] {
        let (pending, dead, lag) = (now("webhooks_pending"), now("webhooks_dead"), now("webhooks_lag_seconds"))
        var told: [Finding] = []
        if lag >= 60 {
            told.append(
                Finding(
                    name: "webhooks",
                    status: .warning,
                    seen: "A delivery has been due for \(Self.duration(lag)); \(pending) are pending.",
                    advice: "Receivers are slow, or many events come at once; each owner sees the attempts at his "
                        + "webhooks.",
                    link: ("/ui/webhooks", "Webhooks")
                )
            )
        }
        if dead > 0 {
            told.append(
                Finding(
                    name: "webhooks",
                    status: .warning,
                    seen: "\(dead) deliveries were given up; they are kept for 7 days.",
                    advice: "Each owner sees at his webhooks why, and can replay them once his receiver answers.",
                    link: ("/ui/webhooks", "Webhooks")
                )
            )
        }
        return told.isEmpty
            ? [Finding(name: "webhooks", status: .ok, seen: "\(pending) deliveries are pending, none was given up.")]
            : told
    }

    private var disk: [Finding] {
        guard rates["now"]?["disk_left_bytes"] != nil else {
            return [
                Finding(name: "disk", status: .warning, seen: "The system does not tell.", advice: "Look at df.")
            ]
        }
        let (left, mark) = (now("disk_left_bytes"), now("disk_low_water_bytes"))
        let seen = "\(Format.bytes(left)) are left, of which \(Format.bytes(mark)) have to be."
        let advice = "Make room, or set limits.disk_low_water; below it no new job is taken."
        guard left < 2 * mark else { return [Finding(name: "disk", status: .ok, seen: seen)] }
        return [
            Finding(
                name: "disk",
                status: left < mark ? .failed : .warning,
                seen: seen,
                advice: advice,
                link: ("/ui/configuration?q=disk", "Configuration")
            )
        ]
    }

    private var openFiles: [Finding] {
        let (open, limit) = (now("open_descriptors"), now("descriptor_limit"))
        let seen = "\(open) of \(limit) are open."
        guard limit > 0, open * 10 >= limit * 8 else { return [Finding(name: "open files", status: .ok, seen: seen)] }
        return [
            Finding(
                name: "open files",
                status: .warning,
                seen: seen,
                advice: "Raise ulimit -n, or lower limits.connections.",
                link: ("/ui/configuration?q=connections", "Configuration")
            )
        ]
    }

    private var log: [Finding] {
        let bytes = now("wal_bytes")
        let seen = "The write-ahead log has \(Format.bytes(bytes))."
        guard bytes >= 256 << 20 else { return [Finding(name: "database", status: .ok, seen: seen)] }
        return [
            Finding(
                name: "database",
                status: .warning,
                seen: seen,
                advice: "It can't be emptied while a backup is copied. If none is, look at the agent's log."
            )
        ]
    }

    private var exposure: [Finding] {
        guard let host = settings["host"] else { return [] }
        guard host != "localhost", host != "::1", !host.hasPrefix("127.") else {
            return [Finding(name: "encryption", status: .ok, seen: "The agent listens on this machine only (\(host)).")]
        }
        return [
            Finding(
                name: "encryption",
                status: .warning,
                seen: "The agent listens at \(host), beyond this machine, without TLS.",
                isChosen: true,
                advice: "Put a proxy in front that ends TLS, and let the agent listen at 127.0.0.1.",
                link: ("/ui/configuration?q=host", "Configuration")
            )
        ]
    }
}
