import Glibc

/// A tar archive that is made while it is read.
package struct TarArchive: PieceSource {
    struct Entry: Sendable {
        var header: TarHeader
        /// The file with the content; nil for what has none.
        let path: String?
    }

    private var entries: ArraySlice<Entry>
    private var file: (path: String, descriptor: Descriptor)?
    /// Bytes of the open file that are still to be read, and what fills its last block.
    private var left = 0
    private var filling: [UInt8] = []
    private var isOver = false

    /// Bytes that are read at a time, of many small files too.
    static let piece = 256 << 10

    init(of entries: [Entry]) { self.entries = entries[...] }

    /// The next bytes; nil at the end.
    /// - Throws: `SystemFault`, also for a file that has become shorter.
    package mutating func next() throws(SystemFault) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < Self.piece, let part = try part() { bytes += part }
        return bytes.isEmpty ? nil : bytes
    }

    private mutating func part() throws(SystemFault) -> [UInt8]? {
        if let file, left > 0 {
            guard let bytes = readAll(file.descriptor.number, limit: min(left, Self.piece)) else {
                throw SystemFault("read", file.path)
            }
            guard !bytes.isEmpty else { throw SystemFault("read to its end", file.path, ENODATA) }
            left -= bytes.count
            return left == 0 ? bytes + filling : bytes
        }
        if let entry = entries.popFirst() {
            if let path = entry.path {
                file = (path, try Descriptor(reading: path))
                left = entry.header.size
                filling = TarHeader.filling(after: left)
            }
            return entry.header.blocks
        }
        guard !isOver else { return nil }
        isOver = true
        return [UInt8](repeating: 0, count: 2 * TarHeader.block)
    }
}

/// Something that is sent piece by piece, and read only then.
protocol PieceSource: Sendable {
    /// The next bytes; nil at the end.
    mutating func next() throws(SystemFault) -> [UInt8]?
}
