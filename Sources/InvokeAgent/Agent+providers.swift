package import struct Foundation.Date
import InvokeAssets
package import InvokeModel
import InvokeStore
import InvokeWire

/// What providers that run jobs themselves may do with one job, by what they were given with it.
extension Agent {
    /// The token that ends one job, and that job only.
    package func completionToken(of job: JobID) -> String {
        key.derive(.completionToken, Array(job.description.utf8)).hexadecimal
    }

    /// Where the content of an asset among a job's inputs can be had without credentials until a time: a path with its
    /// query.
    package func inputPath(_ input: String, of job: JobID, until end: Date) -> String {
        let expires = String(Int64(end.timeIntervalSince1970.rounded(.up)))
        let signature = key.derive(.inputLink, Self.link(to: input, of: job.description, expires)).hexadecimal
        return "/jobs/\(job)/inputs/\(input)?expires=\(expires)&signature=\(signature)"
    }

    /// The content behind such a path.
    /// - Throws: `unknownJob` for one that the agent has not made, and when its time is over or the job has ended.
    package func input(
        _ input: String,
        ofJob reference: String,
        expires: String,
        signature: String
    ) async throws -> ReadableContent {
        guard let proof = Hex32(signature)?.bytes,
            key.isDerived(proof, for: .inputLink, Self.link(to: input, of: reference, expires)),
            let end = Double(expires), store.now.timeIntervalSince1970 < end,
            let id = JobID(reference), let job = try await store.job(id), !job.state.isTerminal,
            let did = try JSON(result: job.inputs)[input]?["did"]?.string,
            let assetID = DID.localAsset(did, on: self.id), let asset = try await store.asset(assetID),
            let content = asset.content, let path = contents.path(of: content.hash)
        else { throw Self.unknownJob(reference) }
        return ReadableContent(asset: asset, content: content, path: path)
    }

    /// Makes sure that somebody may end a job.
    /// - Throws: `unknownJob` unless the token is that of the job.
    package func checkCompletion(ofJob reference: String, token: String) throws -> JobID {
        guard let id = JobID(reference), let proof = Hex32(token)?.bytes,
            key.isDerived(proof, for: .completionToken, Array(id.description.utf8))
        else { throw Self.unknownJob(reference) }
        return id
    }

    /// Takes what a provider says of the end of a job; it is on the disk when this returns. What its outputs are worth is
    /// found out when the job ends.
    /// - Throws: `invalidInput` when it says neither outputs nor why there are none, `conflict` when it has said something
    ///   else before, or the job does not run any more.
    package func complete(_ job: JobID, with document: JSON) async throws {
        do { _ = try ProviderReport(document) } catch { throw Refusal(.invalidInput, error.violations) }
        try await store.complete(job, with: document.canonicalText)
    }

    /// What is signed of a path to an input; none of the parts has a space.
    private static func link(to input: String, of job: String, _ expires: String) -> [UInt8] {
        Array("\(job) \(input) \(expires)".utf8)
    }
}
