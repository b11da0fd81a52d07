import Foundation
package import InvokeModel
import NIOPosix

/// The contents of assets, as files named by their SHA3-256: `<root>/ab/cdef…`.
///
/// A file is written under a passing name, synced, and only then given its own: whatever bears a hash is whole, and
/// on the disk. Files are never changed again, so a job may be given a hard link.
///
/// A content stays for as long as some row names it. Whoever brings one for a row to come does so in a `ContentHold`.
package struct FileContentStore: Sendable {
    let root: String
    let ledger = ContentLedger()

    /// The folder is made when it is not there; unfinished files of earlier runs are removed.
    package init(root: String) throws {
        self.root = root
        try? FileManager.default.removeItem(atPath: root + "/incoming")
        try FileManager.default.createDirectory(
            atPath: root + "/incoming",
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    /// A store that is only read: its unfinished files may be another program's, which is still writing them.
    package init(reading root: String) { self.root = root }

    /// A new content that is written piece by piece.
    package func begin() async throws -> ContentWriter {
        let path = "\(root)/incoming/\(UUID().uuidString)"
        return try await ContentWriter(path: path, store: self)
    }

    /// Keeps bytes at hand.
    package func keep(_ bytes: [UInt8]) async throws -> ContentReference {
        var writer = try await begin()
        try await writer.write(bytes)
        return try await writer.finish(expecting: nil)
    }

    /// Keeps a copy of a file.
    /// - Throws: `ContentMismatch` when it is not what is expected, and `FileFault`; nothing is kept then.
    package func keep(fileAt path: String, expecting expected: Hex32? = nil) async throws -> ContentReference {
        let file = try OpenFile(reading: path)
        defer { file.close() }
        var writer = try await begin()
        do {
            try await Self.readAll(file) { try await writer.write($0) }
            return try await writer.finish(expecting: expected)
        } catch {
            writer.discard()
            throw error
        }
    }

    /// Keeps a copy of a file, and measures its MD5, as the object store's clients know contents: in hexadecimal.
    package func keepMeasured(fileAt path: String) async throws -> (content: ContentReference, md5: String) {
        let content = try await keep(fileAt: path)
        var md5 = ContentDigest(.md5)
        let file = try OpenFile(reading: path)
        defer { file.close() }
        try await Self.readAll(file) { md5.update($0) }
        return (content, md5.finish().hexadecimal)
    }

    /// Where the content is, or nil when it is not here.
    package func path(of hash: Hex32) -> String? {
        let path = location(of: hash)
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// A part of a content that is here.
    package func bytes(of hash: Hex32, _ range: Range<Int>) async throws -> [UInt8] {
        try await Self.bytes(ofFileAt: location(of: hash), range)
    }

    /// As much of a part of any file as there is.
    package static func bytes(ofFileAt path: String, _ range: Range<Int>) async throws -> [UInt8] {
        try await blocking {
            let file = try OpenFile(reading: path)
            defer { file.close() }
            return try file.read(range)
        }
    }

    /// Puts a content where a job's program will find it, readable for anyone who can reach the folder: a hard link
    /// where the file system allows, else a copy.
    package func stage(_ hash: Hex32, at path: String) async throws {
        let source = location(of: hash)
        try await Self.blocking {
            if link(source, path) == 0 { return }
            guard errno == EXDEV || errno == EPERM || errno == EMLINK else { throw FileFault("link", path) }
            try FileManager.default.copyItem(atPath: source, toPath: path)
            guard chmod(path, 0o444) == 0 else { throw FileFault("chmod", path) }
        }
    }

    func location(of hash: Hex32) -> String {
        let name = hash.description
        return "\(root)/\(name.prefix(2))/\(name.dropFirst(2))"
    }

    /// Gives a whole, synced file its name, and makes the name last.
    fileprivate func adopt(_ path: String, as hash: Hex32) throws {
        let target = location(of: hash)
        let folder = (target as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        guard rename(path, target) == 0 else { throw FileFault("rename", target) }
        for folder in [folder, root] { try OpenFile(reading: folder).syncAndClose() }
    }

    /// Takes a file piece by piece, to its end.
    static func readAll(_ file: OpenFile, _ take: ([UInt8]) async throws -> Void) async throws {
        while case let bytes = try await blocking({ try file.read(atMost: 1 << 20) }), !bytes.isEmpty {
            try await take(bytes)
        }
    }

    /// Runs a call that waits for the disk away from the threads that serve requests.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await NIOThreadPool.singleton.runIfActive(body)
    }

    /// A content being written; dropping it without `finish` leaves only a passing file, which `discard` removes.
    package struct ContentWriter {
        private let file: OpenFile
        private let path: String
        private let store: FileContentStore
        private var hash = ContentHash()
        /// Bytes so far.
        package private(set) var size = 0

        fileprivate init(path: String, store: FileContentStore) async throws {
            self.path = path
            self.store = store
            file = try await FileContentStore.blocking { try OpenFile(creating: path) }
        }

        package mutating func write(_ bytes: [UInt8]) async throws {
            hash.update(bytes)
            size += bytes.count
            let file = file
            try await FileContentStore.blocking { try file.write(bytes) }
        }

        /// What has been written so far; for contents that are known to be small.
        package func bytes() async throws -> [UInt8] {
            let (path, size) = (path, size)
            return try await FileContentStore.blocking {
                let file = try OpenFile(reading: path)
                defer { file.close() }
                return size == 0 ? [] : try file.read(atMost: size)
            }
        }

        /// Syncs the file and names it.
        /// - Throws: `ContentMismatch` when the content is not the expected one; nothing is kept then.
        package func finish(expecting expected: Hex32?) async throws -> ContentReference {
            let reference = ContentReference(hash: hash.finish(), size: size)
            guard expected == nil || expected == reference.hash else {
                discard()
                throw ContentMismatch(found: reference.hash)
            }
            ContentHold.current?.add(reference.hash)
            store.ledger.arrives(reference.hash, isHeld: ContentHold.current != nil)
            let (file, path, store) = (file, path, store)
            try await FileContentStore.blocking {
                try file.syncAndClose()
                try store.adopt(path, as: reference.hash)
            }
            return reference
        }

        /// Gives up; nothing is kept.
        package func discard() {
            file.close()
            unlink(path)
        }
    }
}

/// Content that is not what its metadata promises.
package struct ContentMismatch: Error {
    package let found: Hex32
}
