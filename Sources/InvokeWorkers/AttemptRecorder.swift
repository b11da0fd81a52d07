import InvokeExecution
import InvokeModel
import InvokeStore
import Synchronization

/// Writes down what a program says while it runs: a few rows a second at most, however much it says.
final class AttemptRecorder: AttemptListener {
    private let claim: Claim
    private let store: Store
    private let state = Mutex(State())
    private let news: AsyncStream<Void>
    private let newsContinuation: AsyncStream<Void>.Continuation

    private struct State {
        var pending: [UInt8] = []
        /// Of each stream the line that has not ended, so that two streams mix by lines only.
        var unfinished: [ProgramStream: [UInt8]] = [:]
        var progress: JobProgress?
        /// Where the attempt is, in the engine's words.
        var place: String?
        /// The end of each stream.
        var tails: [ProgramStream: [UInt8]] = [:]
    }

    /// How much of the end of a stream is kept at hand, in bytes.
    private static let tailBytes = 2000
    /// What is longer is written before it ends.
    private static let longestLine = 4096

    init(_ claim: Claim, store: Store) {
        self.claim = claim
        self.store = store
        (news, newsContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func logged(_ bytes: [UInt8], from stream: ProgramStream) {
        state.withLock { state in
            let held = (state.unfinished[stream] ?? []) + bytes
            let end = held.count > Self.longestLine ? held.wholeScalars : held.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            state.pending.append(contentsOf: held[..<end])
            state.unfinished[stream] = Array(held[end...])
            state.tails[stream] = Array(
                ((state.tails[stream] ?? []) + bytes.suffix(Self.tailBytes)).suffix(Self.tailBytes)
            )
        }
        newsContinuation.yield()
    }

    func progressed(percent: Int, text: String) {
        state.withLock { $0.progress = JobProgress(percent: percent, text: text) }
        newsContinuation.yield()
    }

    func placed(_ text: String) {
        state.withLock { $0.place = text }
        newsContinuation.yield()
    }

    /// Writes what comes, until the task is cancelled.
    func writeAsItComes() async throws {
        for await _ in news {
            try? await Task.sleep(for: .milliseconds(250))
            try await flush()
        }
    }

    /// Ends the lines that the program has left unfinished, and writes everything.
    func finish() async throws {
        let streams: [ProgramStream] = [.errors, .output]
        state.withLock { state in
            for stream in streams {
                state.pending.append(contentsOf: state.unfinished.removeValue(forKey: stream) ?? [])
            }
        }
        try await store.insist { try await write() }
    }

    /// Writes what has come since the last time; what the store does not take is kept for the next time.
    private func flush() async throws {
        do { try await write() } catch let refusal as Refusal where refusal.code == .storageUnavailable {}
    }

    private func write() async throws {
        let (bytes, progress, place) = state.withLock { state in
            defer { (state.pending, state.progress, state.place) = ([], nil, nil) }
            return (state.pending, state.progress, state.place)
        }
        do {
            if !bytes.isEmpty { try await store.appendLog(bytes, of: claim.job) }
            if let progress { try await store.note(progress, of: claim.job) }
            if let place { try await store.note(place: place, of: claim) }
        } catch {
            state.withLock { state in
                state.pending = bytes + state.pending
                state.progress = state.progress ?? progress
                state.place = state.place ?? place
            }
            throw error
        }
    }

    /// The last lines that the program said on standard error, where programs say why they fail; on standard output when
    /// there are none.
    var lastLines: String {
        let streams: [ProgramStream] = [.errors, .output]
        let tails = state.withLock(\.tails)
        let tail = streams.compactMap { tails[$0] }.first { !$0.isEmpty } ?? []
        return String(decoding: tail, as: UTF8.self).split(separator: "\n").suffix(5).joined(separator: "\n")
    }
}

extension [UInt8] {
    /// How many of the bytes are there without the beginning of a character that has not come whole (UTF-8).
    fileprivate var wholeScalars: Int {
        guard let lead = suffix(4).lastIndex(where: { $0 & 0b1100_0000 != 0b1000_0000 }) else { return count }
        let length =
            switch self[lead] {
            case 0b1100_0000..<0b1110_0000: 2
            case 0b1110_0000..<0b1111_0000: 3
            case 0b1111_0000...: 4
            default: 1
            }
        return count - lead < length ? lead : count
    }
}
