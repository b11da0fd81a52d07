import Glibc

/// Reads one stream of a program to its end, whatever its length, and passes on what there is room for (promise X8).
struct OutputDrain {
    let listener: any AttemptListener
    let stream: ProgramStream
    /// Bytes that reach the log: the first ones, and the last few when there are more.
    let logLimit: Int
    /// Where the bytes are kept as a result, and how many; nil for standard error.
    let capture: Capture?

    struct Capture {
        let path: String
        let limit: Int
        /// Gets the number of bytes that were dropped, if any.
        let droppedPath: String
    }

    private static let tailLength = 4096

    private var lines = ProgressLines()
    private var file: Descriptor?
    private var logged = 0
    private var unlogged = 0
    private var captured = 0
    private var uncaptured = 0
    /// Whether bytes were dropped and not even that could be written down.
    private(set) var isLost = false
    /// The last bytes of the stream.
    private(set) var tail: [UInt8] = []

    init(listener: any AttemptListener, stream: ProgramStream, logLimit: Int, capture: Capture?) {
        self.listener = listener
        self.stream = stream
        self.logLimit = logLimit
        self.capture = capture
    }

    /// The stream of an attempt's program: its output is kept as a result, also what a script says there of errors.
    init(_ stream: ProgramStream, of attempt: AttemptSpecification, _ limits: ExecutionLimits) {
        let isScript = attempt.script != nil
        self.init(
            listener: attempt.listener,
            stream: stream,
            logLimit: isScript && stream == .output ? limits.scriptLog : limits.log,
            capture: stream == .errors
                ? nil
                : Capture(
                    path: attempt.directory.stdout,
                    // One byte more, because a final newline does not count.
                    limit: isScript ? limits.fileSize : limits.result + 1,
                    droppedPath: attempt.directory.stdoutDropped
                )
        )
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer) { pass(lines.take(bytes)) }

    /// Tells of the rest once the stream has ended.
    mutating func finish() {
        pass(lines.finish())
        let last = tail.suffix(unlogged)
        if unlogged > last.count {
            listener.logged(Array("\n[\(unlogged - last.count) bytes left out]\n".utf8), from: stream)
        }
        if !last.isEmpty { listener.logged(Array(last), from: stream) }
        if let capture, uncaptured > 0 {
            do { try writeFile(capture.droppedPath, "\(uncaptured)".utf8, mode: 0o600) } catch { isLost = true }
        }
        file = nil
    }

    private mutating func pass(_ taken: ProgressLines.Taken) {
        for progress in taken.progress { listener.progressed(percent: progress.percent, text: progress.text) }
        guard !taken.bytes.isEmpty else { return }

        let loggable = taken.bytes.prefix(max(0, logLimit - Self.tailLength - logged))
        logged += loggable.count
        unlogged += taken.bytes.count - loggable.count
        let end: ArraySlice<UInt8> = taken.bytes.suffix(Self.tailLength)
        tail.append(contentsOf: end)
        tail.removeFirst(max(0, tail.count - Self.tailLength))
        if !loggable.isEmpty { listener.logged(Array(loggable), from: stream) }
        if let capture { keep(taken.bytes, in: capture) }
    }

    private mutating func keep(_ bytes: [UInt8], in capture: Capture) {
        // The file is made for the first byte: most programs' silence is not worth one.
        if file == nil, captured == 0, uncaptured == 0 {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            file = try? Descriptor(open(capture.path, flags, 0o600), "write", capture.path)
        }
        var capturable = bytes.prefix(max(0, capture.limit - captured))
        // A disk without room must not stop the program; what is missing then counts as dropped.
        if let file, writeAll(Array(capturable), to: file.number) {} else { capturable = [] }
        captured += capturable.count
        uncaptured += bytes.count - capturable.count
    }
}
