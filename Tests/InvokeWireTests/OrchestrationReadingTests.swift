import InvokeModel
import InvokeWire
import OrderedCollections
import Testing

/// The documents of orchestrations: their metadata (DEP-8) and their content (DEP-13).
@Suite struct OrchestrationReadingTests {
    private static func read(_ text: String) throws -> Orchestration {
        try Orchestration(document: try JSON(parsing: text))
    }

    private static let graph = Orchestration(
        children: ["a": "did:dep:1", "b": "2"],
        edges: [
            Orchestration.Edge(from: port(nil, "x"), to: port("a", "in")),
            Orchestration.Edge(from: port("a", "out"), to: port("b", "in")),
            Orchestration.Edge(from: port("b", "out"), to: port(nil, "y")),
        ]
    )

    private static func port(_ child: String?, _ name: String) -> Orchestration.Port {
        Orchestration.Port(child: child, name: name)
    }

    @Test(arguments: [
        """
        {"id": "whole", "children": {"a": {"did": "did:dep:1"}, "b": {"did": "2"}}, "edges": [
            {"sourcePort": "x", "target": "a", "targetPort": "in", "custom": {"colour": "red"}, "id": "e1"},
            {"source": "a", "sourcePort": "out", "target": "b", "targetPort": "in"},
            {"source": "b", "sourcePort": "out", "targetPort": "y"}]}
        """,
        """
        {"id": "whole", "children": {"a": "did:dep:1", "b": "2"}, "edges": [
            {"source": "whole", "target": "a", "ports": ["x", "in"]},
            {"source": "a", "target": "b", "ports": ["out", "in"]},
            {"source": "b", "target": "whole", "ports": ["out", "y"]}]}
        """,
    ])
    func bothFormsOfADocumentMeanTheSame(text: String) throws {
        let graph = try Self.read(text)
        #expect(graph == Self.graph)
        // What the definition keeps is read as the same again.
        #expect(try Orchestration(document: graph.run) == graph)
    }

    @Test(arguments: [
        ("[]", ["#/children", "#/edges"]),
        (#"{"children": {}, "edges": []}"#, ["#/children"]),
        (
            #"{"children": {"a": 5, "b": {"id": "2"}, "c": ""}, "edges": []}"#,
            ["#/children/a", "#/children/b", "#/children/c"]
        ),
        (#"{"id": "a", "children": {"a": "1"}, "edges": []}"#, ["#/children/a"]),
        (#"{"children": {"a": "1"}, "edges": {}}"#, ["#/edges"]),
        (
            #"{"children": {"a": "1"}, "edges": [{"sourcePort": "x"}, {"source": 1, "ports": ["x", "y"]}, 5]}"#,
            ["#/edges/0", "#/edges/1/source", "#/edges/2", "#/edges/2"]
        ),
        (#"{"children": {"a": "1"}, "edges": [{"ports": ["x", "y", "z"]}]}"#, ["#/edges/0/ports"]),
    ])
    func everyFaultOfTheFormIsNamed(text: String, places: [String]) throws {
        let invalid = try #require(throws: Invalid.self) { try Self.read(text) }
        #expect(invalid.violations.map(\.pointer) == places)
    }

    @Test(arguments: [(100, 1000, true), (101, 1000, false), (100, 1001, false)])
    func aDocumentHasItsBounds(children: Int, edges: Int, isRead: Bool) throws {
        let names = (0..<children).map { #""c\#($0)": "1""# }.joined(separator: ",")
        let links = (0..<edges).map { _ in #"{"ports": ["x", "y"]}"# }.joined(separator: ",")
        let document = try JSON(parsing: "{\"children\": {\(names)}, \"edges\": [\(links)]}")
        #expect(((try? Orchestration(document: document)) != nil) == isRead)
    }

    private static func operation(_ metadata: String) throws -> Operation? {
        guard let read = try OrchestrationMetadata(try JSON(parsing: metadata)) else { return nil }
        return try DefinitionReader().operation(read.name, read.definition(running: graph), at: "#")
    }

    @Test(arguments: [
        #"{"type": "dataset", "class": "orchestration"}"#, #"{"type": "operation", "class": "unknown"}"#,
        #"{"type": "operation"}"#, #"{"class": "orchestration"}"#,
    ])
    func metadataOfAnythingElseIsNone(metadata: String) throws {
        #expect(try Self.operation(metadata) == nil)
    }

    @Test(arguments: [
        """
        {"name": "both", "type": "operation", "operation": {"class": "orchestration",
            "inputs": {"x": {"type": "string"}, "t": {"type": "asset", "required": false, "position": 4}},
            "outputs": {"y": {"type": "json"}}}}
        """,
        """
        {"name": "both", "type": "operation", "class": "orchestration", "operation": {
            "params": {"x": {"type": "json", "x-type": "string"},
                "t": {"type": "asset", "required": false, "position": 4}},
            "results": {"y": "json"}}}
        """,
    ])
    func theOldAndTheNewNamesMeanTheSame(metadata: String) throws {
        let operation = try #require(try Self.operation(metadata))
        #expect(operation.name == "both" && operation.modes == [.sync, .async])
        #expect(operation.inputs.map(\.name) == ["x", "t"] && operation.inputs.map(\.type) == [.string, .asset])
        #expect(operation.inputs.map(\.required) == [true, false] && operation.inputs.map(\.position) == [0, 4])
        #expect(operation.outputs.map(\.name) == ["y"] && operation.outputs.map(\.type) == [.json])
        #expect(operation.run.orchestration == Self.graph)
    }

    @Test(arguments: [
        (#""operation": {"modes": ["sync"]}"#, Mode.sync), (#""modes": ["async"]"#, .async),
    ])
    func aModeThatIsNamedIsTheOnlyOne(member: String, mode: Mode) throws {
        let metadata = #"{"type": "operation", "class": "orchestration", \#(member)}"#
        #expect(try Self.operation(metadata)?.modes == [mode])
    }

    @Test func everyFaultOfTheMetadataIsNamed() throws {
        let metadata = """
            {"type": "operation", "class": "orchestration", "operation": {"modes": ["never"], "outputs": [],
                "inputs": {"a": "text", "b": {"type": "json", "required": "yes", "position": -1}, "c": {}}}}
            """
        let invalid = try #require(throws: Invalid.self) { try Self.operation(metadata) }
        #expect(
            invalid.violations.map(\.pointer) == [
                "#/operation/inputs/a", "#/operation/inputs/b/required", "#/operation/inputs/b/position",
                "#/operation/inputs/c", "#/operation/outputs", "#/operation/modes",
            ]
        )
    }
}
