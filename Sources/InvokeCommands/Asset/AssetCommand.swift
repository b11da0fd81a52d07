import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent asset`: data, given and made.
struct AssetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "asset",
        abstract: "Upload, download and trace data.",
        subcommands: [
            AssetPutCommand.self, AssetGetCommand.self, AssetShowCommand.self, AssetListCommand.self,
            AssetProvenanceCommand.self, AssetRemoveCommand.self,
        ]
    )
}

extension View {
    static let asset = View(
        id: "id",
        Column("Asset", "id"),
        Column("Name", "name"),
        Column("Type", "type"),
        Column("Content", "contentType"),
        Column("Size", "size")
    )
}
