import Foundation
import InvokeAssets
import InvokeExecution
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire
import Logging

/// The object stores of others that a service names, as one attempt uses them.
struct ServiceStores: Sendable {
    let providers: [StorageProvider]
    let claim: Claim
    /// How often the script is tried again.
    let retries: Int
    let client: ObjectStoreClient
    let store: Store
    let logger: Logger

    /// Bytes of an answer that a job tells of.
    private static let shownBytes = 300

    /// Fetches an object into a new file.
    /// - Throws: `ProviderUnavailable`; `JobFailure` `assetNotAccessible` with what the store has said, `providerBlocked`.
    func get(
        _ key: String,
        in bucket: String,
        of provider: String,
        to path: String,
        _ running: @Sendable (AttemptStop) async -> Void
    ) async throws {
        let file = try await StagedFile(at: path)
        defer { file.close() }
        try await attempt(key, bucket, provider, else: .assetNotAccessible, running) { place in
            try await client.get(place, attempt: claim.counted - 1) { bytes in
                guard !store.disk.isLow else {
                    throw JobFailure(.assetNotAccessible, "There is no space for \(bucket)/\(key) on the agent's disk.")
                }
                try await file.write(bytes)
            }
        }
    }

    /// Puts what the script has left where its service wants it.
    /// - Throws: `ProviderUnavailable`; `JobFailure` `outputNotStored` with what the store has said, `providerBlocked`.
    func put(
        _ file: LeftFile,
        as key: String,
        in bucket: String,
        of provider: String,
        _ running: @Sendable (AttemptStop) async -> Void
    ) async throws {
        let content = ObjectStoreClient.Content(size: file.size) { range in
            try await FileContentStore.bytes(ofFileAt: file.place, range)
        }
        try await attempt(key, bucket, provider, else: .outputNotStored, running) { place in
            try await client.put(content, at: place, attempt: claim.counted - 1)
        }
    }

    private func attempt(
        _ key: String,
        _ bucket: String,
        _ name: String,
        else code: ErrorCode,
        _ running: @Sendable (AttemptStop) async -> Void,
        _ call: @escaping @Sendable (ObjectStoreClient.Place) async throws -> Void
    ) async throws {
        guard let provider = providers.first(where: { $0.name == name }) else {
            throw JobFailure(code, "The service does not describe the store \(name) any more.")
        }
        let place = ObjectStoreClient.Place(
            endpoint: provider.endpoint,
            credentials: ObjectStoreCredentials(
                accessKey: provider.accessKey,
                secretKey: provider.secretKey,
                region: provider.region
            ),
            bucket: bucket,
            key: key
        )
        let transfer = BoundedCall(
            end: .now + .milliseconds(claim.deadline.milliseconds - store.now.milliseconds),
            isWaiting: false,
            name: "\(bucket)/\(key) of \(name) for \(claim.job)",
            late: "The store \(name) took longer over \(bucket)/\(key) than the job may take."
        )
        do { try await transfer.run(running) { try await call(place) } } catch let refusal as Refusal {
            throw blocked(name, refusal.message)
        } catch let fault as OutboundFault {
            if fault.isBlocked { throw blocked(name, fault.reason) }
            let text = "The store \(name) can't be reached for \(bucket)/\(key). \(fault.reason)"
            throw unavailable(JobFailure(.providerUnreachable, text))
        } catch let declined as ObjectStoreClient.Declined {
            let answer = declined.answer
            let (said, words) = ("answered HTTP \(answer.status) for \(bucket)/\(key)", Self.words(of: answer))
            let failure = JobFailure(code, "The store \(name) \(said)" + (words.isEmpty ? "." : ": \(words)"))
            guard answer.status == 429 || answer.status >= 500 else { throw failure }
            throw unavailable(failure, asked: answer.retryAfter.flatMap { AnswerText.wait($0, now: Date()) })
        }
    }

    private func unavailable(_ failure: JobFailure, asked: Duration? = nil) -> ProviderUnavailable {
        ProviderUnavailable(failure: failure, asked: asked, retries: retries)
    }

    /// Who starts a job is not told where the store is.
    private func blocked(_ name: String, _ reason: String) -> JobFailure {
        logger.warning("store not called", metadata: ["job": "\(claim.job)", "reason": "\(reason)"])
        return JobFailure(.providerBlocked, "The endpoint of the store \(name) is not one that the agent may call.")
    }

    /// The code and the message of S3's error, or the beginning of whatever has come.
    private static func words(of answer: OutboundAnswer) -> String {
        guard let error = try? XMLElement(parsing: answer.body), let code = error["Code"] else {
            return AnswerText.line(answer.body, atMost: shownBytes)
        }
        let words = [code, error["Message"] ?? ""].filter { !$0.isEmpty }
        return AnswerText.line(Array(words.joined(separator: ": ").utf8), atMost: shownBytes)
    }
}
