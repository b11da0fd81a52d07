import ArgumentParser

/// `invoke-agent service validate`.
struct ServiceValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a definition without an agent: every fault, and where it is.",
        discussion: """
            Example:
              invoke-agent service validate examples/hash/service.yaml
            """
    )

    @Argument(help: ArgumentHelp("The definition, YAML or JSON; - for standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        try await Failure.told {
            let definition = try DefinitionFile(file)
            Terminal.write("\(file) defines the service \(definition.name).\n")
        }
    }
}
