import NIOCore
import Testing

@testable import InvokeHTTP

/// Reliability promise I6, on a clock that the test turns.
@Suite struct ConnectionClockTests {
    private var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private var clock: ConnectionClock

    init() { clock = ConnectionClock(EdgeLimits(), now: now) }

    private mutating func pass(_ time: TimeAmount) { now = now + time }

    private mutating func overdue(unsent: Int = 0) -> ConnectionClock.Overdue? { clock.overdue(now, unsent: unsent) }

    /// A body in pieces, each after a pause.
    private mutating func receive(_ count: Int, pieces: Int, every pause: TimeAmount) -> ConnectionClock.Overdue? {
        for _ in 0..<pieces {
            clock.asked(now)
            pass(pause)
            if let overdue = overdue() { return overdue }
            clock.received(count, now)
        }
        return nil
    }

    @Test mutating func aConnectionThatSaysNothingHasTheTimeOfAHead() {
        pass(.seconds(9))
        #expect(overdue() == nil)
        pass(.seconds(1))
        #expect(overdue() == .idle)
    }

    @Test mutating func aByteNowAndThenDoesNotProlongAHead() {
        for _ in 0..<9 {
            clock.received(1, now)
            pass(.seconds(1))
            #expect(overdue() == nil)
        }
        clock.received(1, now)
        pass(.seconds(1))
        #expect(overdue() == .head)
    }

    @Test mutating func aRequestThatIsWorkedOnHasAllTheTimeItNeeds() {
        clock.received(100, now)
        clock.headEnded()
        clock.requestEnded()
        pass(.hours(1))
        #expect(overdue() == nil)
        // The next request's head waits for this one's answer, and so does its time.
        clock.received(1, now)
        pass(.hours(1))
        #expect(overdue() == nil)
        clock.answered(now)
        pass(.seconds(9))
        #expect(overdue() == nil)
        pass(.seconds(1))
        #expect(overdue() == .head)
    }

    @Test mutating func aConnectionMayRestBetweenRequests() {
        clock.received(100, now)
        clock.headEnded()
        clock.requestEnded()
        clock.answered(now)
        pass(.seconds(59))
        #expect(overdue() == nil)
        pass(.seconds(1))
        #expect(overdue() == .idle)
    }

    @Test mutating func theTimeOfAHeadBeginsWithItsFirstByte() {
        clock.received(100, now)
        clock.headEnded()
        clock.requestEnded()
        clock.answered(now)
        pass(.seconds(50))
        clock.received(1, now)
        pass(.seconds(9))
        #expect(overdue() == nil)
        pass(.seconds(1))
        #expect(overdue() == .head)
    }

    @Test mutating func aDrippingBodyIsOverdueAsAWhole() {
        clock.received(100, now)
        clock.headEnded()
        #expect(receive(1, pieces: 29, every: .seconds(1)) == nil)
        #expect(receive(1, pieces: 1, every: .seconds(1)) == .body)
    }

    @Test mutating func aLargeBodyThatComesSteadilyMayTakeHours() {
        clock.received(100, now)
        clock.headEnded()
        #expect(receive(100_000, pieces: 5000, every: .seconds(5)) == nil)
    }

    @Test mutating func aLargeBodyMayNotStop() {
        clock.received(100, now)
        clock.headEnded()
        #expect(receive(1 << 20, pieces: 500, every: .seconds(1)) == nil)
        clock.asked(now)
        pass(.seconds(30))
        #expect(overdue() == .body)
    }

    @Test mutating func theAgentsOwnSlownessIsNotTheSenders() {
        clock.received(100, now)
        clock.headEnded()
        // Nobody asks for bytes: the disk is slow.
        pass(.minutes(10))
        #expect(overdue() == nil)
        #expect(receive(1, pieces: 29, every: .seconds(1)) == nil)
    }

    @Test mutating func anAnswerThatNobodyTakesIsOverdue() {
        clock.received(100, now)
        clock.headEnded()
        clock.requestEnded()
        clock.wrote(1000)
        #expect(overdue(unsent: 1000) == nil)
        pass(.seconds(29))
        #expect(overdue(unsent: 999) == nil)
        pass(.seconds(29))
        #expect(overdue(unsent: 999) == nil)
        pass(.seconds(1))
        #expect(overdue(unsent: 999) == .answer)
    }

    @Test mutating func aGoodbyeBeginsWhenTheAnswerIsOut() {
        clock.wrote(1000)
        clock.closing(now)
        pass(.seconds(5))
        #expect(overdue(unsent: 10) == nil)
        pass(.seconds(1))
        #expect(overdue() == nil)
        pass(.seconds(1))
        #expect(overdue() == .goodbye)
    }
}
