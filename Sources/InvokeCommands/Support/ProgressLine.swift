import Foundation
import InvokeClient
import Synchronization

/// One line on standard error that tells how far something is; none unless that is a terminal.
package final class ProgressLine: Sendable {
    private struct State {
        var isShown = false
        var began = ContinuousClock.now
        var drawn: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    package init() {}

    /// How far a job says it is.
    func show(percent: Int, _ text: String) {
        draw("\(Self.bar(Double(percent) / 100)) \(percent) %  \(Terminal.plain(text))", always: true)
    }

    /// What is going on, when nobody knows how far.
    package func show(_ text: String) { draw(text, always: true) }

    /// How far a transfer is, how fast, and how long it will take.
    func show(_ transfer: AgentTransfer, of name: String) {
        let seconds = state.withLock { ContinuousClock.now - $0.began } / .seconds(1)
        let rate = Double(transfer.bytes) / max(seconds, 0.001)
        var text = "\(name)  \(Self.size(Double(transfer.bytes)))  \(Self.size(rate))/s"
        if let size = transfer.size, size > 0 {
            let left = Int((Double(size - transfer.bytes) / max(rate, 1)).rounded())
            text = "\(Self.bar(Double(transfer.bytes) / Double(size))) \(text)  \(left) s left"
        }
        draw(text, always: transfer.bytes == transfer.size)
    }

    /// Tells a line of its own, above the progress.
    func tell(_ text: String) {
        clear()
        Terminal.tell(text)
    }

    /// Takes the line away.
    package func clear() {
        let wasShown = state.withLock { state in
            defer { state = State() }
            return state.isShown
        }
        if wasShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }

    private func draw(_ text: String, always: Bool) {
        guard Terminal.isError else { return }
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            if !always, let drawn = state.drawn, now - drawn < .milliseconds(100) { return false }
            (state.drawn, state.isShown) = (now, true)
            return true
        }
        guard isDue else { return }
        FileHandle.standardError.write(Data("\r\(text.prefix(max(20, Terminal.width - 1)))\u{1B}[K".utf8))
    }

    private static func bar(_ part: Double) -> String {
        let full = Int((min(max(part, 0), 1) * 20).rounded())
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: 20 - full) + "]"
    }

    private static func size(_ bytes: Double) -> String {
        switch bytes {
        case ..<1024: "\(Int(bytes)) B"
        case ..<1_048_576: String(format: "%.1f KiB", bytes / 1024)
        case ..<1_073_741_824: String(format: "%.1f MiB", bytes / 1_048_576)
        default: String(format: "%.2f GiB", bytes / 1_073_741_824)
        }
    }
}
