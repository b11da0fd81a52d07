import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire

extension S3Call {
    func listBuckets() async throws -> Response {
        let buckets = try await agent.store.buckets().map { bucket in
            XMLElement(
                "Bucket",
                [XMLElement("Name", bucket.name), XMLElement("CreationDate", bucket.createdAt.millisecondText)]
            )
        }
        return Response(xml: XMLElement("ListAllMyBucketsResult", [owner, XMLElement("Buckets", buckets)]))
    }

    func answerForBucket() async throws -> Response {
        switch request.method {
        case .get: return try await readBucket()
        case .head:
            _ = try await bucket()
            return Response(status: .ok)
        case .put: return try await create()
        case .delete:
            guard try await agent.store.remove(try await bucket()) else { throw S3Error.bucketNotEmpty }
            return Response(status: .noContent)
        case .post where target["delete"] != nil: return try await removeMany()
        default: throw S3Error.methodNotAllowed
        }
    }

    private func readBucket() async throws -> Response {
        let bucket = try await bucket()
        if target["location"] != nil {
            return Response(xml: XMLElement("LocationConstraint", ""))
        } else if target["versioning"] != nil {
            return Response(xml: XMLElement("VersioningConfiguration", ""))
        } else if target["uploads"] != nil {
            return try await listUploads(to: bucket)
        } else if target["events"] != nil {
            return try await listen(to: bucket)
        }
        return try await list(bucket)
    }

    private func create() async throws -> Response {
        guard target["versioning"] == nil else { throw S3Error.notImplemented }
        guard Bucket.isValid(name: bucketName) else { throw S3Error.invalidBucketName }
        // A body can only name a region, and there is none but this.
        guard try await agent.store.createBucket(named: bucketName, owner: nil) else {
            throw S3Error.bucketAlreadyOwnedByYou
        }
        return Response(status: .ok, headers: [.location: "/\(bucketName)"])
    }

    private func removeMany() async throws -> Response {
        let bucket = try await bucket()
        let order = try await xml()
        let keys = order.children.filter { $0.name == "Object" }.compactMap { $0["Key"] }
        guard order.name == "Delete", (1...1000).contains(keys.count) else { throw S3Error.malformedXML }
        try await agent.store.remove(keys, from: bucket, by: cause)
        let removed = keys.map { XMLElement("Deleted", [XMLElement("Key", $0)]) }
        return Response(xml: XMLElement("DeleteResult", order["Quiet"] == "true" ? [] : removed))
    }

    /// All that S3 calls the owner of something.
    var owner: XMLElement {
        XMLElement("Owner", [XMLElement("ID", cause.principal), XMLElement("DisplayName", cause.principal)])
    }
}
