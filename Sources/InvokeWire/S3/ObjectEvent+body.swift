import Foundation
package import InvokeModel
import OrderedCollections

extension ObjectEvent {
    /// The event as MinIO tells of it, to those who listen and to services.
    package var body: JSON {
        ["EventName": .string("s3:\(kind.rawValue)"), "Key": .string("\(bucket)/\(key)"), "Records": [record]]
    }

    /// The one record of it.
    package var record: JSON {
        let principal = JSON.object(["principalId": .string(cause.principal)])
        return [
            "eventVersion": "2.0",
            "eventSource": "minio:s3",
            "awsRegion": "",
            "eventTime": .string(time.millisecondText),
            "eventName": .string("s3:\(kind.rawValue)"),
            "userIdentity": principal,
            "requestParameters": [
                "principalId": .string(cause.principal), "region": "", "sourceIPAddress": .string(cause.address),
            ],
            "responseElements": ["x-amz-request-id": .string(sequencer), "x-minio-origin-endpoint": ""],
            "s3": [
                "s3SchemaVersion": "1.0",
                "configurationId": "Config",
                "bucket": [
                    "name": .string(bucket), "ownerIdentity": principal, "arn": .string("arn:aws:s3:::\(bucket)"),
                ],
                "object": objectBody,
            ],
            "source": ["host": .string(cause.address), "port": "", "userAgent": ""],
        ]
    }

    /// Orders what happened to one object, as text of a fixed length.
    package var sequencer: String {
        let digits = String(id, radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    private var objectBody: JSON {
        var members: OrderedDictionary<String, JSON> = ["key": .string(Self.formEncoded(key))]
        if let object {
            var metadata: OrderedDictionary<String, JSON> = ["content-type": .string(object.traits.contentType)]
            for (name, value) in object.traits.headers where name.hasPrefix("x-amz-meta-") {
                metadata[name] = .string(value)
            }
            members["size"] = .number(JSONNumber(object.content.size))
            members["eTag"] = .string(object.etag)
            members["contentType"] = .string(object.traits.contentType)
            members["userMetadata"] = .object(metadata)
        }
        members["sequencer"] = .string(sequencer)
        return .object(members)
    }

    /// A key as it stands in events: as a form has it, a space being a plus.
    private static func formEncoded(_ key: String) -> String {
        PercentEncoding.encode(key, keeping: UInt8(ascii: " ")).replacing(" ", with: "+")
    }
}
