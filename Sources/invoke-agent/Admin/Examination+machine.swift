import Foundation
import InvokeExecution
import InvokeHTTP
import InvokeModel
import InvokeOutbound
import InvokeStore
import Logging

extension Examination {
    func disk() -> Finding {
        let isThere = DataDirectory.exists(folder.path)
        let place = isThere ? folder.path : (folder.path as NSString).deletingLastPathComponent
        guard let room = DiskSpace(folder: place, mark: settings.diskLowWater).room else {
            return .warning("disk", "the system does not tell how much is left at \(place)", "look at df")
        }
        let seen = "\(room.left >> 20) MiB left, of which \(room.mark >> 20) MiB have to be"
        let advice = "make room, or set limits.disk_low_water; below it no new job is taken"
        if room.left < room.mark { return .failed("disk", seen, advice) }
        return room.left < 2 * room.mark ? .warning("disk", seen, advice) : .ok("disk", seen)
    }

    /// Jobs run as users of their own, who have to get to their folders.
    func workFolder() -> Finding {
        let path = settings.workFolders(folder).disk
        var place = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent()
        while true {
            if FileStatus(of: place.path)?.isPassable == false {
                return .failed(
                    "work folder",
                    "other users can't pass through \(place.path) to \(path)",
                    "chmod o+x \(place.path), or choose another work_dir"
                )
            }
            guard place.path != "/" else { return .ok("work folder", path) }
            place = place.deletingLastPathComponent()
        }
    }

    /// What the agent itself does at its start, in a folder of its own.
    func sandbox() async -> Finding {
        let root = "/var/tmp/invoke-agent-doctor-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let sandbox: Sandbox = settings.engines.sandbox
        switch await SandboxProbe(root: root, sandbox: sandbox).availability() {
        case .unavailable(let reason):
            return .failed("sandbox", reason, "docs/operator.md, The sandbox; until then jobs end with 8206")
        case .available where sandbox == .none:
            return .warning(
                "sandbox",
                "there is none: programs can read what their user can",
                "set engines.process.sandbox to bubblewrap unless you trust every provider as yourself"
            )
        case .available: return .ok("sandbox", "a trial program ran in it")
        }
    }

    /// Whether the engines beside this machine's own processes can be reached.
    func engines() async -> [Finding] {
        let engines = settings.engines.executors(
            agent: .random(),
            folder: settings.workFolders(folder).disk,
            availability: .available,
            killGrace: settings.killGrace,
            // Nothing is run.
            publicURL: { "" },
            logger: Logger(label: "doctor")
        )
        return await engines.conditions().filter { $0.engine != .process }.map { engine, condition in
            let name = "engine \(engine.rawValue)"
            guard let fault = condition.fault else { return .ok(name, condition.version ?? "it answers") }
            return .failed(
                name,
                fault,
                "docs/engines.md; until then its jobs wait, or run by the next engine they name"
            )
        }
    }

    func openFiles() -> Finding {
        let files = OpenFiles.raiseLimit()
        let seen = "\(files) may be open at once"
        guard files >= Wiring.fewestFiles else {
            return .failed("open files", seen, "raise ulimit -n to \(Wiring.fewestFiles) at least")
        }
        guard settings.edge.connections <= files / 2 else {
            return .warning(
                "open files",
                "\(seen), too few for \(settings.edge.connections) connections",
                "raise ulimit -n to \(2 * settings.edge.connections)"
            )
        }
        return .ok("open files", seen)
    }

    /// Who answers where the agent listens, or is to listen.
    func address(_ holder: FolderHolder) async -> Finding {
        let name = "address"
        guard settings.port != 0 else { return .ok(name, "any free port; the ready line tells which") }
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][settings.host] ?? settings.host
        let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(settings.port)"
        guard let health = await get("\(url)/health", on: host) else {
            guard holder.isHeld else { return .ok(name, "nobody listens at \(url)") }
            return .failed(
                name,
                "an agent has the data folder, but none answers at \(url)",
                "give the options that the agent has; if they are right, restart it"
            )
        }
        guard health.status == 200, let version = health.json?["version"]?.string else {
            return .failed(name, "something else answers at \(url)", "choose another port")
        }
        guard holder.isHeld else {
            return .failed(
                name,
                "an agent (\(version)) answers at \(url), but has another data folder",
                "check --data-dir, or choose another port"
            )
        }
        let ready = await get("\(url)/ready", on: host)
        guard ready?.status == 200 else {
            let reason = ready?.json?["detail"]?.string ?? "it says nothing"
            return .failed(name, "the agent at \(url) takes no work: \(reason)", "look at its log")
        }
        return .ok(name, "an agent (\(version)) answers at \(url) and is ready")
    }

    var exposure: Finding? {
        guard !Settings.isLoopback(settings.host) else { return nil }
        return .warning(
            "encryption",
            "the agent listens at \(settings.host), beyond this machine, without TLS",
            "put a proxy in front that ends TLS, and let the agent listen at 127.0.0.1"
        )
    }

    private func get(_ url: String, on host: String) async -> (status: UInt, json: JSON?)? {
        do {
            let outbound = try OutboundGuard(allowing: [host])
            let client = OutboundClient(
                userAgent: "invoke-agent/\(agentVersion)",
                connectTimeout: .seconds(3),
                logger: Logger(label: "doctor")
            )
            let request = OutboundRequest(.get, headers: [("accept", "application/json")])
            let destination = try outbound.check(url)
            let answer = try await client.send(request, to: destination, through: outbound, within: .seconds(10))
            return (answer.status, try? JSON(parsing: answer.body))
        } catch {
            return nil
        }
    }
}
