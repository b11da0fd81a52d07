import InvokeModel
import InvokeStore
import Synchronization

/// An operation as a worker needs it.
struct KnownOperation: Sendable {
    let record: OperationRecord
    let operation: Operation
}

/// Operations read from their definitions once.
///
/// What runs under one id never changes: a changed definition is a new asset, and so a new operation. Only its price, its
/// service's version and its statistics do, and workers need none of them.
final class KnownOperations: Sendable {
    private let operations = Mutex<[Int64: KnownOperation]>([:])
    private let capacity = 1000

    func operation(_ id: Int64, orRead read: () async throws -> KnownOperation) async throws -> KnownOperation {
        if let found = operations.withLock({ $0[id] }) { return found }
        let operation = try await read()
        operations.withLock { operations in
            if operations.count >= capacity { operations.removeAll() }
            operations[id] = operation
        }
        return operation
    }
}
