/// A regular expression of ECMA-262 as JSON Schema uses it: it matches anywhere in a text unless `^` and `$` hold it.
///
/// A provider's pattern meets a consumer's text here, so time is bounded: at most the length of the text times
/// `maxSize`, and never backtracking. Look-around and back-references can't be had that way and are refused.
/// Letters mean Unicode scalars, case counts, and `.` takes no line end.
package struct Pattern: Sendable {
    /// The pattern as its provider wrote it.
    package let text: String
    private let program: PatternProgram

    /// How many instructions a pattern may become once its counted repetitions are written out.
    package static let maxSize = 2_000

    /// Reads a pattern.
    /// - Throws: `PatternFault` for what is not a pattern, is not supported, or is larger than `maxSize`.
    package init(_ text: String) throws(PatternFault) {
        var parser = PatternParser(text)
        let node = try parser.pattern()
        guard node.size <= Self.maxSize else {
            throw PatternFault(
                "The pattern is too large: it may have \(Self.maxSize) parts once its repetitions are written out."
            )
        }
        self.text = text
        program = PatternProgram(node)
    }

    /// Whether the pattern matches some part of the text.
    package func matches(_ text: String) -> Bool {
        var steps = Int.max
        return program.matches(text, steps: &steps) ?? false
    }

    /// Whether the pattern matches some part of the text, taking what it costs off `steps`; nil when none are left.
    ///
    /// For texts that a consumer may make long: a million characters against a pattern of `maxSize` take seconds.
    package func matches(_ text: String, steps: inout Int) -> Bool? { program.matches(text, steps: &steps) }
}

/// Why a text is not a pattern that we take: one sentence for the provider.
package struct PatternFault: Error, Hashable {
    package let text: String

    init(_ text: String) { self.text = text }
}
