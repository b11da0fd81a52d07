import Foundation

/// SQLite's write-ahead log as an earlier run left it (https://www.sqlite.org/fileformat2.html#walformat).
///
/// SQLite reads it up to the first frame whose checksum is wrong and forgets the rest, as if it had never been written.
/// That is right for a commit that was cut off, and hides that acknowledged ones are damaged.
struct WriteAheadLog {
    private let bytes: Data
    private let pageSize: Int

    private static let headerSize = 32
    private static let frameHeaderSize = 24

    /// - Returns: nil when there is no log, or none that SQLite would read.
    init?(of database: String) throws {
        let path = database + "-wal"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        guard bytes.count > Self.headerSize else { return nil }
        pageSize = Int(Self.word(bytes, 8))
        guard [0x377F_0682, 0x377F_0683].contains(Self.word(bytes, 0)), pageSize >= 512 else { return nil }
        var sum = Checksum(isBigEndian: Self.word(bytes, 0) & 1 == 1)
        sum.add(bytes[0..<24])
        guard sum.equals(bytes, at: 24) else { return nil }
    }

    /// Whether commits that were on the disk can't be read any more.
    ///
    /// A commit is synced before the next one is begun, so a power cut spoils the last one at most. Where two or more lie
    /// at or after the first wrong frame, it was something else.
    var isDamaged: Bool {
        var sum = Checksum(isBigEndian: Self.word(bytes, 0) & 1 == 1)
        sum.add(bytes[0..<24])
        let frameSize = Self.frameHeaderSize + pageSize
        let frames = stride(from: Self.headerSize, through: bytes.count - frameSize, by: frameSize)
        var isReadable = true
        var unreadableCommits = 0
        for frame in frames {
            let isOfThisLog = bytes[frame + 8..<frame + 16] == bytes[16..<24]
            if isReadable, isOfThisLog {
                sum.add(bytes[frame..<frame + 8])
                sum.add(bytes[frame + Self.frameHeaderSize..<frame + frameSize])
            }
            isReadable = isReadable && isOfThisLog && sum.equals(bytes, at: frame + 16)
            if !isReadable, isOfThisLog, Self.word(bytes, frame + 4) != 0 { unreadableCommits += 1 }
        }
        return unreadableCommits > 1
    }

    private static func word(_ bytes: Data, _ at: Int) -> UInt32 {
        bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The running checksum of header and frames.
    private struct Checksum {
        let isBigEndian: Bool
        private var first: UInt32 = 0
        private var second: UInt32 = 0

        init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

        /// The number of bytes is a multiple of 8.
        mutating func add(_ data: Data) {
            data.withUnsafeBytes { data in
                for at in stride(from: 0, to: data.count, by: 8) {
                    first = first &+ read(data, at) &+ second
                    second = second &+ read(data, at + 4) &+ first
                }
            }
        }

        func equals(_ bytes: Data, at place: Int) -> Bool {
            WriteAheadLog.word(bytes, place) == first && WriteAheadLog.word(bytes, place + 4) == second
        }

        private func read(_ data: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
            let word = data.loadUnaligned(fromByteOffset: at, as: UInt32.self)
            return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
        }
    }
}
