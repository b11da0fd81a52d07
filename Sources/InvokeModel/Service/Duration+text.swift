extension Duration {
    /// Reads `500ms`, `60s`, `5m`, `2h`, as definitions and headers write durations.
    package init?(text: some StringProtocol) {
        let units: [(suffix: String, milliseconds: Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let count = Int64(text.dropLast(unit.suffix.count)), count >= 0, count <= 1_000_000_000
        else { return nil }
        self = .milliseconds(count * unit.milliseconds)
    }

    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
