import Synchronization

/// Names one request in answers and logs: a UUID of version 4 that nobody needs to be unable to guess.
///
/// Drawn from a counter that a process-wide random number scrambles, which costs a hundredth of a system call.
struct RequestID {
    private static let count = Atomic<UInt64>(.random(in: 0...UInt64.max))

    static func next() -> String {
        let number = count.add(1, ordering: .relaxed).newValue
        let high = scramble(number) & ~0xF000 | 0x4000
        let low = scramble(~number) & ~(0b11 << 62) | 0b10 << 62
        return String(unsafeUninitializedCapacity: 36) { text in
            var at = 0
            for shift in stride(from: 60, through: 0, by: -4) {
                if at == 8 || at == 13 { at = put(UInt8(ascii: "-"), text, at) }
                at = put(digit(high, shift), text, at)
            }
            for shift in stride(from: 60, through: 0, by: -4) {
                if at == 18 || at == 23 { at = put(UInt8(ascii: "-"), text, at) }
                at = put(digit(low, shift), text, at)
            }
            return at
        }
    }

    private static func put(_ byte: UInt8, _ text: UnsafeMutableBufferPointer<UInt8>, _ at: Int) -> Int {
        text[at] = byte
        return at + 1
    }

    private static func digit(_ number: UInt64, _ shift: Int) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 0xF
        return value < 10 ? 0x30 + value : 0x57 + value
    }

    /// SplitMix64's finaliser: neighbours become unlike each other, and no two numbers the same.
    private static func scramble(_ number: UInt64) -> UInt64 {
        var mixed = number &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
