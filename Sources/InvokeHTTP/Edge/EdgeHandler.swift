import InvokeModel
import NIOCore
import NIOHTTP1

/// Keeps one connection within its limits: answers what never becomes a request, and ends what takes too long
/// (reliability promises E7 and I6).
///
/// It stands between the parser and the agent. What it refuses itself is answered after the requests that came before;
/// nothing that came after is passed on.
final class EdgeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let wire: WireHandler
    private let limits: EdgeLimits
    /// What to answer as soon as the requests that came before are answered; the connection then ends.
    private var refusal: Refusal?
    /// Nothing more is passed on to the agent.
    private var isDeaf = false
    /// The connection ends when all pending requests are answered.
    private var isLast = false
    /// What is answered is a stream of events.
    private var isFollowed = false
    /// The client sends nothing more: he may be gone.
    private var isInputClosed = false
    /// What to do when the client goes away before his request is answered.
    private var whenAbandoned: (@Sendable () -> Void)?
    private let rounds: ConnectionRounds

    /// `refusal` is what to answer before anything is asked; nil for a welcome connection.
    init(wire: WireHandler, limits: EdgeLimits, rounds: ConnectionRounds, refusal: Refusal?) {
        self.wire = wire
        self.limits = limits
        self.rounds = rounds
        self.refusal = refusal
    }

    func handlerAdded(context: ChannelHandlerContext) {
        rounds.join(context.channel) { [self] in endWhatIsOverdue(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { rounds.leave(context.channel) }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if let refusal { refuse(refusal, context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        rounds.leave(context.channel)
        whenAbandoned?()
        whenAbandoned = nil
        context.fireChannelInactive()
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let fault = head.fault { return refuse(fault, context) }
            if !head.isKeepAlive || head.asksToSwitch { isLast = true }
            // Behind another request it would stand between that one's answer and its own.
            if head.asksForLeave, wire.clock.pending == 0 {
                let leave = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(leave)), promise: nil)
            }
            wire.clock.headEnded()
            context.fireChannelRead(data)
        case .body: context.fireChannelRead(data)
        case .end:
            wire.clock.requestEnded()
            context.fireChannelRead(data)
            isDeaf = isLast
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { isInputClosed = true }
        if isInputClosed, isFollowed || whenAbandoned != nil {
            // Nobody is there any more who follows or waits; only the next message would show it, and that may be long.
            return context.close(mode: .all, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard let watch = event as? AbandonmentWatch else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        whenAbandoned = watch.action
        promise?.succeed()
        // He has gone while his request was being taken.
        if isInputClosed { context.close(mode: .all, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard !isDeaf else { return }
        let refusal = Refusal(error, lineBytes: wire.lineBytes, limits: limits)
        if wire.clock.reading == .body { failBody(refusal, context) } else { refuse(refusal, context) }
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            isFollowed = head.headers["content-type"].first == "text/event-stream"
            if head.headers.contains(name: "connection") {
                isLast = isLast || !head.isKeepAlive
                isDeaf = isDeaf || isLast && wire.clock.pending == 1
            } else if isLast, wire.clock.pending == 1 {
                head.headers.add(name: "Connection", value: "close")
                return context.write(wrapOutboundOut(.head(head)), promise: promise)
            }
            context.write(data, promise: promise)
        case .head, .body: context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            whenAbandoned = nil
            wire.clock.answered(.now())
            guard wire.clock.pending == 0 else { return }
            if let refusal { answer(refusal, context) } else if isLast { sayGoodbye(context) }
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output:
            wire.clock.closing(.now())
            context.close(mode: .output, promise: promise)
            context.read()
        case .all where wire.clock.isClosing:
            // Cutting the connection now could destroy an answer that the other side has not read.
            context.channel.closeFuture.cascade(to: promise)
        case .all, .input: context.close(mode: mode, promise: promise)
        }
    }

    // MARK: Ends

    /// Answers in the agent's stead, once all requests that came before are answered.
    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        isDeaf = true
        guard !wire.clock.isClosing else { return }
        guard wire.clock.pending == 0 else {
            self.refusal = refusal
            return
        }
        answer(refusal, context)
    }

    /// Lets a request fail whose body will never be complete; its route answers, in its own dialect.
    private func failBody(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        isDeaf = true
        isLast = true
        wire.clock.requestEnded()
        if wire.clock.pending > 0 { context.fireErrorCaught(refusal) } else { sayGoodbye(context) }
    }

    private func answer(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        let (head, body) = refusal.lastAnswer
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        sayGoodbye(context)
    }

    /// Ends the agent's side and hears the other side out for a moment (RFC 9112, 9.6).
    private func sayGoodbye(_ context: ChannelHandlerContext) {
        context.flush()
        close(context: context, mode: .output, promise: nil)
    }

    // MARK: Time

    private func endWhatIsOverdue(_ context: ChannelHandlerContext) {
        let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        switch wire.clock.overdue(.now(), unsent: unsent) {
        case .head: refuse(Refusal(.requestTimeout, "The headers were not complete in time."), context)
        case .body: failBody(Refusal(.requestTimeout, "The request body was not complete in time."), context)
        case .idle, .answer, .goodbye: context.close(mode: .all, promise: nil)
        case nil: break
        }
    }
}

/// Has the connection tell when the client of the present request goes away before it is answered.
struct AbandonmentWatch: Sendable {
    let action: @Sendable () -> Void
}
