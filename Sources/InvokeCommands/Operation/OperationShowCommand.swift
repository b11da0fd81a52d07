import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent operation show`.
struct OperationShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what an operation takes, gives and costs, and how to run it.",
        discussion: """
            The operation is a DID, service/operation, or the name of a service that has one.

            Example:
              invoke-agent operation show word-count
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The operation.") var operation: String

    func run(_ agent: AgentClient) async throws {
        let operation = try await agent.operation(meant: operation)
        Printer(output, .wholeOperation).print(operation.json)
        guard output.output == .table, Terminal.isOutput else { return }
        let inputs = operation.inputs.map { " \($0.name)=\($0.type == "asset" ? "@FILE" : $0.type.uppercased())" }
        Terminal.tell("Run it: invoke-agent run \(operation.service)/\(operation.name)\(inputs.joined())")
    }
}

extension View {
    static let wholeOperation = View(
        id: "did",
        Column("Operation", "name"),
        Column("Service", "service"),
        Column("Version", "version"),
        Column("Description", "description"),
        Column("DID", "did"),
        Column("Modes", "modes"),
        Column("Inputs", "inputs"),
        Column("Outputs", "outputs"),
        Column("Price", "price"),
        Column("Statistics", "statistics")
    )
}
