/// Something that did not come true in time.
package struct NotInTime: Error {}

/// Waits until something comes true, for things that give no signal.
/// - Parameters:
///   - limit: how long it may take.
///   - condition: asked again and again.
/// - Throws: `NotInTime`, or what the condition throws.
package func eventually(
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard .now < end else { throw NotInTime() }
        try await Task.sleep(for: .milliseconds(20))
    }
}
