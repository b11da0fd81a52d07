package import Foundation
package import InvokeModel

/// How a job of an operation has ended.
package struct OperationEnd: Sendable, Hashable {
    package let state: JobState
    package let at: Date
    /// How long it ran; nil for a job that never did.
    package let running: Duration?

    /// As many are kept of each operation, newest first.
    package static let kept = 20

    /// Characters of one in the text that the store keeps: 1 for the state, 14 and 10 for the numbers.
    static let textLength = 25

    /// Reads the store's text.
    /// - Throws: `StoreFault.unreadable`.
    static func read(_ text: String) throws -> [OperationEnd] {
        var (ends, rest) = ([OperationEnd](), text[...])
        while !rest.isEmpty {
            let end = rest.prefix(textLength)
            let state = JobState.allCases.first { $0.isTerminal && $0.rawValue.first == end.first }
            guard let state, let at = Int64(end.dropFirst().prefix(14)), let running = Int64(end.dropFirst(15)) else {
                throw StoreFault.unreadable("operation")
            }
            ends.append(
                OperationEnd(
                    state: state,
                    at: Date(milliseconds: at),
                    running: running < 0 ? nil : .milliseconds(running)
                )
            )
            rest = rest.dropFirst(textLength)
        }
        return ends
    }
}

extension OperationRecord {
    /// How long jobs run that succeed: half of those among the last ones ran longer. Nil when none has succeeded.
    package var medianRunning: Duration? {
        let times = lastEnds.filter { $0.state == .succeeded }.compactMap(\.running).sorted()
        guard !times.isEmpty else { return nil }
        return (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
    }
}
