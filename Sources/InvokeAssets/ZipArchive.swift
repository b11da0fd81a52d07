package import InvokeModel

/// Writes files into one zip archive, uncompressed (APPNOTE 6.3, without its 64-bit extensions: what jobs leave is smaller).
package struct ZipArchive {
    private var writer: FileContentStore.ContentWriter
    private var directory: [UInt8] = []
    private var count: UInt16 = 0

    package init(to writer: FileContentStore.ContentWriter) { self.writer = writer }

    /// Adds a file under a name with `/` between its parts.
    /// - Throws: `FileFault` when it can't be read or written.
    package mutating func add(_ name: String, fileAt path: String) async throws {
        var checksum = ContentDigest(.crc32)
        var size = 0
        try await read(path) { bytes in
            checksum.update(bytes)
            size += bytes.count
        }
        let offset = writer.size
        var facts: [UInt8] = []
        facts.append(20 as UInt16)
        // Names are UTF-8.
        facts.append(1 << 11 as UInt16)
        // Stored as it is; made at the earliest time that can be told: the same files give the same archive.
        facts.append(0 as UInt16)
        facts.append(0 as UInt16)
        facts.append(0x21 as UInt16)
        facts += checksum.finish().reversed()
        facts.append(UInt32(size))
        facts.append(UInt32(size))
        facts.append(UInt16(name.utf8.count))
        facts.append(0 as UInt16)
        try await writer.write([0x50, 0x4B, 0x03, 0x04] + facts + Array(name.utf8))
        try await read(path) { try await writer.write($0) }

        directory += [0x50, 0x4B, 0x01, 0x02]
        directory.append(20 as UInt16)
        directory += facts
        // Neither a comment nor a second disk; a regular file.
        for _ in 0..<3 { directory.append(0 as UInt16) }
        directory.append(0 as UInt32)
        directory.append(UInt32(offset))
        directory += Array(name.utf8)
        count += 1
    }

    /// Ends the archive.
    package mutating func finish() async throws -> ContentReference {
        let offset = writer.size
        var end: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
        end.append(0 as UInt32)
        end.append(count)
        end.append(count)
        end.append(UInt32(directory.count))
        end.append(UInt32(offset))
        end.append(0 as UInt16)
        try await writer.write(directory + end)
        return try await writer.finish(expecting: nil)
    }

    package func discard() { writer.discard() }

    private func read(_ path: String, _ take: ([UInt8]) async throws -> Void) async throws {
        let file = try OpenFile(reading: path)
        defer { file.close() }
        while case let bytes = try await FileContentStore.blocking({ try file.read(atMost: 1 << 20) }), !bytes.isEmpty {
            try await take(bytes)
        }
    }
}

extension [UInt8] {
    /// Least significant byte first.
    fileprivate mutating func append(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
