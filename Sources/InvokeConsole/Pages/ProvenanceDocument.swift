import InvokeModel
import OrderedCollections

/// PROV-JSON, as far as tables tell it.
struct ProvenanceDocument {
    /// A job with what it used and made, by DID.
    struct Job {
        let id: String
        let operation: String?
        let ended: String?
        var used: [String] = []
        var made: [String] = []

        /// What templates see.
        func content(_ names: AssetNames) -> [String: Any] {
            var content: [String: Any] = [
                "job": id, "href": "/ui/jobs/\(Paths.escape(id))",
                "used": used.filter { $0 != operation }.map(names.link), "made": made.map(names.link),
            ]
            content["operation"] = operation.map(names.link)
            content["hasUsed"] = used.contains { $0 != operation }
            content["ended"] = ended
            return content
        }
    }

    /// In the order of the document: those nearest to where it begins come first.
    private(set) var jobs: [Job]
    let entities: [String]

    init(_ document: JSON) { self.init([document]) }

    /// Several documents as one; what is in two of them is told once.
    init(_ documents: [JSON]) {
        var jobs: OrderedDictionary<String, Job> = [:]
        var entities: OrderedSet<String> = []
        for document in documents {
            for (id, record) in document["activity"]?.object ?? [:] where jobs[id] == nil {
                jobs[id] = Job(
                    id: id,
                    operation: record["dep:operation"]?["$"]?.string,
                    ended: record["prov:endTime"]?.string
                )
            }
            entities.append(contentsOf: document["entity"]?.object?.keys ?? [])
            for (job, asset) in Self.pairs(document["used"]) where jobs[job]?.used.contains(asset) == false {
                jobs[job]?.used.append(asset)
            }
            for (job, asset) in Self.pairs(document["wasGeneratedBy"]) where jobs[job]?.made.contains(asset) == false {
                jobs[job]?.made.append(asset)
            }
        }
        self.jobs = Array(jobs.values)
        self.entities = Array(entities)
    }

    private static func pairs(_ relations: JSON?) -> [(job: String, asset: String)] {
        (relations?.object ?? [:]).values.compactMap { relation in
            guard let job = relation["prov:activity"]?.string, let asset = relation["prov:entity"]?.string else {
                return nil
            }
            return (job, asset)
        }
    }
}

/// What assets and operations are called, by their metadata.
struct AssetNames {
    private(set) var names: [String: String] = [:]
    private var operations: Set<String> = []

    /// Looks up what jobs used and made, and their operations.
    mutating func find(_ jobs: [ProvenanceDocument.Job], _ visit: Visit) async throws {
        for job in jobs { try await find(job.used + job.made + [job.operation].compactMap(\.self), visit) }
    }

    /// Looks up those that are not known yet.
    mutating func find(_ dids: [String], _ visit: Visit) async throws {
        for did in dids where names[did] == nil {
            guard let id = did.assetID else { continue }
            let metadata = try await visit.find("/api/v1/meta/data/\(id)")
            names[did] = metadata?["name"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? String(id.prefix(10))
            if metadata?["type"]?.string == "operation" { operations.insert(did) }
        }
    }

    func link(_ did: String) -> [String: Any] {
        var link: [String: Any] = ["name": names[did] ?? did]
        link["href"] = did.assetID.map { "/ui/\(operations.contains(did) ? "operations" : "assets")/\($0)" }
        return link
    }
}
