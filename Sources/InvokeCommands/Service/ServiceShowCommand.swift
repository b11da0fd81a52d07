import OrderedCollections
import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent service show`.
struct ServiceShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a service and its operations.",
        discussion: """
            Example:
              invoke-agent service show word-count
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The service's name.") var service: String

    func run(_ agent: AgentClient) async throws {
        try Registration(try await agent.service(service)).print(output)
    }
}

/// A service as the agent tells it: to be shown without its secret, with its operations in a table of their own.
struct Registration {
    private let json: JSON

    init(_ json: JSON) {
        var members = json.object ?? [:]
        members["token"] = nil
        self.json = .object(members)
    }

    func print(_ output: OutputOptions) throws {
        Printer(output, .registeredService).print(json)
        guard output.output == .table, output.fields == nil, let service = json.member(at: "service.name")?.string
        else {
            return
        }
        let operations = (json["operations"]?.object ?? [:]).map { name, operation -> JSON in
            ["name": .string("\(service)/\(name)"), "did": operation["did"] ?? .null]
        }
        Printer(output, View(id: "did", View.Column("Operation", "name"), View.Column("DID", "did"))).print(operations)
    }
}
