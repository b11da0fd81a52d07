package import InvokeModel
import OrderedCollections

extension Orchestration {
    /// What the definition of such an operation has in the place of a program's engine.
    static let engine = "orchestration"

    private static let mostChildren = 100
    private static let mostEdges = 1000

    /// Reads the content of an asset of class `orchestration` (DEP-13), also in the form of the first agents, with the
    /// children's ids as text and edges as `{"ports": [from, to]}`. Other members mean nothing.
    /// - Throws: everything that is wrong with its form.
    package init(document: JSON, at place: String = "#") throws(Invalid) {
        var reading = Reading(parent: document["id"]?.string)
        let children = reading.children(document["children"], at: place + "/children")
        let edges = reading.edges(document["edges"], at: place + "/edges")
        guard reading.violations.isEmpty else { throw Invalid(reading.violations) }
        self.init(children: children, edges: edges)
    }

    /// The graph as an operation's definition keeps it, where it is read from again.
    package var run: JSON {
        [
            "engine": .string(Self.engine),
            "children": .object(children.mapValues(JSON.string)),
            "edges": .array(
                edges.map { edge in
                    var members: OrderedDictionary<String, JSON> = [:]
                    members["source"] = edge.source.child.map(JSON.string)
                    members["sourcePort"] = .string(edge.source.name)
                    members["target"] = edge.target.child.map(JSON.string)
                    members["targetPort"] = .string(edge.target.name)
                    return .object(members)
                }
            ),
        ]
    }

    /// Collects what is wrong while it reads.
    private struct Reading {
        /// The name of the parent among the nodes.
        let parent: String?
        var violations: [Violation] = []

        mutating func children(_ json: JSON?, at place: String) -> OrderedDictionary<String, String> {
            guard let members = json?.object, (1...mostChildren).contains(members.count) else {
                add(place, "1 to \(mostChildren) children are required, as an object of names to {\"did\": …}")
                return [:]
            }
            var children: OrderedDictionary<String, String> = [:]
            for (name, child) in members {
                if name == parent { add(pointer(place, name), "this is the name of the parent, the document's `id`") }
                children[name] = text(child["did"] ?? child, "the DID of an operation", at: pointer(place, name))
            }
            return children
        }

        mutating func edges(_ json: JSON?, at place: String) -> [Edge] {
            guard let elements = json?.array, elements.count <= mostEdges else {
                add(place, "a list is required, of at most \(mostEdges) edges")
                return []
            }
            return elements.enumerated().map { edge($1, at: "\(place)/\($0)") }
        }

        private mutating func edge(_ json: JSON, at place: String) -> Edge {
            let ports: (JSON?, JSON?)
            if let pair = json["ports"] {
                if pair.array?.count != 2 { add(place + "/ports", "must be two names, [from, to]") }
                ports = (pair.array?.first, pair.array?.last)
            } else {
                ports = (json["sourcePort"], json["targetPort"])
            }
            return Edge(
                from: Port(
                    child: node(json["source"], at: place + "/source"),
                    name: text(ports.0, "the name of the port that it comes from (`sourcePort`)", at: place)
                ),
                to: Port(
                    child: node(json["target"], at: place + "/target"),
                    name: text(ports.1, "the name of the port that it goes to (`targetPort`)", at: place)
                )
            )
        }

        private mutating func node(_ json: JSON?, at place: String) -> String? {
            guard let json, json != .null else { return nil }
            let name = text(json, "the name of a child", at: place)
            return name == parent ? nil : name
        }

        private mutating func text(_ json: JSON?, _ what: String, at place: String) -> String {
            guard let text = json?.string, !text.isEmpty else {
                add(place, "\(what) is required, as text")
                return ""
            }
            return text
        }

        private mutating func add(_ place: String, _ detail: String) { violations.append(Violation(place, detail)) }
    }
}
