package import OrderedCollections

/// A graph of operations that run as one: its edges bring the inputs of the whole, the parent, to the inputs of its
/// children, their outputs to the inputs of others, and outputs to the outputs of the parent (DEP-13).
package struct Orchestration: Sendable, Hashable {
    /// An input or output of a child, or of the parent.
    package struct Port: Sendable, Hashable, CustomStringConvertible {
        /// The name of the child; nil for the parent.
        package let child: String?
        package let name: String

        package init(child: String?, name: String) {
            self.child = child
            self.name = name
        }

        package var description: String { child.map { "\"\(name)\" of \"\($0)\"" } ?? "\"\(name)\" of the parent" }
    }

    /// Where a value comes from, and where it goes.
    package struct Edge: Sendable, Hashable {
        package let source: Port
        package let target: Port

        package init(from source: Port, to target: Port) {
            self.source = source
            self.target = target
        }
    }

    /// The operation of each child, by its id or DID as the document has it.
    package let children: OrderedDictionary<String, String>
    package let edges: [Edge]

    package init(children: OrderedDictionary<String, String>, edges: [Edge]) {
        self.children = children
        self.edges = edges
    }

    /// What a node takes, and where each value comes from; nil stands for the parent.
    package func sources(of child: String?) -> [(name: String, source: Port)] {
        edges.filter { $0.target.child == child }.map { ($0.target.name, $0.source) }
    }
}

extension Orchestration {
    /// Everything that keeps the graph from being run, each with its place in the document.
    ///
    /// `inputs` and `outputs` are those of the parent, `operations` what each child runs. A child that is not among them
    /// is left to whoever looked for its operation.
    package func violations(
        inputs: [InputDeclaration],
        outputs: [OutputDeclaration],
        operations: [String: Operation]
    ) -> [Violation] {
        let ports = Ports(inputs: inputs, outputs: outputs, operations: operations)
        var violations: [Violation] = []
        var fed: [Port: Int] = [:]
        for (index, edge) in edges.enumerated() {
            let place = "#/edges/\(index)"
            let unknown = [edge.source, edge.target].compactMap(\.child).filter { children[$0] == nil }
            for child in unknown { violations.append(Violation(place, "there is no child \"\(child)\"")) }
            if let earlier = fed.updateValue(index, forKey: edge.target) {
                violations.append(Violation(place, "\(edge.target) is fed by the edge \(earlier) already"))
            }
            if unknown.isEmpty { violations += ports.faults(of: edge).map { Violation(place, $0) } }
        }
        for (name, operation) in operations.sorted(by: { $0.key < $1.key }) {
            let missing = operation.inputs.filter { $0.required && fed[Port(child: name, name: $0.name)] == nil }
            violations += missing.map {
                Violation(pointer("#/children", name), "its required input \"\($0.name)\" is fed by no edge")
            }
        }
        for output in outputs where fed[Port(child: nil, name: output.name)] == nil {
            violations.append(Violation("#/edges", "the output \"\(output.name)\" of the parent is fed by no edge"))
        }
        if !circle.isEmpty {
            let names = circle.map { "\"\($0)\"" }.joined(separator: ", ")
            violations.append(Violation("#/edges", "none of \(names) can run first: each waits for another of them"))
        }
        return violations
    }

    /// The children that wait for each other in a circle, and those between two circles.
    private var circle: [String] {
        var links = edges.compactMap { edge in
            edge.source.child.flatMap { source in edge.target.child.map { (source: source, target: $0) } }
        }
        while true {
            let (sources, targets) = (Set(links.map(\.source)), Set(links.map(\.target)))
            let inside = links.filter { targets.contains($0.source) && sources.contains($0.target) }
            if inside.count == links.count { return children.keys.filter(sources.union(targets).contains) }
            links = inside
        }
    }
}

/// The declared inputs and outputs of all nodes of a graph.
private struct Ports {
    let inputs: [InputDeclaration]
    let outputs: [OutputDeclaration]
    let operations: [String: Operation]

    /// What is wrong with the two ends of an edge, whose nodes are known.
    func faults(of edge: Orchestration.Edge) -> [String] {
        let (source, target) = (source(edge.source), target(edge.target))
        var faults: [String] = []
        if case .undeclared(let advice) = source { faults.append(advice) }
        if case .undeclared(let advice) = target { faults.append(advice) }
        guard case .declared(let given, let isCertain) = source, case .declared(let taken, let isNeeded) = target
        else { return faults }
        // Texts are JSON values, and those who know no type of their own for them declare them so.
        if (given == .asset) != (taken == .asset) {
            faults.append("\(edge.source) is of type \(given.rawValue), but \(edge.target) takes \(taken.rawValue)")
        }
        if isNeeded, !isCertain {
            faults.append("\(edge.source) can be absent, but \(edge.target) has to have a value")
        }
        return faults
    }

    private enum Declaration {
        /// With whether there is always a value, or for a target whether there must be.
        case declared(ValueType, Bool)
        case undeclared(String)
        /// The node's operation is not known.
        case unknown
    }

    private func source(_ port: Orchestration.Port) -> Declaration {
        guard let child = port.child else {
            guard let input = inputs.first(where: { $0.name == port.name }) else {
                return undeclared(port, "input", inputs.map(\.name))
            }
            return .declared(input.type, input.required || input.defaultValue != nil)
        }
        guard let operation = operations[child] else { return .unknown }
        guard let output = operation.outputs.first(where: { $0.name == port.name }) else {
            return undeclared(port, "output", operation.outputs.map(\.name))
        }
        return .declared(output.type, true)
    }

    private func target(_ port: Orchestration.Port) -> Declaration {
        guard let child = port.child else {
            guard let output = outputs.first(where: { $0.name == port.name }) else {
                return undeclared(port, "output", outputs.map(\.name))
            }
            return .declared(output.type, true)
        }
        guard let operation = operations[child] else { return .unknown }
        guard let input = operation.inputs.first(where: { $0.name == port.name }) else {
            return undeclared(port, "input", operation.inputs.map(\.name))
        }
        return .declared(input.type, input.required)
    }

    private func undeclared(_ port: Orchestration.Port, _ kind: String, _ names: [String]) -> Declaration {
        let advice = names.isEmpty ? "it has none" : "it has " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        let node = port.child.map { "\"\($0)\"" } ?? "the parent"
        return .undeclared("\(node) has no \(kind) \"\(port.name)\"; \(advice)")
    }
}
