import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire
import NIOCore

extension S3Call {
    /// MinIO's endless answer: what happens in a bucket from now on, a line of JSON for each event.
    func listen(to bucket: Bucket) async throws -> Response {
        let store = agent.store
        let place = try await store.lastObjectEvent()
        let filter = EventFilter(
            names: target.query.filter { $0.name == "events" }.map(\.value),
            prefix: target["prefix"] ?? "",
            suffix: target["suffix"] ?? ""
        )
        let following = FollowedAnswer(topic: .objectsOf(bucket: bucket.name), tick: .seconds(10))
        return following.response(to: context, store.signals, hello: "") { wakeUps, writer in
            var place = place
            for await _ in wakeUps {
                var events: [ObjectEvent]
                repeat {
                    events = try await store.objectEvents(in: bucket.name, after: place)
                    place = events.last?.id ?? place
                    let told: [UInt8] = events.filter(filter.admits).flatMap { $0.body.bytes() + [0x0A] }
                    // Nothing new: an empty line, which readers pass over.
                    try await writer.write(ByteBuffer(bytes: told.isEmpty ? [0x0A] : told))
                } while !events.isEmpty
            }
        }
    }
}

/// Which events somebody listens to.
private struct EventFilter: Sendable {
    /// As S3 names them; a star at the end stands for anything.
    let names: [String]
    let prefix: String
    let suffix: String

    func admits(_ event: ObjectEvent) -> Bool {
        let name = "s3:\(event.kind.rawValue)"
        let isNamed = names.contains { $0 == name || $0.hasSuffix("*") && name.hasPrefix($0.dropLast()) }
        return isNamed && event.key.utf8.starts(with: prefix.utf8)
            && event.key.utf8.reversed().starts(with: suffix.utf8.reversed())
    }
}
