import InvokeExecution
import InvokeModel
import InvokeStore

/// Writes down what a program says while it runs: a few rows a second at most, however much it says.
actor AttemptRecorder: AttemptListener {
    private let job: JobID
    private let store: Store
    private var pending: [UInt8] = []
    /// Of each stream the line that has not ended, so that two streams mix by lines only.
    private var unfinished: [ProgramStream: [UInt8]] = [:]
    private var progress: JobProgress?
    /// The end of each stream.
    private var tails: [ProgramStream: [UInt8]] = [:]

    /// How much of the end of a stream is kept at hand, in bytes.
    private static let tailBytes = 2000
    /// What is longer is written before it ends.
    private static let longestLine = 4096

    init(job: JobID, store: Store) {
        self.job = job
        self.store = store
    }

    func logged(_ bytes: [UInt8], from stream: ProgramStream) {
        let held = (unfinished[stream] ?? []) + bytes
        let end = held.count > Self.longestLine ? held.count : held.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        pending.append(contentsOf: held[..<end])
        unfinished[stream] = Array(held[end...])
        tails[stream] = Array(((tails[stream] ?? []) + bytes.suffix(Self.tailBytes)).suffix(Self.tailBytes))
    }

    func progressed(percent: Int, text: String) {
        progress = JobProgress(percent: percent, text: text)
    }

    /// Ends the lines that the program has left unfinished, and writes everything.
    func finish() async throws {
        let streams: [ProgramStream] = [.errors, .output]
        for stream in streams { pending.append(contentsOf: unfinished.removeValue(forKey: stream) ?? []) }
        try await flush()
    }

    /// Writes what has come since the last time.
    func flush() async throws {
        let (bytes, progress) = (pending, progress)
        pending = []
        self.progress = nil
        if !bytes.isEmpty { try await store.appendLog(bytes, of: job) }
        if let progress { try await store.note(progress, of: job) }
    }

    /// The last lines that the program said on standard error, where programs say why they fail; on standard output when
    /// there are none.
    var lastLines: String {
        let streams: [ProgramStream] = [.errors, .output]
        let tail = streams.compactMap { tails[$0] }.first { !$0.isEmpty } ?? []
        return String(decoding: tail, as: UTF8.self).split(separator: "\n").suffix(5).joined(separator: "\n")
    }
}
