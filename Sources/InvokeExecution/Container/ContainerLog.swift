import InvokeModel
import NIOCore
import Synchronization

/// What a container's program says, passed on once however often it is read from its beginning.
final class ContainerLog: Sendable {
    private let streams: Mutex<Streams>

    private struct Streams {
        var output: Heard
        var errors: Heard
        var frames = LogFrames()
    }

    private struct Heard {
        var drain: OutputDrain
        /// Bytes that have been passed on.
        var taken = 0
        /// Bytes of this reading that were passed on by an earlier one.
        var known = 0

        mutating func take(_ bytes: UnsafeRawBufferPointer) {
            let old = min(known, bytes.count)
            known -= old
            taken += bytes.count - old
            if old < bytes.count { drain.take(UnsafeRawBufferPointer(rebasing: bytes[old...])) }
        }
    }

    init(of attempt: AttemptSpecification, _ limits: ExecutionLimits) {
        streams = Mutex(
            Streams(
                output: Heard(drain: OutputDrain(.output, of: attempt, limits)),
                errors: Heard(drain: OutputDrain(.errors, of: attempt, limits))
            )
        )
    }

    /// Bytes of both streams so far.
    var count: Int { streams.withLock { $0.output.taken + $0.errors.taken } }
    /// Whether bytes were dropped and not even that could be written down.
    var isLost: Bool { streams.withLock { $0.output.drain.isLost } }
    /// The last bytes of standard error.
    var tail: [UInt8] { streams.withLock { $0.errors.drain.tail } }

    /// Before the streams are read from their beginning.
    func beginReading() {
        streams.withLock { streams in
            streams.frames = LogFrames()
            streams.output.known = streams.output.taken
            streams.errors.known = streams.errors.taken
        }
    }

    /// Takes what the engine has sent; frames need not arrive whole.
    func take(_ piece: ByteBuffer) {
        streams.withLock { streams in
            var (output, errors) = (streams.output, streams.errors)
            piece.withUnsafeReadableBytes { bytes in
                streams.frames.take(bytes) { bytes, stream in
                    switch stream {
                    case .output: output.take(bytes)
                    case .errors: errors.take(bytes)
                    }
                }
            }
            (streams.output, streams.errors) = (output, errors)
        }
    }

    /// Tells of the rest.
    func finish() {
        streams.withLock { streams in
            streams.output.drain.finish()
            streams.errors.drain.finish()
        }
    }
}
