import Glibc

/// Takes the progress lines out of a stream: `::progress 42 optional text`, 0 to 100.
///
/// At most one line's beginning is held back, and only while it may still become a progress line.
struct ProgressLines {
    struct Progress: Hashable {
        let percent: Int
        let text: String
    }

    struct Taken {
        /// What is not progress, in its order.
        var bytes: [UInt8] = []
        var progress: [Progress] = []
    }

    /// Bytes of a longer line are no progress, whatever they begin with.
    private static let longest = 4096
    private static let prefix = Array("::progress ".utf8)

    /// The beginning of a line that may be progress.
    private var held: [UInt8] = []
    /// Whether the line that is being read is known not to be progress.
    private var inOtherLine = false

    mutating func take(_ chunk: UnsafeRawBufferPointer) -> Taken {
        var taken = Taken()
        var at = 0
        while at < chunk.count {
            let rest = UnsafeRawBufferPointer(rebasing: chunk[at...])
            let end = Self.newline(in: rest)
            if inOtherLine || held.isEmpty && rest[0] != Self.prefix[0] {
                taken.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)]))
                inOtherLine = end == nil
                at += end ?? rest.count
            } else {
                let part = min(end ?? rest.count, Self.longest + 1)
                held.append(contentsOf: rest[..<part])
                at += part
                decide(complete: end == part, &taken)
            }
        }
        return taken
    }

    /// What was still held back at the end of the stream.
    mutating func finish() -> Taken {
        var taken = Taken()
        if !held.isEmpty { decide(complete: true, &taken) }
        return taken
    }

    private mutating func decide(complete: Bool, _ taken: inout Taken) {
        if complete, held.count <= Self.longest, let progress = Self.progress(held) {
            taken.progress.append(progress)
        } else if complete || held.count > Self.longest || !Self.mayBeProgress(held) {
            taken.bytes += held
            inOtherLine = !complete
        } else {
            return
        }
        held.removeAll(keepingCapacity: true)
    }

    private static func mayBeProgress(_ line: [UInt8]) -> Bool {
        line.prefix(prefix.count).elementsEqual(prefix.prefix(line.count))
    }

    private static func progress(_ line: [UInt8]) -> Progress? {
        guard line.starts(with: prefix) else { return nil }
        var rest = line.dropFirst(prefix.count)
        while let last = rest.last, last == 0x0A || last == 0x0D { rest.removeLast() }
        let words = rest.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard let digits = words.first, (1...3).contains(digits.count),
            digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let percent = Int(String(decoding: digits, as: UTF8.self)), percent <= 100
        else { return nil }
        return Progress(percent: percent, text: words.count > 1 ? String(decoding: words[1], as: UTF8.self) : "")
    }

    /// The place behind the first newline.
    private static func newline(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let found = memchr(base, 0x0A, bytes.count) else { return nil }
        return UnsafeRawPointer(found) - base + 1
    }
}
