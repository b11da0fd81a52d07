import Foundation
import InvokeWire
import Testing

/// Times as callers write them (RFC 3339).
@Suite struct TimeTests {
    @Test(arguments: [
        ("2026-01-31T10:00:00Z", 1_769_853_600.0), ("2026-01-31T10:00:00.250Z", 1_769_853_600.25),
        ("2026-01-31T12:00:00+02:00", 1_769_853_600.0), ("2024-02-29T00:00:00Z", 1_709_164_800.0),
    ])
    func aTimeIsRead(text: String, seconds: Double) {
        #expect(Date(iso8601: text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "2024-01-01T12:99:00Z", "2024-01-01T24:00:00Z", "2024-01-01T12:00:60Z", "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z", "2023-02-29T00:00:00Z", "2024-04-31T00:00:00Z", "2024-01-00T00:00:00Z",
        "2024-01-01", "2024-01-01T12:00Z", "yesterday", "",
    ])
    func whatIsNoTimeIsNotReadAsAnother(text: String) { #expect(Date(iso8601: text) == nil) }
}
