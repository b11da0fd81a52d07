import NIOCore

/// Stands at the very edge, where bytes are still bytes: counts them for the connection's clock.
final class WireHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    var clock: ConnectionClock
    /// The length of the request line, as far as it is here.
    private(set) var lineBytes = 0
    private var isLineOpen = false

    init(clock: ConnectionClock) { self.clock = clock }

    func read(context: ChannelHandlerContext) {
        clock.asked(.now())
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After the last answer the other side is heard out, but not listened to.
        guard !clock.isClosing else { return }
        let buffer = unwrapInboundIn(data)
        measureLine(buffer)
        clock.received(buffer.readableBytes, .now())
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if clock.isClosing { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        clock.wrote(unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }

    private func measureLine(_ buffer: ByteBuffer) {
        if clock.reading == .nothing {
            lineBytes = 0
            isLineOpen = true
        }
        guard isLineOpen else { return }
        let bytes = buffer.readableBytesView
        let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
        isLineOpen = end == nil
        lineBytes += (end ?? bytes.endIndex) - bytes.startIndex
    }
}
