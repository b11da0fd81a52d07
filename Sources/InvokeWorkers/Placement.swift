import InvokeExecution
import InvokeModel
import InvokeStore

/// What runs one attempt.
struct Placement: Sendable {
    let engine: Engine
    let executor: any Executor
    /// Whether an earlier run of the agent has started the attempt: it is to be found again, and nothing is to be staged.
    let isResumed: Bool

    /// Nil for executors whose attempts end with the agent.
    var durable: (any DurableExecutor)? { executor as? any DurableExecutor }
}

extension OpenAttempt {
    var name: AttemptName { AttemptName(job: job, number: number) }
}

/// None of the engines that an operation names can start anything now: the job is to be tried again.
struct NoEngineAvailable: Error {
    /// Why not, engine by engine, for the operator.
    let faults: [String]
    /// Whether one could, had the service a slot left for it.
    let isBusy: Bool

    /// For all who may see the job.
    var reason: String { isBusy ? "no engine that can be reached has a free slot" : "no engine can be reached" }
}

/// The agent stops following an attempt that goes on without it: the next start finds it again.
struct AttemptLeft: Error {}

/// Something that an engine is asked and that may take for ever; who waits for it can be sent away.
struct Leavable<Value: Sendable>: Sendable {
    private let answers: AsyncStream<Result<Value, any Error>>
    private let answer: AsyncStream<Result<Value, any Error>>.Continuation

    init(_ body: @escaping @Sendable () async throws -> Value) {
        (answers, answer) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
        Task { [answer] in
            do { answer.yield(.success(try await body())) } catch { answer.yield(.failure(error)) }
        }
    }

    func leave() { answer.yield(.failure(AttemptLeft())) }

    /// For one who waits.
    /// - Throws: what the body throws; `AttemptLeft`.
    var value: Value {
        get async throws {
            for await answer in answers { return try answer.get() }
            throw AttemptLeft()
        }
    }
}

/// What an attempt leaves where it ran, to be removed once its end is written down.
final class AttemptTraces {
    private var directory: JobDirectory?
    private var forget: (() async -> Void)?

    /// Forgets a placement that did not start anything.
    func begin(_ directory: JobDirectory) {
        self.directory = directory
        forget = nil
    }

    func started(_ handle: ExecutionHandle, by durable: (any DurableExecutor)?) {
        guard let durable else { return }
        forget = { await durable.forget(handle) }
    }

    func remove() async {
        await forget?()
        try? directory?.remove()
        (directory, forget) = (nil, nil)
    }
}
