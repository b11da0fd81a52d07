package import Foundation
package import OrderedCollections

/// What is kept under a key of a bucket.
package struct StoredObject: Sendable, Hashable {
    package let key: String
    package let content: ContentReference
    /// The MD5 of the content in hexadecimal, or of the MD5s of its parts and their number; without quotes.
    package let etag: String
    package let traits: ObjectTraits
    package let modifiedAt: Date

    package init(key: String, content: ContentReference, etag: String, traits: ObjectTraits, modifiedAt: Date) {
        self.key = key
        self.content = content
        self.etag = etag
        self.traits = traits
        self.modifiedAt = modifiedAt
    }

    /// The longest key, in bytes of UTF-8.
    package static let longestKey = 1024
}

/// What is told of an object beside its content, as its writer has given it.
package struct ObjectTraits: Sendable, Hashable {
    package var contentType: String
    /// Header fields that are given back with it, by their names in small letters.
    package var headers: OrderedDictionary<String, String>

    package init(contentType: String? = nil, headers: OrderedDictionary<String, String> = [:]) {
        self.contentType = contentType ?? "application/octet-stream"
        self.headers = headers
    }
}

/// An object about to be kept; its content is on the disk.
package struct NewObject: Sendable {
    package let key: String
    package let content: ContentReference
    package let etag: String
    package let traits: ObjectTraits

    package init(key: String, content: ContentReference, etag: String, traits: ObjectTraits) {
        self.key = key
        self.content = content
        self.etag = etag
        self.traits = traits
    }
}

/// An object about to be kept in a bucket.
package struct PlacedObject: Sendable {
    package let bucket: String
    package let object: NewObject

    package init(bucket: String, object: NewObject) {
        self.bucket = bucket
        self.object = object
    }
}
