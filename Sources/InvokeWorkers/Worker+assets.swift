import struct Foundation.Date
import InvokeAssets
import InvokeExecution
import InvokeModel
import InvokeStore
import InvokeWire
import Logging
import OrderedCollections

extension Worker {
    /// Puts the inputs where the program will find them.
    /// - Throws: `JobFailure` 8004 when an asset's content has gone since the job was accepted.
    func stage(
        _ inputs: JSON,
        of operation: Operation,
        in directory: JobDirectory
    ) async throws -> [ProgramInput] {
        var staged: [ProgramInput] = []
        for input in operation.inputs {
            guard let value = inputs[input.name] else { continue }
            let programValue: ProgramInput.Value
            switch input.type {
            case .string: programValue = .string(value.string ?? "")
            case .json: programValue = .json(value)
            case .asset: programValue = try await stage(value["did"]?.string ?? "", at: directory.input(input.name))
            }
            staged.append(ProgramInput(name: input.name, required: input.required, value: programValue))
        }
        return staged
    }

    func stage(_ did: String, at path: String) async throws -> ProgramInput.Value {
        guard let id = DID.localAsset(did, on: agent), let asset = try await store.asset(id),
            let content = asset.content, contents.path(of: content.hash) != nil
        else { throw JobFailure(.assetNotAccessible, "The content of \(did) is not accessible.") }
        try await contents.stage(content.hash, at: path)
        return .asset(did: did, contentType: asset.facts.contentType, size: content.size)
    }

    /// Keeps the files among what a program produced.
    func keep(_ produced: [String: ProducedOutput], of claim: Claim) async throws -> [String: KeptOutput] {
        var kept: [String: KeptOutput] = [:]
        for (name, output) in produced {
            switch output {
            case .string(let text): kept[name] = .value(.string(text))
            case .json(let value): kept[name] = .value(value)
            case .file(let path, size: _):
                let content = try await stored(name, of: claim) { try await contents.keep(fileAt: path) }
                kept[name] = .asset(content, contentType: nil)
            }
        }
        return kept
    }

    /// - Throws: `JobFailure` 8002 when the content can't be stored.
    func stored<Kept>(
        _ name: String,
        of claim: Claim,
        _ keep: () async throws -> Kept
    ) async throws -> Kept {
        do { return try await keep() } catch let fault as FileFault {
            logger.error("output not stored", metadata: ["job": "\(claim.job)", "error": "\(fault)"])
            throw JobFailure(.outputNotStored, "The output \"\(name)\" could not be stored.")
        }
    }

    /// The end of a job with its outputs: kept contents become new assets, registered with their provenance in the commit
    /// that ends the job.
    func end(
        with kept: [String: KeptOutput],
        _ objects: [PlacedObject] = [],
        of known: KnownOperation,
        _ claim: Claim
    ) throws -> AttemptEnding {
        let (operation, record) = (known.operation, known.record)
        var result: OrderedDictionary<String, JSON> = [:]
        var assets: [NewAsset] = []
        for output in operation.outputs {
            if case .value(let value)? = kept[output.name] { result[output.name] = value }
        }
        let values = result
        let used = operation.assets(among: claim.inputs, on: agent)
        let ended = store.now
        // Siblings are named, not addressed: none of their ids can be known inside the metadata that makes them.
        for output in operation.outputs.sorted(by: { $0.name < $1.name }) {
            guard case .asset(let content, let contentType, let name)? = kept[output.name] else { continue }
            let outputs = operation.outputs.reduce(into: values) { outputs, sibling in
                guard sibling.type == .asset else { return }
                outputs[sibling.name] =
                    sibling.name == output.name ? ["did": "dep:this"] : ["name": .string(sibling.name)]
            }
            let activity = Provenance.Activity(
                job: claim.job,
                operation: DID(agent: agent, asset: record.asset),
                consumer: claim.ownerID,
                started: claim.startedAt,
                ended: ended,
                inputs: claim.inputs.digestingLargeValues,
                outputs: JSON.object(outputs).digestingLargeValues,
                inputAssets: used.map { DID(agent: agent, asset: $0).description },
                generated: [Provenance.this]
            )
            let type = contentType ?? output.contentType
            let asset = try self.asset(output, content, type, activity, named: name, ended: ended, record, claim)
            assets.append(asset)
            result[output.name] = ["did": .string(DID(agent: agent, asset: asset.id).description)]
        }
        let ordered = OrderedDictionary(
            uniqueKeysWithValues: operation.outputs.compactMap { output in result[output.name].map { (output.name, $0) }
            }
        )
        return .succeeded(
            result: .object(ordered),
            assets: assets,
            objects: objects,
            activity: NewActivity(inputs: used, startedAt: claim.startedAt, endedAt: ended)
        )
    }

    private func asset(
        _ output: OutputDeclaration,
        _ content: ContentReference,
        _ contentType: String?,
        _ activity: Provenance.Activity,
        named name: String?,
        ended: Date,
        _ record: OperationRecord,
        _ claim: Claim
    ) throws -> NewAsset {
        var members: OrderedDictionary<String, JSON> = [
            "name": .string(name ?? "\(output.name) of \(record.serviceName)/\(record.name), job \(claim.job)"),
            "type": "dataset",
            "dateCreated": JSON(time: ended),
            "contentHash": .string(content.hash.description),
            "size": .string(String(content.size)),
            "provenance": Provenance(agent: agent, of: activity).document,
        ]
        members["description"] = output.description.map(JSON.string)
        members["contentType"] = contentType.map(JSON.string)
        let metadata = JSON.object(members).bytes(sorted: true)
        return NewAsset(
            id: ContentHash.of(metadata),
            metadata: metadata,
            facts: try AssetFacts(metadata: metadata),
            content: content,
            isPrivate: true
        )
    }
}

/// One output of a job, its content stored if it is an asset.
enum KeptOutput: Sendable {
    case value(JSON)
    /// `contentType` is nil where only the operation's declaration tells it.
    /// `name` is that of a file; nil for the name of the output.
    case asset(ContentReference, contentType: String?, name: String? = nil)
}
