import ArgumentParser
import InvokeClient

/// A command that speaks to an agent.
protocol AgentCommand: AsyncParsableCommand {
    var connection: ConnectionOptions { get }

    func run(_ agent: AgentClient) async throws
}

extension AgentCommand {
    func run() async throws {
        try await Failure.told { try await run(connection.agent()) }
    }
}
