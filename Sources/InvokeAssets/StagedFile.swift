/// A file for a job's program, written piece by piece: readable for anyone who can reach its folder.
package struct StagedFile: Sendable {
    private let file: OpenFile

    /// - Throws: `FileFault`, also when there is a file already.
    package init(at path: String) async throws {
        file = try await FileContentStore.blocking { try OpenFile(creating: path) }
    }

    package func write(_ bytes: [UInt8]) async throws {
        let file = file
        try await FileContentStore.blocking { try file.write(bytes) }
    }

    package func close() { file.close() }
}
