import ArgumentParser
import Foundation
import InvokeModel
import InvokeWire

/// `invoke-agent service init`.
struct ServiceInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the definition of a service from a script or an executable.",
        discussion: """
            A script becomes part of the definition, and runs with what its first line or its ending says; a program of \
            the machine is run where it is. The service has one operation, `run`, with one input, which the program \
            reads from standard input, and one output, what it writes. The definition works as it is; the input and the \
            output can then be given their real names and types.

            Example:
              invoke-agent service init upper.sh
              invoke-agent service register upper.yaml
              invoke-agent run upper input=hello
            """
    )

    @Argument(help: ArgumentHelp("A script, or the path or name of a program.", valueName: "program"))
    var program: String

    @Option(help: "The service's name. (default: the program's)")
    var name: String?

    @Option(
        name: [.customShort("f"), .long],
        help: "Where to write the definition; - for standard output. (default: NAME.yaml)"
    )
    var file: String?

    @Flag(help: "The input is a file: an asset instead of a text.")
    var asset = false

    @Flag(help: "Write over a definition that is there.")
    var force = false

    func run() async throws {
        try await Failure.told {
            let template = try ServiceTemplate(program, name: name, takesAsset: asset)
            let yaml = template.definition.yaml
            guard file != "-" else { return Terminal.write(yaml) }
            let file = file ?? "\(template.name).yaml"
            guard force || !FileManager.default.fileExists(atPath: file) else {
                throw Failure(
                    status: .refused,
                    message: "\(file) is there already; nothing was changed.",
                    advice: "choose another --file, or write over it with --force"
                )
            }
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
            Terminal.tell("Wrote \(file). Next:")
            Terminal.tell("  invoke-agent service register \(file)")
            Terminal.tell("  invoke-agent run \(template.name) input=\(asset ? "@FILE" : "hello")")
        }
    }
}
