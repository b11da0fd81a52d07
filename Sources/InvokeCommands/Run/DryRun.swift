import OrderedCollections
import InvokeModel

/// What a call would come to, where files that are still to be uploaded count as there.
struct DryRun {
    let json: JSON
    let refusals: [JSON]

    init(_ plan: JSON, without unsent: Set<String>) {
        let pointers = Set(unsent.map { "#/\($0)" })
        refusals = (plan["refusals"]?.array ?? []).compactMap { refusal in
            guard let violations = refusal["errors"]?.array else { return refusal }
            let rest = violations.filter { !pointers.contains($0["pointer"]?.string ?? "") }
            guard !rest.isEmpty, var members = refusal.object else { return nil }
            members["errors"] = .array(rest)
            return .object(members)
        }
        var members = plan.object ?? [:]
        members["accepted"] = .bool(refusals.isEmpty)
        members["refusals"] = .array(refusals)
        json = .object(members)
    }
}
