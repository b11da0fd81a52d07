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

    private func stage(_ did: String, at path: String) async throws -> ProgramInput.Value {
        guard let id = DID.localAsset(did, on: agent), let asset = try await store.asset(id),
            let content = asset.content, contents.path(of: content.hash) != nil
        else { throw JobFailure(.assetNotAccessible, "The content of \(did) is not accessible.") }
        try await contents.stage(content.hash, at: path)
        return .asset(did: did, contentType: asset.facts.contentType, size: content.size)
    }

    /// Keeps what the program produced: files become contents of new assets, registered with their provenance in the
    /// commit that ends the job.
    func keep(
        _ produced: [String: ProducedOutput],
        of operation: Operation,
        _ record: OperationRecord,
        _ claim: Claim,
        started: Date
    ) async throws -> AttemptEnding {
        var result: OrderedDictionary<String, JSON> = [:]
        var assets: [NewAsset] = []
        for output in operation.outputs {
            switch produced[output.name] {
            case .string(let text)?: result[output.name] = .string(text)
            case .json(let value)?: result[output.name] = value
            case .file, nil: break
            }
        }
        let texts = result
        let used = operation.assets(among: claim.inputs, on: agent)
        let ended = store.now
        // Siblings are named, not addressed: none of their ids can be known inside the metadata that makes them.
        for output in operation.outputs.sorted(by: { $0.name < $1.name }) {
            guard case .file(let path, size: _)? = produced[output.name] else { continue }
            let content: ContentReference
            do {
                content = try await contents.keep(fileAt: path)
            } catch let fault as FileFault {
                logger.error("output not stored", metadata: ["job": "\(claim.job)", "error": "\(fault)"])
                throw JobFailure(.outputNotStored, "The output \"\(output.name)\" could not be stored.")
            }
            let outputs = operation.outputs.reduce(into: texts) { outputs, sibling in
                guard sibling.type == .asset else { return }
                outputs[sibling.name] =
                    sibling.name == output.name ? ["did": "dep:this"] : ["name": .string(sibling.name)]
            }
            let activity = Provenance.Activity(
                job: claim.job,
                operation: DID(agent: agent, asset: record.asset),
                consumer: claim.ownerID,
                started: started,
                ended: ended,
                inputs: claim.inputs.digestingLargeValues,
                outputs: JSON.object(outputs).digestingLargeValues,
                inputAssets: used.map { DID(agent: agent, asset: $0).description },
                generated: [Provenance.this]
            )
            let asset = try self.asset(output, content, activity, ended: ended, record, claim)
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
            activity: NewActivity(inputs: used, startedAt: started, endedAt: ended)
        )
    }

    private func asset(
        _ output: OutputDeclaration,
        _ content: ContentReference,
        _ activity: Provenance.Activity,
        ended: Date,
        _ record: OperationRecord,
        _ claim: Claim
    ) throws -> NewAsset {
        var members: OrderedDictionary<String, JSON> = [
            "name": .string("\(output.name) of \(record.serviceName)/\(record.name), job \(claim.job)"),
            "type": "dataset",
            "dateCreated": JSON(time: ended),
            "contentHash": .string(content.hash.description),
            "size": .string(String(content.size)),
            "provenance": Provenance(agent: agent, of: activity).document,
        ]
        members["description"] = output.description.map(JSON.string)
        members["contentType"] = output.contentType.map(JSON.string)
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
