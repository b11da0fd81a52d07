/// The block before each file of a tar archive, in the form that GNU's and busybox's tar read and write as well (POSIX
/// ustar, with GNU's long names and large sizes).
struct TarHeader: Sendable, Hashable {
    enum Kind: UInt8, Sendable {
        case file = 0x30
        /// A second name of a file that came before.
        case link = 0x31
        case symbolicLink = 0x32
        case folder = 0x35
        /// Its content is the path of the next entry (GNU).
        case longName = 0x4C
        /// Its content is the target of the next entry (GNU).
        case longTarget = 0x4B
        /// Its content are records `length key=value` for the next entry (POSIX).
        case extended = 0x78
    }

    /// Bytes: paths need not be text.
    var path: [UInt8]
    /// nil for what archives hold besides, such as devices.
    var kind: Kind?
    /// Bytes of the content that follows, before it is filled up to whole blocks.
    var size: Int
    /// The rights, such as 0o755.
    var mode = 0o644
    /// The numbers of the user and the group.
    var owner = 0
    var group = 0
    /// Seconds since 1970.
    var modified = 0
    /// Where a link leads; links are written, not read.
    var target: [UInt8] = []

    static let block = 512

    init(path: [UInt8], kind: Kind, size: Int = 0, mode: Int = 0o644) {
        self.path = path
        self.kind = kind
        self.size = size
        self.mode = mode
    }

    /// Reads a block.
    /// - Throws: `TarFault` when its checksum or its size is none.
    init(reading block: ArraySlice<UInt8>) throws(TarFault) {
        let bytes = Array(block)
        let sum = bytes.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        guard Self.number(bytes[148..<156]) == sum else { throw TarFault("It is no tar archive, or it is damaged.") }
        guard let size = Self.number(bytes[124..<136]), size >= 0 else { throw TarFault("A size is no number.") }
        let prefix = Self.text(bytes[345..<500])
        // GNU's own form has times where POSIX has the prefix of a path.
        let hasPrefix = bytes[257..<263].elementsEqual("ustar\0".utf8) && !prefix.isEmpty
        path = (hasPrefix ? prefix + [0x2F] : []) + Self.text(bytes[0..<100])
        kind = bytes[156] == 0 ? .file : Kind(rawValue: bytes[156])
        self.size = size
        mode = Self.number(bytes[100..<108]) ?? 0o644
    }

    /// The blocks that come before the content; more headers than one where the path or the target is long.
    var blocks: [UInt8] {
        var short = self
        short.path = Array(path.prefix(Self.longest))
        short.target = Array(target.prefix(Self.longest))
        return (path == short.path ? [] : Self.telling(path, .longName))
            + (target == short.target ? [] : Self.telling(target, .longTarget)) + short.bytes
    }

    /// Bytes of a path for which a header has room.
    private static let longest = 100

    private static func telling(_ path: [UInt8], _ kind: Kind) -> [UInt8] {
        let header = TarHeader(path: Array("././@LongLink".utf8), kind: kind, size: path.count + 1)
        return header.bytes + path + [0] + filling(after: path.count + 1)
    }

    /// What fills the last block up.
    static func filling(after size: Int) -> [UInt8] { [UInt8](repeating: 0, count: (block - size % block) % block) }

    private var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.block)
        func put(_ field: some Collection<UInt8>, at place: Int) {
            bytes.replaceSubrange(place..<place + field.count, with: field)
        }
        put(path, at: 0)
        put(Self.field(mode, digits: 7), at: 100)
        put(Self.field(owner, digits: 7), at: 108)
        put(Self.field(group, digits: 7), at: 116)
        put(Self.field(size, digits: 11), at: 124)
        put(Self.field(modified, digits: 11), at: 136)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        bytes[156] = kind?.rawValue ?? 0
        put(target, at: 157)
        put(Array("ustar  \0".utf8), at: 257)
        put(Self.octal(bytes.reduce(0) { $0 + Int($1) }, digits: 6) + [0, 0x20], at: 148)
        return bytes
    }

    private static func octal(_ number: Int, digits: Int) -> [UInt8] {
        let text = String(number, radix: 8)
        return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }

    /// What octal digits have no room for, such as sizes from 8 GiB on, is written in binary (GNU).
    private static func field(_ number: Int, digits: Int) -> [UInt8] {
        guard number >= 1 << (3 * digits) else { return octal(max(0, number), digits: digits) }
        return [0x80] + (0..<digits).reversed().map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> ($0 * 8)) : 0 }
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if field.first == 0x80 {
            let significant = field.dropFirst().drop { $0 == 0 }
            guard significant.count < 8 else { return nil }
            return significant.reduce(0) { $0 << 8 | Int($1) }
        }
        let text = String(decoding: field, as: UTF8.self).trimmingPrefix { $0 == " " }.prefix { $0.isNumber }
        return Int(text, radix: 8)
    }

    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }
}

/// What is wrong with an archive.
struct TarFault: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
