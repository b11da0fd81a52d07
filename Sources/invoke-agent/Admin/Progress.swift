import Foundation
import Synchronization

/// How far a command is, on one line of a terminal; nothing where standard error is none.
final class Progress: Sendable {
    private let isShown = isatty(2) == 1
    private let next = Mutex(ContinuousClock.now)

    /// Shows a text, ten times a second at most.
    func show(_ text: String) {
        guard isShown else { return }
        let isDue = next.withLock { next in
            guard next <= .now else { return false }
            next = .now + .milliseconds(100)
            return true
        }
        if isDue { FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8)) }
    }

    /// Clears the line.
    func end() {
        if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
