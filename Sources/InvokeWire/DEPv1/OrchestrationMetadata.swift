package import InvokeModel
import OrderedCollections

/// What the metadata of an asset of class `orchestration` says of the operation that it is (DEP-8).
package struct OrchestrationMetadata: Sendable {
    /// The asset's name; `orchestration` when it has none.
    package let name: String
    package let description: String?
    /// The modes, inputs and outputs as the definition of a service has them.
    private let interface: OrderedDictionary<String, JSON>

    /// - Returns: nil for metadata of anything else.
    /// - Throws: everything that is wrong with the operation that it declares.
    package init?(_ metadata: JSON) throws(Invalid) {
        let operation = metadata["operation"]
        let classes = [metadata["class"], operation?["class"]]
        guard metadata["type"] == "operation", classes.contains("orchestration") else { return nil }
        name = metadata["name"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "orchestration"
        description = metadata["description"]?.string
        var reading = Reading()
        let inputs = reading.ports(operation, "inputs", formerly: "params") { reading, json, place in
            var members = reading.port(json, at: place)
            let required = json["required"] ?? true
            if required.bool == nil { reading.add(place + "/required", "must be true or false") }
            members["required"] = required
            members["position"] = json["position"]
            if let position = json["position"], (position.int ?? -1) < 0 {
                reading.add(place + "/position", "must be a whole number from 0")
            }
            return members
        }
        let outputs = reading.ports(operation, "outputs", formerly: "results") { $0.port($1, at: $2) }
        let modes = reading.modes(operation?["modes"] ?? metadata["modes"])
        guard reading.violations.isEmpty else { throw Invalid(reading.violations) }
        interface = ["modes": modes, "inputs": .object(inputs), "outputs": .object(outputs)]
    }

    /// The definition of the operation once its graph is known, for a reader of definitions.
    package func definition(running graph: Orchestration) -> JSON {
        var members = interface
        members["description"] = description.map(JSON.string)
        members["run"] = graph.run
        return .object(members)
    }

    /// Collects what is wrong while it reads.
    private struct Reading {
        var violations: [Violation] = []

        mutating func ports(
            _ operation: JSON?,
            _ name: String,
            formerly earlierName: String,
            read: (inout Reading, JSON, String) -> OrderedDictionary<String, JSON>
        ) -> OrderedDictionary<String, JSON> {
            let name = operation?[name] == nil ? earlierName : name
            guard let json = operation?[name], json != .null else { return [:] }
            guard let members = json.object else {
                add("#/operation/\(name)", "must be an object of names to types, not \(json.noun)")
                return [:]
            }
            var ports: OrderedDictionary<String, JSON> = [:]
            for (port, json) in members {
                ports[port] = .object(read(&self, json, pointer("#/operation/\(name)", port)))
            }
            return ports
        }

        /// The type of a port, which in short is all that is said of it.
        mutating func port(_ json: JSON, at place: String) -> OrderedDictionary<String, JSON> {
            // A text is written as `json` for those who know no such type, with its own name beside.
            let text = (json["x-type"] ?? json["type"] ?? json).string
            guard let type = text.flatMap(ValueType.init(rawValue:)) else {
                let words = ValueType.allCases.map(\.rawValue).joined(separator: ", ")
                add(place, "must have a `type` that is one of \(words)")
                return [:]
            }
            var members: OrderedDictionary<String, JSON> = ["type": .string(type.rawValue)]
            members["description"] = json["description"]?.string.map(JSON.string)
            return members
        }

        /// Both when the metadata names none.
        mutating func modes(_ json: JSON?) -> JSON {
            guard let json, json != .null else { return .array(Mode.allCases.map { .string($0.rawValue) }) }
            let modes = json.array?.compactMap { $0.string.flatMap(Mode.init(rawValue:)) } ?? []
            if modes.isEmpty || modes.count != json.array?.count {
                add("#/operation/modes", "must be a list of \"sync\", \"async\" or both")
            }
            return json
        }

        mutating func add(_ place: String, _ detail: String) {
            violations.append(Violation(place, "in the asset's metadata: \(detail)"))
        }
    }
}
