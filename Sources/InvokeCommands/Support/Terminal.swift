import Foundation

/// What the program talks to: a person at a terminal, or a pipe.
enum Terminal {
    /// Whether a person reads what is printed.
    static let isOutput = isatty(STDOUT_FILENO) == 1
    /// Whether a person reads what is told beside it.
    static let isError = isatty(STDERR_FILENO) == 1
    /// Whether somebody can be asked.
    static let canAsk = isatty(STDIN_FILENO) == 1 && isError

    /// Characters in a line.
    static var width: Int {
        var size = winsize()
        let isKnown = [STDOUT_FILENO, STDERR_FILENO].contains { ioctl($0, UInt(TIOCGWINSZ), &size) == 0 }
        guard isKnown, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Emphasis where it can be seen and is wanted (no-color.org).
    static func bold(_ text: String) -> String {
        let isPlain = !isOutput || !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        return isPlain ? text : "\u{1B}[1m\(text)\u{1B}[0m"
    }

    /// Tells something beside the output.
    static func tell(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

    /// Writes to the output as it is.
    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    /// What others have written, without what a terminal would act on.
    static func plain(_ text: some StringProtocol) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            plain.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(plain)
    }

    /// Asks for a yes; everything else is a no.
    static func confirms(_ question: String) -> Bool {
        FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
        return ["y", "yes"].contains(readLine()?.lowercased())
    }

    /// Asks for a line of text.
    static func ask(_ question: String) -> String? {
        FileHandle.standardError.write(Data("\(question): ".utf8))
        return readLine()
    }

    /// Asks for a line that isn't shown.
    static func askSecret(_ question: String) -> String? {
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else { return ask(question) }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            tell("")
        }
        return ask(question)
    }
}
