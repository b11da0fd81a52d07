package import Foundation

/// Something that has happened to an object.
package struct ObjectEvent: Sendable, Hashable {
    /// As S3 names it, without `s3:`.
    package enum Kind: String, Sendable, CaseIterable {
        case put = "ObjectCreated:Put"
        case copied = "ObjectCreated:Copy"
        case completed = "ObjectCreated:CompleteMultipartUpload"
        case removed = "ObjectRemoved:Delete"

        package var isCreation: Bool { self != .removed }
    }

    /// Rises with every event of the agent; also orders those of one object.
    package let id: Int64
    package let kind: Kind
    package let bucket: String
    package let key: String
    /// The object as it was made; nil when it was removed.
    package let object: StoredObject?
    package let cause: ObjectCause
    package let time: Date

    package init(
        id: Int64,
        kind: Kind,
        bucket: String,
        key: String,
        object: StoredObject?,
        cause: ObjectCause,
        time: Date
    ) {
        self.id = id
        self.kind = kind
        self.bucket = bucket
        self.key = key
        self.object = object
        self.cause = cause
        self.time = time
    }
}

/// Who changes an object, and from where.
package struct ObjectCause: Sendable, Hashable {
    /// An access key, a user name, or a service.
    package let principal: String
    /// An IP address; empty for what the agent does itself.
    package let address: String

    package init(principal: String, address: String = "") {
        self.principal = principal
        self.address = address
    }
}
