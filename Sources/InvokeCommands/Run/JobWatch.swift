import OrderedCollections
import ArgumentParser
import Foundation
import InvokeClient
import InvokeModel
import UnixSignals

/// Follows a job to its end, shows how it goes, and prints what it came to.
struct JobWatch {
    let agent: AgentClient
    let job: String
    let output: OutputOptions
    /// The folder for the assets it makes.
    var save: String?
    let progress: ProgressLine

    private enum Outcome: Sendable {
        case ended(AgentJob)
        case detached
    }

    /// Ctrl-C and the end of the time leave the job alone.
    func run(atMost limit: Duration? = nil) async throws {
        let outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask { .ended(try await follow()) }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint) { break }
                try Task.checkCancellation()
                return .detached
            }
            if let limit {
                group.addTask {
                    try await Task.sleep(for: limit)
                    return .detached
                }
            }
            defer { group.cancelAll() }
            guard let outcome = try await group.next() else { return Outcome.detached }
            return outcome
        }
        progress.clear()
        guard case .ended(let ended) = outcome else {
            Terminal.tell("Job \(job) goes on. Come back with: invoke-agent job watch \(job)")
            throw ExitStatus.stillRunning.code
        }
        try await tell(ended)
    }

    private func follow() async throws -> AgentJob {
        progress.show("job \(job): scheduled")
        return try await agent.follow(job) { event in
            switch event.name {
            case "log":
                for line in (event.data["text"]?.string ?? "").split(separator: "\n") {
                    progress.tell(Terminal.plain(line))
                }
            case "progress":
                progress.show(percent: event.data["percent"]?.int ?? 0, event.data["text"]?.string ?? "")
            default: progress.show("job \(job): \(event.data["status"]?.string ?? "")")
            }
        }
    }

    private func tell(_ ended: AgentJob) async throws {
        switch ended.state {
        case .succeeded:
            if output.output == .table, output.fields == nil {
                Printer(output, .outputs).print(ended.namedOutputs)
            } else {
                Printer(output, .job).print(ended.json)
            }
            try await saveAssets(of: ended)
        case .cancelled:
            throw Failure(
                status: .jobCancelled,
                message: "job \(job) was cancelled\(ended.failure.map { ": \($0)" } ?? ".")",
                advice: "run it again: invoke-agent job retry \(job)"
            )
        case .failed, .running, .scheduled:
            throw Failure(
                status: .jobFailed,
                message: "job \(job) failed: \(ended.failure ?? "nobody knows why.")",
                advice: "see what its program wrote: invoke-agent job logs \(job)"
            )
        }
    }

    private func saveAssets(of ended: AgentJob) async throws {
        guard let save else { return }
        try FileManager.default.createDirectory(atPath: save, withIntermediateDirectories: true)
        for (name, value) in ended.outputs.sorted(by: { $0.key < $1.key }) {
            guard let did = value["did"]?.string else { continue }
            // An agent that is not to be trusted must not choose where something is written.
            guard !name.contains("/"), name != ".." else {
                throw Failure(status: .failure, message: "\"\(name)\" is no name for a file in \(save).")
            }
            let file = "\(save)/\(name)"
            try await agent.download(did, to: file) { progress.show($0, of: name) }
            progress.clear()
            Terminal.tell("saved \(file)")
        }
    }
}

extension AgentJob {
    /// The outputs as rows of a table.
    var namedOutputs: [JSON] {
        (json["outputs"]?.object ?? [:]).map { name, value in
            ["name": .string(name), "value": value["did"] ?? value]
        }
    }
}

extension View {
    static let outputs = View(id: "value", Column("Output", "name"), Column("Value", "value"))
    static let job = View(
        id: "jobid",
        Column("Job", "jobid"),
        Column("Status", "status"),
        Column("Service", "service"),
        Column("Operation", "operation"),
        Column("Created", "created"),
        Column("Started", "started"),
        Column("Ended", "ended"),
        Column("Deadline", "deadline"),
        Column("Attempts", "attempts"),
        Column("Waiting", "waiting.detail"),
        Column("Progress", "progress"),
        Column("Outputs", "outputs"),
        Column("Error", "description")
    )
    static let jobs = View(
        id: "jobid",
        Column("Job", "jobid"),
        Column("Status", "status"),
        Column("Service", "service"),
        Column("Created", "created"),
        Column("Ended", "ended")
    )
}
