import NIOCore

/// What connections may take, in number, time and bytes (reliability promises I6 and B5).
package struct EdgeLimits: Sendable {
    /// Connections of the whole agent; further ones wait outside until one ends.
    package var connections = 1024
    /// Connections of one client address; this machine's own addresses are not counted, since a proxy may stand there.
    package var connectionsPerAddress = 128
    /// From the first byte of a request (on a new connection: from its start) to the end of its headers.
    package var headTime = Duration.seconds(10)
    /// What the agent waits for a body as a whole, and for its next byte; each `bodyRate` bytes buy one more second.
    package var bodyTime = Duration.seconds(30)
    /// The bytes of a body that earn another second of waiting: large contents may take their time, drippers not.
    package var bodyRate = 16 << 10
    /// How long a connection may rest between two requests.
    package var idleTime = Duration.seconds(60)
    /// How long an answer may make no progress on the wire.
    package var writeTime = Duration.seconds(30)
    /// How long the agent listens after its last word, so that the client can read it before the connection is cut.
    package var lingerTime = Duration.seconds(2)
    /// Bytes of the request target and all header fields.
    package var headBytes = 16 << 10
    /// Bytes of the request target, and of one header field.
    package var fieldBytes = 8 << 10
    /// Header fields of one request.
    package var fields = 100
    /// Requests per second of one account, and five times as many at once; 0 for any number.
    package var rate = 1000

    package init() {}

    /// How often to ask what is overdue: fine enough that a time is kept to an eighth, and to a second.
    var period: TimeAmount {
        let shortest = TimeAmount(min(headTime, bodyTime, idleTime, writeTime, lingerTime))
        return min(.seconds(1), max(.milliseconds(20), .nanoseconds(shortest.nanoseconds / 8)))
    }
}
