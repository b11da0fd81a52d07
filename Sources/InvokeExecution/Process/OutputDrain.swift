import Glibc
import Subprocess

/// Reads one stream of a program to its end, whatever its length, and passes on what there is room for.
struct OutputDrain: Sendable {
    let listener: any AttemptListener
    let stream: ProgramStream
    /// Bytes that reach the log: the first ones, and the last few when there are more.
    let logLimit: Int
    /// Where the bytes are kept as a result, and how many; nil for standard error.
    let capture: Capture?

    struct Capture: Sendable {
        let path: String
        let limit: Int
        /// Gets the number of bytes that were dropped, if any.
        let droppedPath: String
    }

    private static let tailLength = 4096

    /// - Returns: the last bytes of the stream.
    func drain(_ bytes: SubprocessOutputSequence) async -> [UInt8] {
        var lines = ProgressLines()
        var counts = Counts(file: capture.map { open($0.path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC) } ?? -1)
        defer { if counts.file >= 0 { Glibc.close(counts.file) } }
        do {
            for try await buffer in bytes {
                await pass(buffer.withUnsafeBytes { lines.take($0) }, &counts)
            }
        } catch {
            await listener.logged(Array("[the output could not be read to its end: \(error)]\n".utf8), from: stream)
        }
        await pass(lines.finish(), &counts)
        await conclude(&counts)
        return counts.tail
    }

    private struct Counts {
        let file: Int32
        var logged = 0
        var unlogged = 0
        var captured = 0
        var uncaptured = 0
        var tail: [UInt8] = []
    }

    private func pass(_ taken: ProgressLines.Taken, _ counts: inout Counts) async {
        for progress in taken.progress { await listener.progressed(percent: progress.percent, text: progress.text) }
        guard !taken.bytes.isEmpty else { return }

        let loggable = taken.bytes.prefix(max(0, logLimit - Self.tailLength - counts.logged))
        counts.logged += loggable.count
        counts.unlogged += taken.bytes.count - loggable.count
        let end: ArraySlice<UInt8> = taken.bytes.suffix(Self.tailLength)
        counts.tail.append(contentsOf: end)
        counts.tail.removeFirst(max(0, counts.tail.count - Self.tailLength))
        if !loggable.isEmpty { await listener.logged(Array(loggable), from: stream) }

        guard let capture else { return }
        var capturable = taken.bytes.prefix(max(0, capture.limit - counts.captured))
        // A disk without room must not stop the program; what is missing then counts as dropped.
        if counts.file < 0 || !writeAll(Array(capturable), to: counts.file) { capturable = [] }
        counts.captured += capturable.count
        counts.uncaptured += taken.bytes.count - capturable.count
    }

    private func conclude(_ counts: inout Counts) async {
        let last = counts.tail.suffix(counts.unlogged)
        if counts.unlogged > last.count {
            await listener.logged(Array("\n[\(counts.unlogged - last.count) bytes left out]\n".utf8), from: stream)
        }
        if !last.isEmpty { await listener.logged(Array(last), from: stream) }
        if let capture, counts.uncaptured > 0 {
            try? writeFile(capture.droppedPath, "\(counts.uncaptured)".utf8, mode: 0o600)
        }
    }
}
