import InvokeModel
import Synchronization
import Testing

@testable import InvokeAgent

/// Wrong passwords, counted on a clock that the test turns.
@Suite struct PasswordTrialsTests {
    private final class Clock: Sendable {
        private let time = Mutex<Int64>(1_000_000_000_000)

        func now() -> Int64 { time.withLock { $0 } }

        func pass(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000_000 } }
    }

    private let clock = Clock()
    private let trials: PasswordTrials

    init() { trials = PasswordTrials(most: 10, now: clock.now) }

    /// - Returns: the code of the refusal, nil for none.
    private func attempt(_ name: String = "ada", from place: String = "here", right: Bool = false) async -> ErrorCode? {
        do {
            try await trials.checking(name, from: place) { if !right { throw Refusal.unauthenticated } }
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    @Test func aTokenComesBackEverySixSeconds() async {
        for _ in 0..<10 { #expect(await attempt() == .unauthenticated) }
        clock.pass(seconds: 5)
        #expect(await attempt() == .rateLimited)
        clock.pass(seconds: 1)
        #expect(await attempt() == .unauthenticated)
        #expect(await attempt() == .rateLimited)
        clock.pass(seconds: 60)
        for _ in 0..<10 { #expect(await attempt() == .unauthenticated) }
        #expect(await attempt() == .rateLimited)
    }

    @Test func rightOnesCostNothing() async {
        for _ in 0..<9 { #expect(await attempt() == .unauthenticated) }
        for _ in 0..<100 { #expect(await attempt(right: true) == nil) }
        #expect(await attempt() == .unauthenticated)
        #expect(await attempt(right: true) == .rateLimited)
    }

    @Test func everyPairOfNameAndPlaceIsCountedByItself() async {
        for _ in 0..<10 { #expect(await attempt() == .unauthenticated) }
        #expect(await attempt("bob") == .unauthenticated)
        #expect(await attempt(from: "there") == .unauthenticated)
        #expect(await attempt() == .rateLimited)
    }

    @Test func manyAtOnceAreCountedBeforeTheyAreChecked() async {
        let checked = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask { [trials] in
                    var isChecked = false
                    try? await trials.checking("ada", from: "here") {
                        isChecked = true
                        try await Task.sleep(for: .milliseconds(50))
                        throw Refusal.unauthenticated
                    }
                    return isChecked
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(checked == 10)
    }

    @Test func whatSaysNothingOfThePasswordCostsNothing() async throws {
        struct Fault: Error {}
        for _ in 0..<100 {
            await #expect(throws: Fault.self) { try await trials.checking("ada", from: "here") { throw Fault() } }
        }
        #expect(await attempt() == .unauthenticated)
    }
}
