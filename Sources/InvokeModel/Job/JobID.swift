/// A job's id: 41 bits of milliseconds since 2024-01-01 UTC, then 18 random bits; shown as a decimal string of at most 18
/// digits.
///
/// Ids rise from job to job, whatever the clock does: the table that they key is appended to, and whoever knows one has
/// missed no job before it.
package struct JobID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let value: Int64

    /// Milliseconds from 1970 to 2024-01-01 UTC, where the id's clock starts.
    package static let epoch: Int64 = 1_704_067_200_000

    package init(value: Int64) { self.value = value }

    /// - Parameters:
    ///   - milliseconds: UTC milliseconds since 1970.
    ///   - random: any number; its low 18 bits are used.
    ///   - last: the highest id so far.
    package init(milliseconds: Int64, random: UInt64, after last: JobID) {
        let elapsed = max(0, milliseconds - Self.epoch) & ((1 << 41) - 1)
        let drawn = elapsed << 18 | Int64(random & ((1 << 18) - 1))
        // Of one millisecond, or by a clock that was set back: a little beyond, so that ids still can't be guessed.
        value = drawn > last.value ? drawn : last.value + 1 + Int64(random & 1023)
    }

    /// Reads what a client sends back: 1 to 18 decimal digits.
    package init?(_ text: String) {
        guard (1...18).contains(text.utf8.count) else { return nil }
        var value: Int64 = 0
        for byte in text.utf8 {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        self.value = value
    }

    package var description: String { String(value) }

    package static func < (one: JobID, two: JobID) -> Bool { one.value < two.value }
}
