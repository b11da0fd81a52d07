/// Figures as people read them; `static/format.js` writes them the same way.
enum Format {
    /// `840 ms`, `12.3 s`, `4 min 5 s`, `2 h 10 min`, `3 d 4 h`.
    static func duration(milliseconds: Int) -> String {
        let seconds = milliseconds / 1000
        return switch seconds {
        case ..<1: "\(milliseconds) ms"
        case ..<60: "\(tenths(milliseconds, of: 1000)) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
        }
    }

    /// `512 B`, `1.5 KiB`, `3.2 GiB`.
    static func bytes(_ count: Int) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        guard count >= 1024 else { return "\(count) B" }
        var (unit, size) = (0, 1024)
        while count / size >= 1024, unit < units.count - 1 { (unit, size) = (unit + 1, size * 1024) }
        return "\(tenths(count, of: size)) \(units[unit])"
    }

    /// `4`, `1.5`: one decimal, none when it is zero.
    static func amount(_ number: Double) -> String { tenths(Int((number * 10).rounded()), of: 10) }

    /// `1 234 567`, with narrow spaces.
    static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
            text.append(digit)
        }
        return text
    }

    /// A quotient with one decimal, none when it is zero.
    private static func tenths(_ number: Int, of unit: Int) -> String {
        let tenths = (number * 10 + unit / 2) / unit
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
