import InvokeAssets
package import InvokeModel
package import InvokeStore
import InvokeWire

extension Agent {
    /// A page of what an asset was made of, or of what was made of it, as PROV-JSON.
    ///
    /// Each asset of the page comes with the job that made it and what that job used; what the caller may not see does not
    /// exist in it. `next` is where the next page begins; nil when there is none.
    /// - Throws: `unknownResource` for an asset that is not there or not to be seen, `invalidParameter` for a cursor of
    ///   another walk.
    package func provenance(
        of reference: String,
        _ walk: ProvenanceWalk,
        for caller: Account?
    ) async throws -> (asset: AssetID, document: JSON, next: Int64?) {
        let id = try assetID(reference)
        guard let page = try await store.provenance(of: id, walk, visibleTo: caller) else {
            throw Self.unknownAsset(reference)
        }
        var provenance = Provenance(agent: self.id)
        for asset in page.assets {
            provenance.add(asset: did(of: asset.id).description, isOperation: asset.isOperation)
        }
        for record in page.activities { provenance.add(activity(record)) }
        return (id, provenance.document, page.next)
    }

    /// What a job used and made, as PROV-JSON: of one that made assets for as long as they are there, of any other for as
    /// long as the job is.
    ///
    /// Its values are told to its owner and to admins.
    /// - Throws: `unknownJob`.
    package func provenance(ofJob reference: String, for caller: Account) async throws -> JSON {
        guard let id = JobID(reference), let record = try await store.activity(of: id, visibleTo: caller),
            caller.isAdmin || record.owner == caller.publicID || record.provider == caller.id
        else { throw Self.unknownJob(reference) }
        var activity = activity(record)
        if let job = try await store.job(id) {
            let operation = try read(try await store.operation(id: record.operationRow)).operation
            let inputs = try JSON(result: job.inputs)
            let used = try await store.visible(operation.assets(among: inputs, on: self.id), to: caller)
            activity.inputAssets = used.map { did(of: $0).description }
            if caller.isAdmin || job.owner == caller.id {
                activity.inputs = inputs.digestingLargeValues
                activity.outputs = try job.result.map { try JSON(result: $0).digestingLargeValues }
            }
        }
        return Provenance(agent: self.id, of: activity).document
    }

    private func activity(_ record: ActivityRecord) -> Provenance.Activity {
        Provenance.Activity(
            job: record.job,
            operation: did(of: record.operation),
            consumer: record.owner,
            started: record.startedAt,
            ended: record.endedAt,
            inputAssets: record.inputs.map { did(of: $0).description },
            generated: record.generated.map { did(of: $0).description }
        )
    }
}
