import InvokeModel

/// Talks to a cluster by Slurm's own commands.
final class SlurmCommands: SlurmController {
    private let tools: SlurmTools
    private let threads = AttemptThreads()
    private let gate = Gate(places: 8)

    init(_ tools: SlurmTools) { self.tools = tools }

    func submit(_ request: SlurmRequest) async throws -> Int {
        let ended = try await run("sbatch", Self.arguments(request))
        // `17`, or `17;cluster`.
        if ended.code == 0, let job = Int(ended.output.prefix { $0.isNumber }) { return job }
        let last = ended.errors.split(separator: "\n").last.map(String.init) ?? "it says nothing"
        let text = "sbatch refuses a job of \(request.demand): \(last)"
        guard ended.code != nil, !Self.isUnanswered(last) else { throw SlurmFault.unanswered(text) }
        throw Self.isForEver(last) ? SlurmFault.refused(text) : SlurmFault.away(text)
    }

    func jobs() async throws -> [SlurmJob] {
        let format = "--format=%i|%T|%N|%r|%j"
        return Self.jobs(try await tell("squeue", ["--noheader", "--me", "--states=all", "--array", format]))
    }

    func cancel(_ job: SlurmJobNumber) async throws {
        // It says nothing of a job that has ended.
        _ = try await tell("scancel", ["--quiet", "\(job)"])
    }

    func cluster() async throws -> SlurmCluster {
        let format = ["NodeList", "CPUsState", "Memory", "AllocMem", "Gres", "GresUsed", "StateLong"]
        let columns = format.map { "\($0):|" }.joined(separator: ",")
        let nodes = try await tell("sinfo", ["--noheader", "--Node", "--Format=\(columns)"])
        let version = try await tell("sinfo", ["--version"])
        return Self.cluster(nodes, version: version)
    }
}

extension SlurmCommands {
    /// One word each, so that nothing in a value is taken for another option.
    static func arguments(_ request: SlurmRequest) -> [String] {
        let demand = request.demand
        var arguments = [
            "--parsable", "--no-requeue", "--export=ALL", "--ntasks=1", "--input=/dev/null",
            "--job-name=\(request.name)", "--comment=\(request.comment)", "--chdir=\(request.folder)",
            "--output=\(request.log)", "--cpus-per-task=\(demand.cpus)", "--mem=\(demand.memory)M",
            "--time=\(demand.timeLimit)",
        ]
        if demand.gpus > 0 { arguments.append("--gres=gpu:\(demand.gpus)") }
        if let partition = demand.options.partition { arguments.append("--partition=\(partition)") }
        if let account = demand.options.account { arguments.append("--account=\(account)") }
        if let constraint = demand.options.constraint { arguments.append("--constraint=\(constraint)") }
        if let tasks = request.tasks { arguments.append("--array=0-\(tasks - 1)") }
        return arguments + [request.scriptPath]
    }

    /// Reads lines of number, state, nodes, reason and name.
    static func jobs(_ text: String) -> [SlurmJob] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 5, let id = SlurmJobNumber(parts[0]) else { return nil }
            return SlurmJob(id: id, name: parts[4], states: [parts[1]], reason: parts[3], nodes: parts[2])
        }
    }

    /// Reads lines of name, CPUs as used/idle/other/all, memory, used memory, devices, used devices and state; a node of
    /// two partitions comes twice.
    static func cluster(_ text: String, version: String) -> SlurmCluster {
        var cluster = SlurmCluster(version: version.split(whereSeparator: \.isWhitespace).last.map(String.init))
        var seen: Set<String> = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard parts.count >= 7, seen.insert(parts[0]).inserted else { continue }
            let cpus = parts[1].split(separator: "/").map { Int($0) ?? 0 }
            cluster.add(
                SlurmNode(
                    isDown: parts[6].hasPrefix("down"),
                    cpus: cpus.last ?? 0,
                    usedCPUs: cpus.first ?? 0,
                    memory: Int(parts[2]) ?? 0,
                    usedMemory: Int(parts[3]) ?? 0,
                    gres: parts[4],
                    usedGres: parts[5]
                )
            )
        }
        return cluster
    }

    /// Whether the controller may have got the request.
    private static func isUnanswered(_ complaint: String) -> Bool {
        ["Socket timed out", "Zero Bytes were transmitted", "Unexpected message received"].contains {
            complaint.contains($0)
        }
    }

    private static func isForEver(_ complaint: String) -> Bool {
        let passing = ["Unable to contact", "policy", "Slurm backup controller", "Unspecified error", "Protocol auth"]
        return !passing.contains { complaint.contains($0) }
    }

    /// What a command prints.
    private func tell(_ name: String, _ arguments: [String]) async throws -> String {
        let ended = try await run(name, arguments)
        guard ended.code == 0 else {
            let last = ended.errors.split(separator: "\n").last ?? "it says nothing"
            throw SlurmFault.away("\(tools.folder)/\(name) fails: \(last). Can this machine reach the controller?")
        }
        return ended.output
    }

    private func run(_ name: String, _ arguments: [String]) async throws -> CommandRun.Ended {
        var environment = ["PATH=/usr/local/bin:/usr/bin:/bin"]
        if let path = tools.configuration { environment.append("SLURM_CONF=\(path)") }
        let command = CommandRun(
            path: "\(tools.folder)/\(name)",
            arguments: arguments,
            environment: environment,
            patience: .seconds(60)
        )
        await gate.enter()
        defer { gate.leave() }
        do {
            return try await command.end(on: threads)
        } catch {
            throw SlurmFault.away("Slurm's command can't be started: \(error).")
        }
    }
}
