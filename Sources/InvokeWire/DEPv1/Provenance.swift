package import struct Foundation.Date
package import InvokeModel
import OrderedCollections

/// How assets came to be: a PROV-JSON document in the words of DEP-12.
package struct Provenance: Sendable {
    /// A job as a document tells of it; assets go by their DIDs.
    package struct Activity: Sendable {
        package let job: JobID
        package let operation: DID
        /// The consumer, by the id of his account.
        package let consumer: AccountID
        package let started: Date?
        package let ended: Date?
        /// Input values by name, secrets removed; nil when they are not told.
        package var inputs: JSON?
        /// Output values by name; nil when they are not told, or there are none yet.
        package var outputs: JSON?
        /// The assets among its inputs.
        package var inputAssets: [String]
        /// The assets that it made.
        package var generated: [String]

        package init(
            job: JobID,
            operation: DID,
            consumer: AccountID,
            started: Date?,
            ended: Date?,
            inputs: JSON? = nil,
            outputs: JSON? = nil,
            inputAssets: [String],
            generated: [String]
        ) {
            self.job = job
            self.operation = operation
            self.consumer = consumer
            self.started = started
            self.ended = ended
            self.inputs = inputs
            self.outputs = outputs
            self.inputAssets = inputAssets
            self.generated = generated
        }
    }

    /// What an asset goes by inside its own metadata: the id is a hash of it, and so can't stand in it.
    package static let this = "dep:this"

    private let provider: DID
    private var entities: OrderedDictionary<String, JSON> = [:]
    private var activities: OrderedDictionary<String, JSON> = [:]
    private var agents: OrderedDictionary<String, JSON>
    private var generations: [JSON] = []
    private var associations: [JSON] = []
    private var uses: [JSON] = []
    private var derivations: [JSON] = []

    package init(agent: AgentID) {
        provider = DID(agent: agent)
        agents = [provider.description: ["prov:type": Self.text("dep:service-provider")]]
    }

    /// The document of one job, with all the assets that it names.
    package init(agent: AgentID, of activity: Activity) {
        self.init(agent: agent)
        for asset in activity.generated + activity.inputAssets { add(asset: asset, isOperation: false) }
        add(asset: activity.operation.description, isOperation: true)
        add(activity)
    }

    package mutating func add(asset: String, isOperation: Bool) {
        entities[asset] = ["prov:type": Self.text(isOperation ? "dep:operation" : "dep:asset")]
    }

    /// Tells of a job, and what it used and made; the assets that it names are told of by `add(asset:isOperation:)`.
    package mutating func add(_ activity: Activity) {
        let job = JSON.string(activity.job.description)
        let operation = activity.operation.description
        var members: OrderedDictionary<String, JSON> = ["prov:type": Self.text("dep:invoke")]
        members["prov:startTime"] = activity.started.map(JSON.init(time:))
        members["prov:endTime"] = activity.ended.map(JSON.init(time:))
        members["dep:operation"] = Self.text(operation)
        members["dep:inputs"] = activity.inputs.map { Self.text($0.canonicalText) }
        members["dep:outputs"] = activity.outputs.map { Self.text($0.canonicalText) }
        activities[activity.job.description] = .object(members)
        let account = "dep:account-\(activity.consumer)"
        agents[account] = [
            "prov:type": Self.text("dep:account"), "dep:account": Self.text(activity.consumer.description),
            "dep:service-provider": Self.text(provider.description),
        ]
        for agent in [provider.description, account] {
            associations.append(["prov:agent": .string(agent), "prov:activity": job])
        }
        for asset in activity.inputAssets + [operation] {
            uses.append(["prov:activity": job, "prov:entity": .string(asset)])
        }
        for asset in activity.generated {
            generations.append(["prov:entity": .string(asset), "prov:activity": job])
            for input in activity.inputAssets {
                derivations.append(["prov:usedEntity": .string(input), "prov:generatedEntity": .string(asset)])
            }
        }
    }

    /// The document; that of a produced asset stands under `provenance` in its metadata.
    package var document: JSON {
        var members: OrderedDictionary<String, JSON> = [
            "prefix": [
                "xsd": "http://www.w3.org/2001/XMLSchema#", "prov": "http://www.w3.org/ns/prov#",
                "dep": "http://datacraft.sg",
                // Names in PROV-JSON have a prefix: with these two, DIDs mean themselves and job ids mean something.
                "did": "did:", "default": .string("\(provider)#"),
            ],
            "entity": .object(entities),
            "agent": .object(agents),
        ]
        if !activities.isEmpty { members["activity"] = .object(activities) }
        let relations = [
            ("wasGeneratedBy", "gen", generations), ("wasAssociatedWith", "assoc", associations),
            ("used", "used", uses), ("wasDerivedFrom", "derived", derivations),
        ]
        for (name, prefix, found) in relations where !found.isEmpty {
            members[name] = .object(
                OrderedDictionary(
                    uniqueKeysWithValues: found.enumerated().map { ("_:\(prefix)_\($0 + 1)", $1) }
                )
            )
        }
        return .object(members)
    }

    private static func text(_ value: String) -> JSON { ["$": .string(value), "type": "xsd:string"] }
}
