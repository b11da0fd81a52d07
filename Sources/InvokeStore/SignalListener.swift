import Synchronization

/// Hears signals for as long as the store is open. Under load one signal stands for many of the same kind, so hearing
/// them costs the same however many there are.
package final class SignalListener: AsyncSequence, Sendable {
    package typealias Element = Signals.Signal

    private let unheard = Mutex<Set<Signals.Signal>>([])
    private let wakeUps = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    func hear(_ signal: Signals.Signal) {
        let isFirst = unheard.withLock { unheard in
            let wasEmpty = unheard.isEmpty
            return unheard.insert(signal).inserted && wasEmpty
        }
        if isFirst { wakeUps.continuation.yield() }
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(listener: self, wakeUps: wakeUps.stream.makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let listener: SignalListener
        fileprivate var wakeUps: AsyncStream<Void>.Iterator
        fileprivate var heard: [Signals.Signal] = []

        package mutating func next() async -> Signals.Signal? {
            while heard.isEmpty {
                guard await wakeUps.next(isolation: #isolation) != nil else { return nil }
                heard = listener.unheard.withLock { unheard in
                    defer { unheard.removeAll(keepingCapacity: true) }
                    return Array(unheard)
                }
            }
            return heard.popLast()
        }
    }
}
