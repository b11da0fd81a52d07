import Foundation
import InvokeClient
import InvokeModel

/// One `name=value` of a call: a text, `@file`, `-` for standard input, or the DID of an asset.
struct InputArgument {
    let name: String
    /// What was typed behind the `=`.
    let text: String

    init(_ argument: String) throws {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw Failure(
                status: .refused,
                message: "\"\(argument)\" is no input.",
                advice: "write name=value, name=@file, name=- for standard input, or name=did:… for an asset"
            )
        }
        name = String(parts[0])
        text = String(parts[1])
    }

    var isStandardInput: Bool { text == "-" }

    /// Whether the value is an asset that is still to be uploaded.
    func isUpload(for input: AgentOperation.Input) -> Bool {
        input.type == "asset" && (isStandardInput || file != nil)
    }

    /// The value as the agent takes it.
    func value(for input: AgentOperation.Input) throws -> JSON {
        guard input.type != "asset" else { return try asset() }
        let text = try isStandardInput || file != nil ? String(decoding: bytes(), as: UTF8.self) : plain
        guard input.type == "json" else { return .string(text) }
        guard let value = try? JSON(parsing: text) else {
            throw Failure(
                status: .refused,
                message: "the input \(name) has to be JSON, and \"\(text.prefix(40))\" is not.",
                advice: "a text is written with its quotes: \(name)='\"text\"'"
            )
        }
        return value
    }

    private func asset() throws -> JSON {
        if DID(text) != nil || Hex32(text) != nil { return ["did": .string(text)] }
        throw Failure(
            status: .refused,
            message: "the input \(name) has to be an asset, and \"\(text.prefix(80))\" is none.",
            advice: FileManager.default.fileExists(atPath: text)
                ? "to upload the file, write \(name)=@\(text)" : "write \(name)=@file, or \(name)=did:…"
        )
    }

    /// Uploads the file, or what standard input has, and gives the value that names the asset.
    func upload(for input: AgentOperation.Input, on agent: AgentClient, _ progress: ProgressLine) async throws -> JSON {
        defer { progress.clear() }
        let metadata = input.contentType.map { ["contentType": .string($0)] as JSON } ?? [:]
        let name = name
        if let file {
            guard FileManager.default.isReadableFile(atPath: file) else { throw unreadable(file) }
            return ["did": .string(try await agent.upload(file, metadata: metadata) { progress.show($0, of: name) })]
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "invoke-agent-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let spooled = folder.appending(path: name)
        try bytes().write(to: spooled)
        return [
            "did": .string(try await agent.upload(spooled.path, metadata: metadata) { progress.show($0, of: name) })
        ]
    }

    private var file: String? { text.hasPrefix("@") && !text.hasPrefix("@@") ? String(text.dropFirst()) : nil }

    /// A text that begins with an `@` is written with two.
    private var plain: String { text.hasPrefix("@@") ? String(text.dropFirst()) : text }

    private func bytes() throws -> Data {
        guard let file else { return try FileHandle.standardInput.readToEnd() ?? Data() }
        guard let bytes = FileManager.default.contents(atPath: file) else { throw unreadable(file) }
        return bytes
    }

    private func unreadable(_ file: String) -> Failure {
        Failure(status: .refused, message: "the file \(file) of the input \(name) can't be read.")
    }
}
