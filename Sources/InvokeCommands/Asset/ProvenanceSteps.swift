import OrderedCollections
import InvokeModel

/// What a PROV-JSON document tells, a row for each thing that a job ran, used or made.
struct ProvenanceSteps {
    let rows: [JSON]

    init(_ document: JSON) {
        let provider = document.member(at: "prefix.default")?.string.map { $0.dropLast() + "/" } ?? ""
        // An asset of the agent itself goes by its id.
        func name(_ did: String) -> JSON {
            .string(!provider.isEmpty && did.hasPrefix(provider) ? String(did.dropFirst(provider.count)) : did)
        }
        func relations(_ name: String) -> [JSON] { document[name]?.object.map { Array($0.values) } ?? [] }
        rows = (document["activity"]?.object ?? [:]).flatMap { job, activity -> [JSON] in
            let operation = activity["dep:operation"]?["$"]?.string
            func row(_ what: String, _ did: String) -> JSON {
                ["job": .string(job), "what": .string(what), "asset": name(did)]
            }
            let made = relations("wasGeneratedBy").filter { $0["prov:activity"]?.string == job }
            let used = relations("used").filter { $0["prov:activity"]?.string == job }
            return made.compactMap { $0["prov:entity"]?.string }.map { row("made", $0) }
                + used.compactMap { $0["prov:entity"]?.string }.map { row($0 == operation ? "ran" : "used", $0) }
        }
    }
}

extension View {
    static let step = View(id: "asset", Column("Job", "job"), Column("What", "what"), Column("Asset", "asset"))
}
