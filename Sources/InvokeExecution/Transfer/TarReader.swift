/// Takes a tar archive apart as it arrives.
struct TarReader: Sendable {
    enum Part {
        /// A file or a folder begins; entries of other kinds are left out with their content.
        case entry(TarHeader)
        /// Bytes of the file that has begun.
        case content(ArraySlice<UInt8>)
    }

    /// Bytes that have arrived and belong to a block that is not whole.
    private var rest: [UInt8] = []
    private var current: TarHeader?
    /// Bytes of the current content, and of what fills its last block, that are still to come.
    private var content = 0
    private var filling = 0
    /// The content of an entry that only tells about the next one.
    private var told: [UInt8] = []
    private var nextPath: [UInt8]?
    private var nextSize: Int?
    /// Whether the archive's end has been seen.
    private(set) var isComplete = false

    /// Bytes of a path, and of all that is told about one entry.
    private static let longestTold = 1 << 20

    /// - Throws: `TarFault`, and what `pass` throws.
    mutating func take(_ bytes: [UInt8], _ pass: (Part) throws -> Void) throws {
        var bytes = bytes[...]
        while !bytes.isEmpty, !isComplete {
            if content > 0 {
                let piece = bytes.prefix(content)
                content -= piece.count
                bytes = bytes.dropFirst(piece.count)
                try takeContent(piece, pass)
                if content == 0 { try endContent() }
            } else if filling > 0 {
                let count = min(filling, bytes.count)
                filling -= count
                bytes = bytes.dropFirst(count)
            } else {
                let piece = bytes.prefix(TarHeader.block - rest.count)
                rest += piece
                bytes = bytes.dropFirst(piece.count)
                guard rest.count == TarHeader.block else { return }
                try begin(rest[...], pass)
                rest.removeAll(keepingCapacity: true)
            }
        }
    }

    private mutating func begin(_ block: ArraySlice<UInt8>, _ pass: (Part) throws -> Void) throws {
        guard block.contains(where: { $0 != 0 }) else {
            isComplete = true
            return
        }
        var header = try TarHeader(reading: block)
        switch header.kind {
        case .longName, .longTarget, .extended:
            guard header.size <= Self.longestTold else { throw TarFault("What is told about an entry is too long.") }
        case .file, .folder, .link, .symbolicLink, nil:
            header.path = nextPath ?? header.path
            header.size = nextSize ?? header.size
            (nextPath, nextSize) = (nil, nil)
            if header.kind == .file || header.kind == .folder { try pass(.entry(header)) }
        }
        current = header
        content = header.size
        filling = TarHeader.filling(after: header.size).count
    }

    private mutating func takeContent(_ piece: ArraySlice<UInt8>, _ pass: (Part) throws -> Void) throws {
        switch current?.kind {
        case .file: try pass(.content(piece))
        case .longName, .extended: told += piece
        case .folder, .link, .symbolicLink, .longTarget, nil: break
        }
    }

    private mutating func endContent() throws {
        switch current?.kind {
        case .longName: nextPath = Array(told.prefix { $0 != 0 })
        case .extended: try readRecords()
        case .file, .folder, .link, .symbolicLink, .longTarget, nil: break
        }
        told = []
    }

    /// Records are `12 path=a/b\n`, where the number counts the whole record.
    private mutating func readRecords() throws {
        var rest = told[...]
        while let blank = rest.firstIndex(of: 0x20) {
            guard let length = Int(String(decoding: rest[..<blank], as: UTF8.self)),
                length > blank - rest.startIndex + 1,
                length <= rest.count
            else { throw TarFault("What is told about an entry can't be read.") }
            let record = rest[(blank + 1)..<(rest.startIndex + length - 1)]
            rest = rest.dropFirst(length)
            guard let sign = record.firstIndex(of: 0x3D) else { continue }
            let value = Array(record[(sign + 1)...])
            switch String(decoding: record[..<sign], as: UTF8.self) {
            case "path": nextPath = value
            case "size": nextSize = Int(String(decoding: value, as: UTF8.self)).flatMap { $0 >= 0 ? $0 : nil }
            default: break
            }
        }
    }
}
