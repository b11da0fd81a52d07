import ArgumentParser
import Foundation
import InvokeClient
import InvokeModel
import OrderedCollections

/// `invoke-agent asset put`.
struct AssetPutCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Upload files as assets, and print their ids.",
        discussion: """
            Example:
              invoke-agent asset put examples/iris/iris.csv --content-type text/csv
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The files.") var files: [String]
    @Option(help: "The asset's name. (default: the file's)") var name: String?
    @Option(help: "The media type of the content, such as text/csv.") var contentType: String?

    func run(_ agent: AgentClient) async throws {
        var metadata: OrderedDictionary<String, JSON> = [:]
        metadata["name"] = name.map(JSON.string)
        metadata["contentType"] = contentType.map(JSON.string)
        let progress = ProgressLine()
        for file in files {
            guard FileManager.default.isReadableFile(atPath: file) else {
                throw Failure(status: .refused, message: "the file \(file) can't be read.")
            }
            let id = try await agent.upload(file, metadata: .object(metadata)) { progress.show($0, of: file) }
            progress.clear()
            Printer(output, View(id: "id", View.Column("Asset", "id"))).print(["id": .string(id)])
        }
    }
}
