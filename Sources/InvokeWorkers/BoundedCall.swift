import InvokeModel

/// What others do for an attempt: it ends when they are done, the attempt is stopped, or its time is over.
struct BoundedCall: Sendable {
    let end: ContinuousClock.Instant
    /// As of an `AttemptStop`.
    let isWaiting: Bool
    let name: String
    /// What a job is told whose time was over.
    let late: String

    /// - Throws: `AttemptStopped`, `JobFailure` `deadlinePassed`, and what `body` throws.
    func run<Value: Sendable>(
        _ running: @Sendable (AttemptStop) async -> Void,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (stopped, stop) = AsyncStream.makeStream(of: Never.self)
        await running(AttemptStop(isWaiting: isWaiting, name: name) { stop.finish() })
        return try await withThrowingTaskGroup(of: Value.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                for await _ in stopped {}
                throw AttemptStopped()
            }
            group.addTask {
                try await Task.sleep(until: end, clock: .continuous)
                throw JobFailure(.deadlinePassed, late)
            }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}

/// An attempt was stopped while others did something for it.
struct AttemptStopped: Error {}

/// Others could not do their part now: the job is to be tried again.
struct ProviderUnavailable: Error {
    let failure: JobFailure
    /// How long they want to be left alone.
    let asked: Duration?
    /// How often the operation wants failed attempts repeated.
    let retries: Int
}
