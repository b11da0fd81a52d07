import InvokeModel
import ArgumentParser
import Foundation
import InvokeClient

/// `invoke-agent job logs`.
struct JobLogsCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what a job's program has written.",
        discussion: """
            Example:
              invoke-agent job logs --follow 23811430911737856
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The job's id.") var job: String
    @Flag(name: .shortAndLong, help: "Go on until the job's end.") var follow = false

    func run(_ agent: AgentClient) async throws {
        guard follow else { return write(try await agent.log(of: job)) }
        try await agent.followLog(of: job) { event in
            if event.name == "log" { write(Array((event.data["text"]?.string ?? "").utf8)) }
        }
    }

    /// As it is into a pipe; on a terminal without what that would act on.
    private func write(_ bytes: [UInt8]) {
        guard Terminal.isOutput else { return FileHandle.standardOutput.write(Data(bytes)) }
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0)
        {
            Terminal.write(Terminal.plain(line) + "\n")
        }
    }
}
