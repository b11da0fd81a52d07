import Glibc
import Synchronization

/// What a program elsewhere says: heard while it runs, and made whole by the files that come back in the end.
final class ProgramVoice: Sendable {
    private let specification: AttemptSpecification
    private let limits: ExecutionLimits
    private let state: Mutex<State>

    fileprivate struct State {
        var lines = TaggedLines()
        var output: OutputDrain
        var errors: OutputDrain
        /// Bytes of each stream that were heard.
        var heard: [ProgramStream: Int] = [:]
        var isOver = false
    }

    init(_ specification: AttemptSpecification, _ limits: ExecutionLimits) {
        self.specification = specification
        self.limits = limits
        // What is kept as a result is taken from the file, which has every byte.
        let output = OutputDrain(.output, of: specification, limits).withoutCapture
        state = Mutex(State(output: output, errors: OutputDrain(.errors, of: specification, limits)))
    }

    /// Takes what the cluster tells of the running program.
    func hear(_ bytes: UnsafeRawBufferPointer) { state.withLock { $0.hear(bytes) } }

    /// Tells what was not heard, once the program has ended, and keeps its output.
    /// - Returns: whether the output is kept.
    func finish(_ transfer: AttemptTransfer) -> Bool {
        let isLast = state.withLock { $0.finish(transfer) }
        guard isLast else { return true }
        var kept = OutputDrain(.output, of: specification, limits).silent
        readFile(transfer.output, from: 0) { kept.take($0) }
        kept.finish()
        return !kept.isLost
    }
}

extension ProgramVoice.State {
    fileprivate mutating func hear(_ bytes: UnsafeRawBufferPointer) {
        guard !isOver else { return }
        // Taken out, because it passes on to what is beside it.
        var lines = lines
        lines.take(bytes) { piece, stream in
            heard[stream, default: 0] += piece.count
            take(piece, from: stream)
        }
        self.lines = lines
    }

    /// - Returns: false when it was finished before.
    fileprivate mutating func finish(_ transfer: AttemptTransfer) -> Bool {
        guard !isOver else { return false }
        isOver = true
        for (path, stream) in [(transfer.output, ProgramStream.output), (transfer.errors, .errors)] {
            readFile(path, from: heard[stream] ?? 0) { take($0, from: stream) }
        }
        output.finish()
        errors.finish()
        return true
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer, from stream: ProgramStream) {
        switch stream {
        case .output: output.take(bytes)
        case .errors: errors.take(bytes)
        }
    }
}

private func readFile(_ path: String, from offset: Int, _ pass: (UnsafeRawBufferPointer) -> Void) {
    guard let file = try? Descriptor(reading: path), lseek(file.number, offset, SEEK_SET) == offset else { return }
    while let bytes = readAll(file.number, limit: 1 << 20), !bytes.isEmpty { bytes.withUnsafeBytes(pass) }
}

extension OutputDrain {
    fileprivate var withoutCapture: OutputDrain {
        OutputDrain(listener: listener, stream: stream, logLimit: logLimit, capture: nil)
    }

    /// Keeps what is said, and tells nobody.
    fileprivate var silent: OutputDrain {
        OutputDrain(listener: Nobody(), stream: stream, logLimit: logLimit, capture: capture)
    }
}

private struct Nobody: AttemptListener {
    func logged(_ bytes: [UInt8], from stream: ProgramStream) {}
    func progressed(percent: Int, text: String) {}
    func placed(_ text: String) {}
}
