import InvokeModel
import InvokeStore
import InvokeWire
import OrderedCollections

/// Runs one attempt at the job of an orchestration: starts each child once all its inputs have come, and waits for their
/// ends. All that it knows is in rows, so a later attempt goes on where this one stops.
struct Orchestrator: Sendable {
    let claim: Claim
    let graph: Orchestration
    let operation: Operation
    /// The assets among the inputs, which are paid for.
    let paid: [AssetID]
    let store: Store
    let startChild: @Sendable (ChildInvocation) async throws -> JobID

    /// How long a child waits that there was no room for.
    private static let pause: Duration = .seconds(1)
    /// Bytes of all inputs, and of all outputs, of a job: as many as an invocation and a result may have.
    private static let longestValues = 1 << 20

    /// - Throws: `JobFailure` when a child has failed, could not be started, or the time is over: all other children end
    ///   with the job.
    func run(running: @Sendable (AttemptStop) async -> Void) async throws -> AttemptEnding {
        let (stopped, stop) = AsyncStream.makeStream(of: Never.self)
        await running(AttemptStop(isWaiting: true, name: "orchestration of \(claim.job)") { stop.finish() })
        return try await withThrowingTaskGroup(of: AttemptEnding.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await conduct() }
            group.addTask {
                for await _ in stopped {}
                return .interrupted(reason: "the agent stopped the orchestration")
            }
            guard let ending = try await group.next() else { throw CancellationError() }
            return ending
        }
    }

    private func conduct() async throws -> AttemptEnding {
        var results: [String: JSON] = [:]
        while true {
            // Nothing that is awaited below tells of it.
            try Task.checkCancellation()
            let left = Duration.milliseconds(claim.deadline.milliseconds - store.now.milliseconds)
            guard left > .zero else { throw JobFailure(.deadlinePassed, "The job's deadline passed.") }
            let children = try store.result(of: claim.job)?.children ?? []
            for child in children where results[child.name] == nil {
                if let failure = child.failure { throw Self.failure(of: child.name, failure.text, failure.code) }
                if child.state == .succeeded { results[child.name] = try result(of: child) }
            }
            if results.count == graph.children.count { return try succeeded(with: results) }
            var waiting = children.filter { $0.id != nil && !$0.state.isTerminal }.compactMap(\.id)
            var limit = left
            for child in children where child.id == nil {
                guard let inputs = try inputs(of: child.name, results) else { continue }
                guard let id = try await start(child.name, inputs) else {
                    limit = min(left, Self.pause)
                    continue
                }
                waiting.append(id)
            }
            let awaited = waiting
            try await store.signals.waitForEnd(ofAny: awaited, atMost: limit, clock: ContinuousClock()) {
                try awaited.contains { try store.result(of: $0)?.state.isTerminal ?? true }
            }
        }
    }

    /// What a node takes: a child its inputs, the parent (nil) its outputs. nil as long as one of them has not come.
    private func inputs(of child: String?, _ results: [String: JSON]) throws -> JSON? {
        var inputs: OrderedDictionary<String, JSON> = [:]
        for (name, source) in graph.sources(of: child) {
            if let sibling = source.child {
                guard let result = results[sibling] else { return nil }
                inputs[name] = result[source.name]
            } else {
                inputs[name] = claim.inputs[source.name]
            }
        }
        guard JSON.object(inputs).bytes().count <= Self.longestValues else {
            let node = child.map { "inputs of the child \"\($0)\"" } ?? "outputs"
            throw JobFailure(.outputTooLarge, "The \(node) have more than \(Self.longestValues) bytes together.")
        }
        return .object(inputs)
    }

    /// - Returns: nil when there is no room for the job at the moment.
    private func start(_ name: String, _ inputs: JSON) async throws -> JobID? {
        do {
            return try await startChild(
                ChildInvocation(
                    parent: claim.job,
                    name: name,
                    operation: graph.children[name] ?? "",
                    inputs: inputs,
                    paid: paid,
                    owner: claim.ownerID,
                    deadline: claim.deadline
                )
            )
        } catch let refusal as Refusal where [.queueFull, .storageUnavailable].contains(refusal.code) {
            return nil
        } catch let refusal as Refusal {
            throw Self.failure(of: name, "It could not be started. \(refusal.message)", refusal.code)
        }
    }

    private func result(of child: ChildJob) throws -> JSON {
        // Told with its parent, a long result is left out.
        guard let id = child.id, let text = try store.result(of: id)?.result else { return [:] }
        return try JSON(result: text)
    }

    private func succeeded(with results: [String: JSON]) throws -> AttemptEnding {
        let outputs = try inputs(of: nil, results)
        for output in operation.outputs where output.type == .string && outputs?[output.name]?.string == nil {
            let found = outputs?[output.name]?.noun ?? "nothing"
            throw JobFailure(.outputMismatch, "The output \"\(output.name)\" must be a string, not \(found).")
        }
        let ordered = operation.outputs.compactMap { output in outputs?[output.name].map { (output.name, $0) } }
        return .succeeded(result: .object(OrderedDictionary(uniqueKeysWithValues: ordered)), assets: [])
    }

    private static func failure(of child: String, _ text: String, _ code: ErrorCode) -> JobFailure {
        JobFailure(.operationFailed, "The child \"\(child)\" did not succeed (\(code.rawValue)): \(text)")
    }
}
