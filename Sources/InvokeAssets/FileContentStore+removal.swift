import Foundation
package import InvokeModel

extension FileContentStore {
    /// Holds what is brought from now on, until its rows are written.
    package func hold() -> ContentHold { ContentHold(ledger) }

    /// Removes a content that nothing names.
    ///
    /// Whoever brings the same content meanwhile keeps it, however the two meet. `isNamed` tells whether some row names
    /// it, and is asked once nobody holds it.
    /// - Returns: whether that is settled: false when somebody holds the content, who may yet name it.
    package func remove(_ hash: Hex32, unless isNamed: () async throws -> Bool) async throws -> Bool {
        guard ledger.beginRemoval(of: hash) else { return false }
        do {
            guard try await !isNamed() else {
                ledger.giveUpRemoval(of: hash)
                return true
            }
        } catch {
            ledger.giveUpRemoval(of: hash)
            throw error
        }
        let (ledger, path) = (ledger, location(of: hash))
        return try await Self.blocking {
            try ledger.endRemoval(of: hash) {
                guard unlink(path) == 0 || errno == ENOENT else { throw FileFault("unlink", path) }
            }
        }
    }

    /// The contents on the disk whose hashes begin with a byte.
    package func hashes(beginningWith byte: UInt8) async throws -> [Hex32] {
        let prefix = [byte].hexadecimal
        let folder = "\(root)/\(prefix)"
        return try await Self.blocking {
            guard FileManager.default.fileExists(atPath: folder) else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Hex32(prefix + $0) }
        }
    }
}
