package import struct Foundation.Date
package import InvokeModel
import OrderedCollections

/// How a job's outputs came to be: the PROV-JSON of DEP-12.
package struct Provenance: Sendable {
    package let agent: AgentID
    package let job: JobID
    package let operation: DID
    /// The consumer, by the id of his account.
    package let consumer: AccountID
    package let started: Date
    package let ended: Date
    /// Input values by name, secrets removed.
    package let inputs: JSON
    /// The assets among the inputs, as they were named.
    package let inputAssets: [String]
    /// Output values by name.
    package let outputs: JSON

    package init(
        agent: AgentID,
        job: JobID,
        operation: DID,
        consumer: AccountID,
        started: Date,
        ended: Date,
        inputs: JSON,
        inputAssets: [String],
        outputs: JSON
    ) {
        self.agent = agent
        self.job = job
        self.operation = operation
        self.consumer = consumer
        self.started = started
        self.ended = ended
        self.inputs = inputs
        self.inputAssets = inputAssets
        self.outputs = outputs
    }

    /// The PROV-JSON document that stands under `provenance` in a produced asset's metadata.
    ///
    /// An asset can't name its own id inside the metadata that is hashed, so it is `dep:this`.
    package var document: JSON {
        let job = JSON.string(job.description)
        let provider = DID(agent: agent).description
        let account = "dep:account-\(consumer)"
        var entities: OrderedDictionary<String, JSON> = ["dep:this": ["prov:type": text("dep:asset")]]
        for asset in inputAssets { entities[asset] = ["prov:type": text("dep:asset")] }
        entities[operation.description] = ["prov:type": text("dep:operation")]
        var members: OrderedDictionary<String, JSON> = [
            "prefix": [
                "xsd": "http://www.w3.org/2001/XMLSchema#", "prov": "http://www.w3.org/ns/prov#",
                "dep": "http://datacraft.sg",
            ],
            "entity": .object(entities),
            "activity": .object([
                self.job.description: [
                    "prov:type": text("dep:invoke"),
                    "prov:startTime": JSON(time: started),
                    "prov:endTime": JSON(time: ended),
                    "dep:operation": text(operation.description),
                    "dep:inputs": text(inputs.canonicalText),
                    "dep:outputs": text(outputs.canonicalText),
                ]
            ]),
            "agent": .object([
                provider: ["prov:type": text("dep:service-provider")],
                account: [
                    "prov:type": text("dep:account"), "dep:account": text(consumer.description),
                    "dep:service-provider": text(provider),
                ],
            ]),
            "wasGeneratedBy": ["_:gen_1": ["prov:entity": "dep:this", "prov:activity": job]],
            "wasAssociatedWith": [
                "_:assoc_1": ["prov:agent": .string(provider), "prov:activity": job],
                "_:assoc_2": ["prov:agent": .string(account), "prov:activity": job],
            ],
            "used": .object(
                numbered("_:used_", inputAssets + [operation.description]) { entity in
                    ["prov:activity": job, "prov:entity": .string(entity)]
                }
            ),
        ]
        if !inputAssets.isEmpty {
            members["wasDerivedFrom"] = .object(
                numbered("_:derived_", inputAssets) { entity in
                    ["prov:usedEntity": .string(entity), "prov:generatedEntity": "dep:this"]
                }
            )
        }
        return .object(members)
    }

    private func text(_ value: String) -> JSON { ["$": .string(value), "type": "xsd:string"] }

    private func numbered(
        _ prefix: String,
        _ entities: [String],
        _ relation: (String) -> JSON
    ) -> OrderedDictionary<String, JSON> {
        OrderedDictionary(
            uniqueKeysWithValues: entities.enumerated().map { ("\(prefix)\($0 + 1)", relation($1)) }
        )
    }
}
