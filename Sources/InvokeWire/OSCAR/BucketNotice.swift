package import InvokeModel
import OrderedCollections

/// What an object store tells of objects by an event, as MinIO and S3 write it (oscar.md §10).
package struct BucketNotice: Sendable {
    package let records: [Record]

    package struct Record: Sendable {
        package let bucket: String
        package let key: String
        /// Whether an object has been made, not removed or something else; folders are no objects.
        package let isCreation: Bool
        /// Tells this event from others of the object, when the store says so.
        package let sequencer: String?
        /// The event with this record alone.
        package let event: JSON
    }

    /// Reads a body.
    ///
    /// - Returns: nil for what is no event: input like any other.
    package init?(_ body: [UInt8]) {
        guard body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{"), let event = try? JSON(parsing: body),
            let records = event["Records"]?.array, let source = records.first?["eventSource"]?.string,
            source == "minio:s3" || source == "aws:s3"
        else { return nil }
        self.records = records.compactMap { Record($0, of: event) }
    }
}

extension BucketNotice.Record {
    /// An event of the agent's own store.
    package init(_ event: ObjectEvent) {
        bucket = event.bucket
        key = event.key
        isCreation = event.kind.isCreation && !event.key.hasSuffix("/")
        sequencer = event.sequencer
        self.event = event.body
    }

    fileprivate init?(_ record: JSON, of event: JSON) {
        guard let bucket = record["s3"]?["bucket"]?["name"]?.string,
            let escaped = record["s3"]?["object"]?["key"]?.string,
            let key = PercentEncoding.decode(escaped.utf8, isForm: true)
        else { return nil }
        let name = record["eventName"]?.string ?? ""
        self.bucket = bucket
        self.key = key
        isCreation = name.contains("ObjectCreated") && !key.hasSuffix("/")
        sequencer = record["s3"]?["object"]?["sequencer"]?.string
        var members = event.object ?? [:]
        members["Records"] = [record]
        self.event = .object(members)
    }
}

extension OSCAR {
    /// The object that started a job; nil when something else did.
    package static func object(thatStarted inputs: JSON) -> (bucket: String, key: String)? {
        guard let record = inputs["event"]?["Records"]?.array?.first,
            let bucket = record["s3"]?["bucket"]?["name"]?.string,
            let key = record["s3"]?["object"]?["key"]?.string.flatMap({ PercentEncoding.decode($0.utf8, isForm: true) })
        else { return nil }
        return (bucket, key)
    }
}
