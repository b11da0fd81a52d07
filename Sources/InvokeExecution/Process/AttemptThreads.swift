import Dispatch
import Glibc
import Synchronization

/// Threads for attempts, each of which holds one from its start to its end; a few are kept for those that follow.
final class AttemptThreads: Sendable {
    typealias Body = @Sendable () -> Void

    private struct State {
        /// Threads that wait and have not been promised a body.
        var idle = 0
        var promised: [Body] = []
    }

    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)

    private static let mostIdle = 16

    /// Runs a body, which may block as long as it likes, on a thread that does nothing else meanwhile.
    /// - Throws: `SystemFault` when the machine has no room for another thread.
    func run(_ body: @escaping Body) throws(SystemFault) {
        let isPromised = state.withLock { state in
            guard state.idle > 0 else { return false }
            state.idle -= 1
            state.promised.append(body)
            return true
        }
        if isPromised { work.signal() } else { try start(body) }
    }

    private func live(_ first: Body) {
        first()
        while let body = next() { body() }
    }

    /// Waits for another body.
    /// - Returns: nil when the thread is not needed any more.
    private func next() -> Body? {
        let isKept = state.withLock { state in
            guard state.idle < Self.mostIdle else { return false }
            state.idle += 1
            return true
        }
        guard isKept else { return nil }
        if work.wait(timeout: .now() + .seconds(10)) == .timedOut {
            let isNeeded = state.withLock { state in
                guard state.idle > 0 else { return true }
                state.idle -= 1
                return false
            }
            guard isNeeded else { return nil }
            // All that wait have been promised a body, so one is about to come.
            work.wait()
        }
        return state.withLock { $0.promised.removeFirst() }
    }

    private func start(_ body: @escaping Body) throws(SystemFault) {
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        pthread_attr_init(attributes)
        defer {
            pthread_attr_destroy(attributes)
            attributes.deallocate()
        }
        pthread_attr_setstacksize(attributes, 512 << 10)
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        let box = Unmanaged.passRetained(Box { self.live(body) })
        var thread: pthread_t = 0
        let failure = pthread_create(
            &thread,
            attributes,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            },
            box.toOpaque()
        )
        guard failure == 0 else {
            box.release()
            throw SystemFault("start", "a thread", failure)
        }
    }

    private final class Box {
        let body: Body

        init(_ body: @escaping Body) { self.body = body }
    }
}
