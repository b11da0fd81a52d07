/// The value of a JSON number with all its digits: `sign × digits × 10^exponent`.
///
/// There is one spelling per value (no zeros at either end of the digits, none at all for zero), so that equality
/// and hashing go by value: `1`, `1.0` and `10e-1` are the same.
struct ExactNumber: Sendable, Hashable {
    private let negative: Bool
    /// Decimal digits 0 to 9, the most significant first.
    private let digits: [UInt8]
    private let exponent: Int

    /// Beyond this an exponent counts as this: nobody can tell the difference, and sums can't overflow.
    private static let maxExponent = 1_000_000_000_000_000

    init(_ number: JSONNumber) {
        var digits: [UInt8] = []
        var exponent = 0
        var afterPoint = false
        var rest = number.text.utf8[...]
        let negative = rest.first == UInt8(ascii: "-")
        if negative { rest.removeFirst() }
        while let byte = rest.popFirst(), byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
            guard byte != UInt8(ascii: ".") else {
                afterPoint = true
                continue
            }
            if afterPoint { exponent -= 1 }
            if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte & 0x0F) }
        }
        exponent += Self.exponent(rest)
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        self.negative = negative && !digits.isEmpty
        self.digits = digits
        self.exponent = digits.isEmpty ? 0 : exponent
    }

    private static func exponent(_ text: Substring.UTF8View) -> Int {
        var value = 0
        for byte in text where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "+") {
            value = min(value * 10 + Int(byte & 0x0F), maxExponent)
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    var isZero: Bool { digits.isEmpty }
    var isPositive: Bool { !negative && !isZero }
    var isInteger: Bool { exponent >= 0 }

    /// How many digits are needed to write the value, without zeros at its ends.
    var significantDigits: Int { digits.count }

    /// The value, or nil when it has a fraction or does not fit.
    var int: Int? {
        guard isInteger, digits.count + exponent <= 19 else { return nil }
        var value = 0
        for place in 0..<digits.count + exponent {
            let digit = place < digits.count ? Int(digits[place]) : 0
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowToo) = shifted.addingReportingOverflow(negative ? -digit : digit)
            guard !overflow, !overflowToo else { return nil }
            value = sum
        }
        return value
    }

    /// The one spelling of the value as a JSON number.
    var number: JSONNumber {
        guard !isZero else { return JSONNumber(0) }
        let text = String(decoding: digits.map { $0 | 0x30 }, as: UTF8.self)
        return JSONNumber(validText: (negative ? "-" : "") + text + (exponent == 0 ? "" : "e\(exponent)"))
    }

    /// How many digits a divisor may have.
    static let maxDivisorDigits = 18

    /// Whether the value is a whole multiple of a positive divisor of at most `maxDivisorDigits` digits.
    func isMultiple(of divisor: ExactNumber) -> Bool {
        guard !isZero else { return true }
        let power = exponent - divisor.exponent
        // The digits do not end in 0, so ten times the divisor's digits never divides them.
        guard power >= 0 else { return false }
        let modulus = divisor.digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1) }
        var remainder: UInt64 = 1 % modulus
        var base = 10 % modulus
        var left = power
        while left > 0 {
            if left & 1 == 1 { remainder = Self.product(remainder, base, modulus) }
            base = Self.product(base, base, modulus)
            left >>= 1
        }
        let rest = digits.reduce(UInt64(0)) { (Self.product($0, 10, modulus) + UInt64($1)) % modulus }
        return Self.product(rest, remainder, modulus) == 0
    }

    private static func product(_ one: UInt64, _ other: UInt64, _ modulus: UInt64) -> UInt64 {
        modulus.dividingFullWidth(one.multipliedFullWidth(by: other)).remainder
    }
}

extension ExactNumber: Comparable {
    static func < (one: ExactNumber, other: ExactNumber) -> Bool {
        if one.negative != other.negative { return one.negative }
        return one.negative ? other.isSmaller(than: one) : one.isSmaller(than: other)
    }

    /// Whether the value without its sign is the smaller one.
    private func isSmaller(than other: ExactNumber) -> Bool {
        guard !isZero, !other.isZero else { return isZero && !other.isZero }
        let places = digits.count + exponent
        let otherPlaces = other.digits.count + other.exponent
        return places == otherPlaces ? digits.lexicographicallyPrecedes(other.digits) : places < otherPlaces
    }
}
