package import Foundation
package import InvokeModel
import InvokeOutbound
import InvokeStore

extension Agent {
    /// The buckets that an account may see, in the order of their names.
    package func buckets(for caller: Account) async throws -> [Bucket] {
        try await store.buckets().filter { $0.isVisible(to: caller) }
    }

    /// - Throws: `unknownResource` when there is none or the caller may not see it.
    package func bucket(named name: String, for caller: Account) async throws -> Bucket {
        guard let bucket = try await store.bucket(named: name), bucket.isVisible(to: caller) else {
            throw Refusal(.unknownResource, "There is no bucket \"\(name.prefix(80))\" here.")
        }
        return bucket
    }

    /// Makes a bucket; what an admin makes is the agent's.
    /// - Throws: `invalidInput` when the name is taken or means nothing to S3.
    package func createBucket(named name: String, _ access: BucketAccess, by caller: Account) async throws {
        guard Bucket.isValid(name: name) else {
            throw Refusal(
                .invalidInput,
                "\"\(name.prefix(80))\" can't be a bucket's name: 3 to 63 small letters, digits, full stops and hyphens."
            )
        }
        guard try await store.createBucket(named: name, access, owner: caller.isAdmin ? nil : caller.id) else {
            throw Refusal(.invalidInput, "The bucket \"\(name)\" is there already.")
        }
    }

    /// The bucket, for somebody who may change it.
    /// - Throws: `unknownResource`, `forbidden`.
    package func ownBucket(named name: String, of caller: Account) async throws -> Bucket {
        let bucket = try await bucket(named: name, for: caller)
        guard bucket.isOwned(by: caller) else { throw Refusal.forbidden("the owner of the bucket, or an admin") }
        return bucket
    }

    /// Removes a bucket with all that is in it.
    package func removeBucket(named name: String, by caller: Account) async throws {
        let bucket = try await ownBucket(named: name, of: caller)
        let cause = ObjectCause(principal: caller.username)
        // Somebody may put an object into it at the very end.
        repeat {
            while try await store.removeSome(of: bucket, by: cause) {}
        } while try await !store.remove(bucket)
    }

    /// The URL of a request to an object that whoever has it may make until it expires.
    ///
    /// `address` is how the caller reaches the agent, without a path; `headers` are what the request will have to bring;
    /// `lifetime` is in whole seconds, 1 to 604,800.
    package func presigned(
        _ method: String,
        _ key: String,
        in bucket: Bucket,
        at address: (scheme: String, host: String),
        headers: [String: String],
        lifetime: Int,
        now: Date
    ) -> String {
        let named = headers.map { ($0.key.lowercased(), $0.value) } + [("host", address.host)]
        let target = RequestSigner(objectStore).presigned(
            method: method,
            RequestTarget(path: "/\(bucket.name)/\(key)"),
            headers: Dictionary(named) { $1 },
            lifetime: lifetime,
            at: now
        )
        return "\(address.scheme)://\(address.host)\(target.text)"
    }
}
