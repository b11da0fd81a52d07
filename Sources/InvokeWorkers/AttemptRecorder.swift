import InvokeExecution
import InvokeModel
import InvokeStore

/// Writes down what a program says while it runs: a few rows a second at most, however much it says.
actor AttemptRecorder: AttemptListener {
    private let job: JobID
    private let store: Store
    private var pending: [UInt8] = []
    private var progress: JobProgress?
    private var tail: [UInt8] = []

    /// How much of the end of the log is kept at hand, in bytes.
    private static let tailBytes = 2000

    init(job: JobID, store: Store) {
        self.job = job
        self.store = store
    }

    func logged(_ bytes: [UInt8]) {
        pending.append(contentsOf: bytes)
        tail.append(contentsOf: bytes.suffix(Self.tailBytes))
        if tail.count > 2 * Self.tailBytes { tail.removeFirst(tail.count - Self.tailBytes) }
    }

    func progressed(percent: Int, text: String) {
        progress = JobProgress(percent: percent, text: text)
    }

    /// Writes what has come since the last time.
    func flush() async throws {
        let (bytes, progress) = (pending, progress)
        pending = []
        self.progress = nil
        if !bytes.isEmpty { try await store.appendLog(bytes, of: job) }
        if let progress { try await store.note(progress, of: job) }
    }

    /// The last lines of the log.
    var lastLines: String {
        let text = String(decoding: tail.suffix(Self.tailBytes), as: UTF8.self)
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }
}
