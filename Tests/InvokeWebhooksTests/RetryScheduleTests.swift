import Foundation
import Testing

@testable import InvokeWebhooks

@Suite struct RetryScheduleTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func wait(afterAttempts attempts: Int, asked: Duration? = nil) -> TimeInterval? {
        RetrySchedule.standard.next(afterAttempts: attempts, asked: asked, now: now)?.timeIntervalSince(now)
    }

    @Test(arguments: zip(1...9, [5.0, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]))
    func aWaitIsTheScheduledOneWithinATenth(attempts: Int, seconds: TimeInterval) throws {
        let waits = (0..<200).compactMap { _ in wait(afterAttempts: attempts) }
        #expect(waits.count == 200)
        #expect(waits.allSatisfy { (seconds * 0.899...seconds * 1.101).contains($0) })
        #expect(Set(waits).count > 100)
    }

    @Test func theTenthFailureIsTheLast() {
        #expect(wait(afterAttempts: 10) == nil)
    }

    @Test func whatTheReceiverAsksForOnlyLengthensAWait() throws {
        #expect(try #require(wait(afterAttempts: 1, asked: .seconds(60))) == 60)
        #expect(try #require(wait(afterAttempts: 1, asked: .zero)) >= 4.4)
        #expect(try #require(wait(afterAttempts: 1, asked: .seconds(90_000))) == 3600)
        #expect(wait(afterAttempts: 10, asked: .seconds(60)) == nil)
    }
}
