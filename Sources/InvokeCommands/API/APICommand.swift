import ArgumentParser
import Foundation
import InvokeClient
import InvokeModel

/// `invoke-agent api`.
struct APICommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "api",
        abstract: "Make any call of the agent's, as you are logged in.",
        discussion: """
            The body comes from --data, from a file (--data @file) or from standard input (--data -). The answer goes to \
            standard output as it came. What can be called: the agent's /openapi.json.

            Examples:
              invoke-agent api GET /operations
              invoke-agent api POST /invokeasync/DID --data '{"text":"hello"}'
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "GET, POST, PUT or DELETE.") var method: String
    @Argument(help: "The path, from the slash on.") var path: String
    @Option(name: .shortAndLong, help: "The body: text, @file, or - for standard input.") var data: String?
    @Option(name: [.customShort("H"), .long], help: ArgumentHelp("A header of the request.", valueName: "name: value"))
    var header: [String] = []

    func validate() throws {
        guard path.hasPrefix("/") else { throw ValidationError("the path begins with a slash: /\(path)") }
    }

    func run(_ agent: AgentClient) async throws {
        var headers = try header.map { text in
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else {
                throw Failure(status: .refused, message: "--header has to be \"name: value\", not \"\(text)\".")
            }
            return (name: String(parts[0]), value: parts[1].trimmingCharacters(in: .whitespaces))
        }
        let body = try data.map(body)
        if body != nil, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("content-type", "application/json"))
        }
        let answer = try await agent.send(method.uppercased(), path, headers: headers, body: body)
        FileHandle.standardOutput.write(Data(answer.body))
        if Terminal.isOutput, answer.body.last != UInt8(ascii: "\n") { Terminal.write("\n") }
    }

    private func body(_ text: String) throws -> [UInt8] {
        if text == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
        guard text.hasPrefix("@") else { return Array(text.utf8) }
        guard let bytes = FileManager.default.contents(atPath: String(text.dropFirst())) else {
            throw Failure(status: .refused, message: "the file \(text.dropFirst()) can't be read.")
        }
        return Array(bytes)
    }
}
