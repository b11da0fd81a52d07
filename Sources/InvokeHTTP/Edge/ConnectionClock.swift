import NIOCore

/// Watches what passes on one connection and says which time has run out (reliability promise I6).
///
/// Only the time that the agent waits for the other side counts: not the time that a request is worked on, nor the
/// time that an upload waits for the disk. All times are monotonic.
struct ConnectionClock {
    /// Whose time is over.
    enum Overdue {
        /// The headers of a request that has begun.
        case head
        /// The next request.
        case idle
        case body
        /// An answer that the other side does not take.
        case answer
        /// The other side's goodbye.
        case goodbye
    }

    /// What comes next from the other side.
    enum Reading {
        /// Nothing of the next request is here.
        case nothing
        case head, body
    }

    private let headTime, bodyTime, idleTime, writeTime, lingerTime: TimeAmount
    private let bodyRate: Int
    private(set) var reading = Reading.nothing
    /// Requests whose headers are here and whose answer is not out yet.
    private(set) var pending = 0
    /// When the present rest or head began.
    private var since: NIODeadline
    private var hasAnswered = false
    /// Since when the agent asks for bytes and none come; nil while it does not ask.
    private var waitingSince: NIODeadline?
    private var bodyWaited = TimeAmount.zero
    private var bodyBytes = 0
    private var written = 0
    private var taken = 0
    private var takenAt: NIODeadline
    private var closingSince: NIODeadline?

    init(_ limits: EdgeLimits, now: NIODeadline) {
        headTime = TimeAmount(limits.headTime)
        bodyTime = TimeAmount(limits.bodyTime)
        idleTime = TimeAmount(limits.idleTime)
        writeTime = TimeAmount(limits.writeTime)
        lingerTime = TimeAmount(limits.lingerTime)
        bodyRate = max(1, limits.bodyRate)
        since = now
        takenAt = now
    }

    var isClosing: Bool { closingSince != nil }

    /// The agent asks for bytes.
    mutating func asked(_ now: NIODeadline) {
        if waitingSince == nil { waitingSince = now }
    }

    /// Bytes came in. They are told before the parser makes parts of them.
    mutating func received(_ count: Int, _ now: NIODeadline) {
        switch reading {
        case .body:
            bodyBytes += count
            bodyWaited = bodyWaited + (waitingSince.map { now - $0 } ?? .zero)
        case .nothing:
            reading = .head
            if pending == 0, hasAnswered { since = now }
        case .head: break
        }
        waitingSince = nil
    }

    mutating func headEnded() {
        reading = .body
        pending += 1
        bodyWaited = .zero
        bodyBytes = 0
    }

    mutating func requestEnded() { reading = .nothing }

    mutating func wrote(_ count: Int) { written += count }

    /// The last byte of an answer was written.
    mutating func answered(_ now: NIODeadline) {
        pending -= 1
        hasAnswered = true
        since = now
    }

    /// The last answer was written.
    mutating func closing(_ now: NIODeadline) {
        if closingSince == nil { closingSince = now }
    }

    /// What time has run out, if any; `unsent` is the number of bytes that were written and have not gone out.
    mutating func overdue(_ now: NIODeadline, unsent: Int) -> Overdue? {
        if unsent == 0 || written - unsent > taken {
            taken = written - unsent
            takenAt = now
        }
        if now - takenAt >= writeTime { return .answer }
        if let closingSince {
            guard unsent == 0 else {
                self.closingSince = now
                return nil
            }
            return now - closingSince >= lingerTime ? .goodbye : nil
        }
        switch reading {
        case .body:
            let waiting = waitingSince.map { now - $0 } ?? .zero
            let allowed = bodyTime + .seconds(Int64(bodyBytes / bodyRate))
            return waiting >= bodyTime || bodyWaited + waiting >= allowed ? .body : nil
        case .head: return pending == 0 && now - since >= headTime ? .head : nil
        case .nothing: return pending == 0 && now - since >= (hasAnswered ? idleTime : headTime) ? .idle : nil
        }
    }
}
