import Hummingbird
import HummingbirdCore
import InvokeModel
import Logging
import NIOCore
import NIOHTTP1

/// An HTTP/1.1 connection within its limits.
struct EdgeChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let http: HTTP1Channel
    private let limits: EdgeLimits
    private let quota: AddressQuota
    private let arrivals: Arrivals
    private let rounds: ConnectionRounds

    init(limits: EdgeLimits, arrivals: Arrivals, responder: @escaping HTTP1Channel.Responder) {
        // The idle time is the edge's: the library's own forgives a dripping body.
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.fieldBytes,
            maxHeaderListSize: limits.headBytes,
            maxHeaderFieldCount: limits.fields
        )
        http = HTTP1Channel(responder: responder, configuration: .init(httpDecoderConfiguration: decoder))
        self.limits = limits
        self.arrivals = arrivals
        rounds = ConnectionRounds(period: limits.period)
        quota = AddressQuota(maximum: limits.connectionsPerAddress)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let refusal = countIn(channel)
        return http.setup(channel: channel, logger: logger).flatMapThrowing { [limits, rounds] value in
            let pipeline = channel.pipeline.syncOperations
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let wire = WireHandler(clock: ConnectionClock(limits, now: .now()))
            let edge = EdgeHandler(wire: wire, limits: limits, rounds: rounds, refusal: refusal)
            try pipeline.addHandler(edge, position: .after(parser))
            try pipeline.addHandler(wire, position: .first)
            return value
        }
    }

    /// Serves the requests on the connection's own event loop: no other thread has to be woken for each. So nothing that
    /// serves a request may wait in place.
    func handle(value: Value, logger: Logger) async {
        arrivals.left(value.channel)
        await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
            await http.handle(value: value, logger: logger)
        }
    }

    /// - Returns: what to say to a connection that is one too many of its address.
    private func countIn(_ channel: any Channel) -> Refusal? {
        guard let address = ClientAddress(channel.remoteAddress) else { return nil }
        guard quota.take(address) else {
            return Refusal(
                .rateLimited,
                "Your address has \(limits.connectionsPerAddress) connections open, the most that it may have.",
                retryAfter: .random(in: 4...6)
            )
        }
        channel.closeFuture.whenComplete { [quota] _ in quota.giveBack(address) }
        return nil
    }
}
