import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire
import NIOCore

/// An answer that goes on for as long as there is something to tell: server-sent events.
///
/// The rows are the messages: news and a slow tick only say when to look. So a reader that names the last event that he has
/// seen misses none, whatever has been started anew meanwhile.
struct EventStream<Place: EventPlace>: Sendable {
    let topic: Signals.Topic
    /// Where the caller has got to.
    let place: Place
    /// What comes after a place.
    let read: @Sendable (Place) async throws -> EventPage

    /// How often a quiet stream shows that it is alive: proxies cut one that says nothing for a minute.
    private let tick = TimeAmount.seconds(30)

    /// `hello` is said first, whatever happens.
    func response(to call: Call, hello: String = "") -> Response {
        FollowedAnswer(topic: topic, tick: tick).response(
            to: call.context,
            call.agent.store.signals,
            hello: "retry: 1000\n\(hello)\n",
            tell: tell
        )
    }

    @concurrent
    private func tell(_ wakeUps: AsyncStream<Void>, _ writer: inout any ResponseBodyWriter) async throws {
        var place = place
        for await _ in wakeUps {
            guard try await !tellNews(after: &place, &writer) else { return }
        }
        // The agent stops: what has been committed until now may not have woken anybody any more.
        _ = try await tellNews(after: &place, &writer)
    }

    /// - Returns: whether there will never be more.
    @concurrent
    private func tellNews(after place: inout Place, _ writer: inout any ResponseBodyWriter) async throws -> Bool {
        var page: EventPage
        repeat {
            page = try await read(place)
            var bytes: [UInt8] = []
            for event in page.events {
                place.pass(event)
                bytes += ServerSentEvent(event, id: place.description).bytes
            }
            // Nothing new: a comment, which readers pass over.
            if bytes.isEmpty { bytes = Array(":\n\n".utf8) }
            try await writer.write(ByteBuffer(bytes: bytes))
        } while page.hasMore
        return page.isOver
    }
}
