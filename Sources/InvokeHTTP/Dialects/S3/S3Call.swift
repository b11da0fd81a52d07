import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire
import NIOCore

/// One request to the object store, its signature checked.
struct S3Call: Sendable {
    let request: Request
    let context: AgentContext
    let agent: Agent
    let target: RequestTarget
    /// All header fields, by their names in small letters.
    let headers: [String: String]
    /// The bucket in the path; empty for the store as a whole.
    let bucketName: String
    /// The key in the path; empty for the bucket as a whole.
    let key: String
    let cause: ObjectCause
    let proof: BodyProof

    /// - Throws: `SignatureFault`, `S3Error`.
    init(_ request: Request, _ context: AgentContext, _ agent: Agent) throws {
        guard let target = RequestTarget(request.uri.string) else { throw S3Error.invalidURI }
        var headers = request.headers.reduce(into: [String: String]()) { headers, field in
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0),\(field.value)" } ?? field.value
        }
        headers["host"] = request.head.authority ?? ""
        let (credentials, authorization) = (agent.objectStore, headers["authorization"])
        let received = try ReceivedSignature(
            authorization: authorization,
            date: headers["x-amz-date"],
            target: target
        )
        guard received.accessKey == credentials.accessKey else { throw S3Error.invalidAccessKey }
        let named = headers["x-amz-content-sha256"] ?? target["X-Amz-Content-Sha256"]
        guard let payload = named ?? (authorization == nil ? SignatureV4.unsigned : nil) else {
            throw S3Error.invalidArgument
        }
        let checked = try received.check(
            method: request.method.rawValue,
            target,
            headers: headers,
            payload: payload,
            secret: credentials.secretKey,
            // Of a client's own clock.
            at: Date()
        )
        guard let proof = BodyProof(payload, checked.signer, seed: checked.seed) else { throw S3Error.invalidArgument }
        let parts = target.path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        self.request = request
        self.context = context
        self.agent = agent
        self.target = target
        self.headers = headers
        self.proof = proof
        bucketName = String(parts.first ?? "")
        key = parts.count > 1 ? String(parts[1]) : ""
        let address = context.channel.remoteAddress?.ipAddress ?? ""
        cause = ObjectCause(principal: credentials.accessKey, address: address)
    }

    func answer() async throws -> Response {
        guard key.utf8.count <= StoredObject.longestKey else { throw S3Error.keyTooLong }
        guard !key.utf8.contains(0) else { throw S3Error.invalidArgument }
        // What this store does not have must not be taken for an object or a list of them.
        guard !target.query.contains(where: { Self.unknown.contains($0.name) }) else { throw S3Error.notImplemented }
        if key.isEmpty {
            guard !bucketName.isEmpty else {
                guard request.method == .get, target.path == "/" else { throw S3Error.methodNotAllowed }
                return try await listBuckets()
            }
            return try await answerForBucket()
        }
        if target["uploadId"] != nil || target["uploads"] != nil { return try await answerForUpload() }
        return try await answerForObject()
    }

    /// Parts of buckets and objects that S3 has and this store has not.
    private static let unknown: Set = [
        "accelerate", "acl", "analytics", "attributes", "cors", "encryption", "intelligent-tiering", "inventory",
        "legal-hold", "lifecycle", "logging", "metrics", "notification", "object-lock", "ownershipControls", "policy",
        "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore", "retention", "select",
        "tagging", "torrent", "versionId", "versions", "website",
    ]

    /// The bucket in the path.
    /// - Throws: `noSuchBucket`.
    func bucket() async throws -> Bucket { try await bucket(named: bucketName) }

    func bucket(named name: String) async throws -> Bucket {
        guard let bucket = try await agent.store.bucket(named: name) else { throw S3Error.noSuchBucket }
        return bucket
    }

    /// A whole number of the query.
    func number(_ name: String, in range: ClosedRange<Int>, default defaultValue: Int) throws -> Int {
        guard let text = target[name], !text.isEmpty else { return defaultValue }
        guard let number = Int(text), range.lowerBound <= number else { throw S3Error.invalidArgument }
        return min(number, range.upperBound)
    }
}
