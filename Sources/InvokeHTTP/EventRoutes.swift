import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore

/// What happens to jobs, as it happens (agent.md §5).
enum EventRoutes {
    private static let stream = "text/event-stream"

    static func add(to routes: Routes) {
        routes.get("/jobs/{id}/events", .account, answers: [stream]) { call in
            let job = try await call.agent.job(call.parameter("id"), for: try call.account())
            return try await follow(job.id, .all, call)
        }
        routes.get("/jobs/{id}/logs", .account, answers: ["text/plain", stream]) { call in
            let job = try await call.agent.job(call.parameter("id"), for: try call.account())
            if try call.wantsToFollow { return try await follow(job.id, .log, call) }
            let log = try await call.agent.store.log(of: job.id)
            return Response(bytes: log, contentType: "text/plain; charset=utf-8")
        }
        routes.get("/events", .account, answers: [stream]) { call in
            let caller = try call.account()
            let store = call.agent.store
            let last: FeedPlace? = try call.lastEvent()
            let place = if let last { last } else { try await store.presentPlace() }
            // The place is said at once: a reader who is cut off before the first event comes back to it.
            return EventStream(topic: .jobs(ofAccount: caller.id), place: place) { place in
                try await store.events(ofAll: caller.id, after: place)
            }.response(to: call, hello: "id: \(place)\n")
        }
    }

    private static func follow(_ id: JobID, _ choice: EventChoice, _ call: Call) async throws -> Response {
        let store = call.agent.store
        let last: JobPlace? = try call.lastEvent()
        if let last {
            let page = try await store.events(of: id, choice, after: last)
            // What a browser takes for the end: it does not come back again.
            if page.events.isEmpty, page.isOver { return Response(status: .noContent) }
        }
        return EventStream(topic: .job(id), place: last ?? JobPlace()) { place in
            try await store.events(of: id, choice, after: place)
        }.response(to: call)
    }
}

extension Call {
    /// How far the caller has come before (`Last-Event-ID`).
    /// - Throws: `invalidParameter` for what no stream of the kind has named.
    fileprivate func lastEvent<Place: EventPlace>() throws -> Place? {
        guard let text = header(.lastEventID) else { return nil }
        guard let place = Place(text) else {
            throw Refusal(
                .invalidParameter,
                "`Last-Event-ID` takes the id of an event of this very stream, not \"\(text.prefix(40))\"."
            )
        }
        return place
    }

    /// `?follow=1`, or nothing but an event stream is taken.
    fileprivate var wantsToFollow: Bool {
        get throws {
            if try number("follow", in: 0...1, default: 0) == 1 { return true }
            let accept = AcceptHeader(request.headers[values: .accept])
            return accept.admits("text/event-stream") && !accept.admits("text/plain")
        }
    }
}
