package import InvokeModel

/// The executors that an agent has, one an engine.
package struct Engines: Sendable {
    private let executors: [Engine: any Executor]

    package init(_ executors: [Engine: any Executor]) { self.executors = executors }

    package subscript(engine: Engine) -> (any Executor)? { executors[engine] }

    /// Every engine, in the order of their names.
    package var all: [(engine: Engine, executor: any Executor)] {
        executors.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
    }

    /// How each engine is, in the order of their names; one that does not tell within a few seconds is not well.
    package func conditions() async -> [(engine: Engine, condition: EngineCondition)] {
        await withTaskGroup(of: (Engine, EngineCondition).self) { group in
            for (engine, executor) in executors {
                group.addTask { (engine, await executor.condition(within: Self.patience)) }
            }
            var conditions: [Engine: EngineCondition] = [:]
            for await (engine, condition) in group { conditions[engine] = condition }
            return conditions.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
        }
    }

    private static let patience = Duration.seconds(5)

    /// The executors whose attempts go on while the agent is away.
    package var durable: [any DurableExecutor] { all.compactMap { $0.executor as? any DurableExecutor } }

    /// The executor of an engine whose attempts go on while the agent is away; nil for all others.
    package func durable(_ engine: Engine) -> (any DurableExecutor)? { executors[engine] as? any DurableExecutor }
}

extension Executor {
    fileprivate func condition(within patience: Duration) async -> EngineCondition {
        await withTaskGroup(of: EngineCondition.self) { group in
            defer { group.cancelAll() }
            group.addTask { await condition() }
            group.addTask {
                try? await Task.sleep(for: patience)
                return EngineCondition(fault: "It has not answered within \(patience.components.seconds) seconds.")
            }
            return await group.next() ?? EngineCondition()
        }
    }
}
