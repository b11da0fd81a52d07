import Hummingbird
import InvokeStore
import NIOCore

/// An answer that goes on for as long as somebody follows a topic.
struct FollowedAnswer: Sendable {
    let topic: Signals.Topic
    /// How often a quiet stream wakes up to show that it is alive.
    let tick: TimeAmount

    /// `hello` is said first, whatever happens; `tell` is woken at once, then by news and ticks.
    func response(
        to call: AgentContext,
        _ signals: Signals,
        hello: String,
        tell: @escaping @Sendable @concurrent (AsyncStream<Void>, inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        let channel = call.channel
        var response = Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"],
            body: ResponseBody { writer in
                let (wakeUps, follower) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                signals.follow(topic, waking: follower)
                channel.closeFuture.whenComplete { _ in follower.finish() }
                let ticks = channel.eventLoop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in
                    follower.yield()
                }
                defer {
                    ticks.cancel()
                    follower.finish()
                }
                if !hello.isEmpty { try await writer.write(ByteBuffer(string: hello)) }
                follower.yield()
                try await tell(wakeUps, &writer)
                try await writer.finish(nil)
            }
        )
        // Some proxies collect an answer until it is whole, unless they are told not to.
        response.headers[.xAccelBuffering] = "no"
        return response
    }
}
