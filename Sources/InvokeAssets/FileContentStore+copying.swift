package import InvokeModel

/// What became of a content that was to be copied.
package enum CopiedContent: Sendable, Hashable {
    /// In bytes.
    case whole(Int)
    /// It is not there.
    case gone
    /// It is not what its name says, or can't be read.
    case damaged
}

extension FileContentStore {
    /// Copies a content from another store, and measures it on the way.
    /// - Throws: `FileFault` when the copy can't be written.
    package func copy(_ hash: Hex32, from source: FileContentStore) async throws -> CopiedContent {
        let path = source.location(of: hash)
        do {
            return .whole(try await keep(fileAt: path, expecting: hash).size)
        } catch is ContentMismatch {
            return .damaged
        } catch let fault as FileFault where fault.path == path {
            return fault.isMissing ? .gone : .damaged
        }
    }

    /// Measures a content that lies here.
    package func examine(_ hash: Hex32) async throws -> CopiedContent {
        let path = location(of: hash)
        do {
            let file = try OpenFile(reading: path)
            defer { file.close() }
            var (measured, size) = (ContentHash(), 0)
            try await Self.readAll(file) { bytes in
                measured.update(bytes)
                size += bytes.count
            }
            return measured.finish() == hash ? .whole(size) : .damaged
        } catch let fault as FileFault {
            return fault.isMissing ? .gone : .damaged
        }
    }
}
