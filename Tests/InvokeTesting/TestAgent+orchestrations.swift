import InvokeAgent
import InvokeAssets
package import InvokeModel
import OrderedCollections

extension TestAgent {
    /// Registers an orchestration of the provider's, and gives its id.
    ///
    /// `ports` are its inputs and outputs, as metadata has them; `children` are names and operations; an edge is written
    /// `input -> child.input`, `child.output -> child.input` or `child.output -> output`.
    package func orchestrate(
        _ ports: JSON = ["inputs": ["word": "string"], "outputs": ["said": "string"]],
        children: [(name: String, operation: String)],
        edges: [String]
    ) async throws -> String {
        let owner = try await account("provider")
        let metadata: JSON = [
            "name": "whole", "type": "operation", "class": "orchestration", "operation": ports,
            // Each is an asset of its own.
            "additionalInformation": .string("\(AssetID.random())"),
        ]
        let asset = try await agent.register(metadata: metadata.bytes(), by: owner).id
        var (target, writer) = try await agent.beginUpload(to: asset.description, by: owner)
        try await writer.write(Self.graph(children: children, edges: edges).bytes())
        try await agent.finishUpload(to: target, writer)
        return asset.description
    }

    /// The content of an orchestration.
    package static func graph(children: [(name: String, operation: String)], edges: [String]) -> JSON {
        [
            "id": "whole",
            "children": .object(
                OrderedDictionary(uniqueKeysWithValues: children.map { ($0.name, ["did": .string($0.operation)]) })
            ),
            "edges": .array(edges.map(edge)),
        ]
    }

    private static func edge(_ text: String) -> JSON {
        let ends = text.replacing(" -> ", with: ">").split(separator: ">").map { $0.split(separator: ".") }
        var members: OrderedDictionary<String, JSON> = [:]
        for (end, names) in zip(["source", "target"], ends) {
            if names.count > 1 { members[end] = .string(String(names[0])) }
            members[end + "Port"] = names.last.map { .string(String($0)) }
        }
        return .object(members)
    }
}
