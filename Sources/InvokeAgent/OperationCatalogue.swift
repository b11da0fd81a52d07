package import InvokeModel
package import InvokeStore
import Synchronization

/// An operation with what the store knows of it, ready to check inputs.
package struct RegisteredOperation: Sendable {
    package let record: OperationRecord
    package let operation: Operation
}

/// Operations read from their definitions once, and what they are offered for; forgotten whenever a service or a
/// listing changes.
final class OperationCatalogue: Sendable {
    private struct State {
        var operations: [AssetID: RegisteredOperation] = [:]
        var offers: [AssetID: [Listing]] = [:]
        /// Services of scripts, by name.
        var scripts: [String: RegisteredScript] = [:]
        var generation = 0
    }

    private let state = Mutex(State())
    private let capacity = 1000

    func operation(
        _ id: AssetID,
        orRead read: () async throws -> RegisteredOperation?
    ) async throws -> RegisteredOperation? {
        let (found, generation) = state.withLock { ($0.operations[id], $0.generation) }
        if let found { return found }
        guard let operation = try await read() else { return nil }
        state.withLock { state in
            // What was read before a change must not be remembered after it.
            guard state.generation == generation else { return }
            if state.operations.count >= capacity { state.operations.removeAll() }
            state.operations[id] = operation
        }
        return operation
    }

    /// The published offers of an operation.
    func offers(of id: AssetID, orRead read: () async throws -> [Listing]) async throws -> [Listing] {
        let (found, generation) = state.withLock { ($0.offers[id], $0.generation) }
        if let found { return found }
        let offers = try await read()
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.offers.count >= capacity { state.offers.removeAll() }
            state.offers[id] = offers
        }
        return offers
    }

    func script(
        _ name: String,
        orRead read: () async throws -> RegisteredScript?
    ) async throws -> RegisteredScript? {
        let (found, generation) = state.withLock { ($0.scripts[name], $0.generation) }
        if let found { return found }
        guard let script = try await read() else { return nil }
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.scripts.count >= capacity { state.scripts.removeAll() }
            state.scripts[name] = script
        }
        return script
    }

    func forget() {
        state.withLock { state in
            state.operations.removeAll()
            state.offers.removeAll()
            state.scripts.removeAll()
            state.generation += 1
        }
    }
}
