import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire

extension S3Call {
    /// The objects of a bucket: in version 2 with `list-type=2`, else in version 1.
    func list(_ bucket: Bucket) async throws -> Response {
        let isSecond = target["list-type"] == "2"
        let limit = try number("max-keys", in: 0...1000, default: 1000)
        var filter = ObjectFilter(prefix: target["prefix"] ?? "", delimiter: target["delimiter"] ?? "", limit: limit)
        if isSecond, let token = target["continuation-token"] {
            guard let place = Data(base64Encoded: token).flatMap({ String(validating: $0, as: UTF8.self) }) else {
                throw S3Error.invalidArgument
            }
            filter.after = place
        } else {
            filter.after = target[isSecond ? "start-after" : "marker"] ?? ""
        }
        let page = try await agent.store.objects(in: bucket, filter)
        var body = [
            XMLElement("Name", bucket.name), XMLElement("Prefix", encoded(filter.prefix)),
            XMLElement("MaxKeys", String(limit)), XMLElement("IsTruncated", page.next == nil ? "false" : "true"),
        ]
        if !filter.delimiter.isEmpty { body.append(XMLElement("Delimiter", encoded(filter.delimiter))) }
        if encodes { body.append(XMLElement("EncodingType", "url")) }
        if isSecond {
            let token = page.next.map { Data($0.utf8).base64EncodedString() }
            body.append(XMLElement("KeyCount", String(page.objects.count + page.commonPrefixes.count)))
            body += target["continuation-token"].map { [XMLElement("ContinuationToken", $0)] } ?? []
            body += token.map { [XMLElement("NextContinuationToken", $0)] } ?? []
            body += target["start-after"].map { [XMLElement("StartAfter", encoded($0))] } ?? []
        } else {
            body.append(XMLElement("Marker", encoded(filter.after)))
            body += page.next.map { [XMLElement("NextMarker", encoded($0))] } ?? []
        }
        let hasOwner = !isSecond || target["fetch-owner"] == "true"
        body += page.objects.map { object in
            var members = [
                XMLElement("Key", encoded(object.key)), XMLElement("LastModified", object.modifiedAt.millisecondText),
                XMLElement("ETag", "\"\(object.etag)\""), XMLElement("Size", String(object.content.size)),
                XMLElement("StorageClass", "STANDARD"),
            ]
            if hasOwner { members.append(owner) }
            return XMLElement("Contents", members)
        }
        body += page.commonPrefixes.map { XMLElement("CommonPrefixes", [XMLElement("Prefix", encoded($0))]) }
        return Response(xml: XMLElement("ListBucketResult", body))
    }

    /// Whether keys are escaped: XML has no way to say all of them.
    private var encodes: Bool { target["encoding-type"] == "url" }

    private func encoded(_ key: String) -> String {
        encodes ? PercentEncoding.encode(key, keeping: UInt8(ascii: "/")) : key
    }
}
