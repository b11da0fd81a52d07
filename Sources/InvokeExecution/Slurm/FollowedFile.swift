import Glibc

/// A stream of a program that writes it into a file elsewhere, read as it grows.
struct FollowedFile {
    private let path: String
    private var drain: OutputDrain
    private var offset = 0

    /// Bytes read at a time, so that one talkative program does not hold up all others.
    private static let most = 4 << 20

    init(_ path: String, into drain: OutputDrain) {
        self.path = path
        self.drain = drain
    }

    /// Whether bytes were dropped and not even that could be written down.
    var isLost: Bool { drain.isLost }

    /// Passes on what has come since the last time.
    /// - Returns: whether there may be more already.
    @discardableResult mutating func read() -> Bool {
        // Opened anew each time: that is when a network file system looks for news.
        guard let file = try? Descriptor(reading: path), lseek(file.number, offset, SEEK_SET) == offset,
            let bytes = readAll(file.number, limit: Self.most), !bytes.isEmpty
        else { return false }
        offset += bytes.count
        bytes.withUnsafeBytes { drain.take($0) }
        return bytes.count == Self.most
    }

    /// Passes on the rest once nobody writes any more.
    mutating func finish() {
        while read() {}
        drain.finish()
    }
}
