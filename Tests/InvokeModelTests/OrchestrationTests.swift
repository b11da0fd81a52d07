import InvokeModel
import OrderedCollections
import Testing

/// Which graphs can be run (DEP-13).
@Suite struct OrchestrationTests {
    /// From `text`, `may` and `file` to `out`: `first` and `second` run beside each other, `last` takes from both.
    private static let edges = [
        "text -> first.text", "text -> second.text", "first.said -> last.text", "second.said -> last.more",
        "last.said -> out",
    ]

    private static func port(_ text: Substring) -> Orchestration.Port {
        let parts = text.split(separator: ".")
        return Orchestration.Port(child: parts.count > 1 ? String(parts[0]) : nil, name: String(parts[parts.count - 1]))
    }

    /// What is wrong with a graph of the usual children and these edges, as `place: text`.
    private static func faults(_ edges: [String], outputs: [String] = ["out"]) -> [String] {
        let graph = Orchestration(
            children: ["first": "1", "second": "1", "last": "2", "unknown": "3"],
            edges: edges.map { edge in
                let ends = edge.replacing(" -> ", with: ">").split(separator: ">")
                return Orchestration.Edge(from: port(ends[0]), to: port(ends[1]))
            }
        )
        let said = OutputDeclaration(name: "said", type: .string)
        func operation(_ inputs: [InputDeclaration], _ outputs: [OutputDeclaration]) -> Operation {
            Operation(
                name: "run",
                description: nil,
                modes: [.sync],
                inputs: inputs,
                outputs: outputs,
                run: .program(Program(command: [])),
                price: nil
            )
        }
        let text = InputDeclaration(name: "text", type: .json, position: 0)
        let more = InputDeclaration(name: "more", type: .string, required: false, position: 1)
        let table = InputDeclaration(name: "table", type: .asset, required: false, position: 2)
        let made = OutputDeclaration(name: "made", type: .asset)
        let one = operation([text, more, table], [said, made])
        return graph.violations(
            inputs: [
                InputDeclaration(name: "text", type: .string, position: 0),
                InputDeclaration(name: "may", type: .string, required: false, position: 1),
                InputDeclaration(name: "file", type: .asset, position: 2),
            ],
            outputs: outputs.map { OutputDeclaration(name: $0, type: .json) },
            operations: ["first": one, "second": one, "last": one]
        ).map { "\($0.pointer): \($0.detail)" }
    }

    @Test func aGraphWithoutFaultsHasNone() {
        // What may be absent goes where nothing has to come, assets go to assets, and a text is JSON, too.
        #expect(
            Self.faults(Self.edges + ["may -> first.more", "file -> first.table", "first.made -> last.table"]) == []
        )
        // Of a child whose operation is not known, nobody says anything about its ports.
        #expect(Self.faults(Self.edges + ["text -> unknown.any", "unknown.any -> second.more"]) == [])
        #expect(Self.faults(Self.edges + ["text -> also"], outputs: ["out", "also"]) == [])
    }

    @Test(arguments: [
        ("text -> third.text", #"#/edges/5: there is no child "third""#),
        ("third.said -> first.more", #"#/edges/5: there is no child "third""#),
        ("text -> last.text", #"#/edges/5: "text" of "last" is fed by the edge 2 already"#),
        ("nothing -> first.more", #"#/edges/5: the parent has no input "nothing"; it has "text", "may", "file""#),
        ("text -> nothing", #"#/edges/5: the parent has no output "nothing"; it has "out""#),
        ("first.text -> last.table", #"#/edges/5: "first" has no output "text"; it has "said", "made""#),
        ("text -> first.said", #"#/edges/5: "first" has no input "said"; it has "text", "more", "table""#),
        (
            "file -> first.more",
            #"#/edges/5: "file" of the parent is of type asset, but "more" of "first" takes string"#
        ),
        (
            "first.said -> last.table",
            #"#/edges/5: "said" of "first" is of type string, but "table" of "last" takes asset"#
        ),
    ])
    func anEdgeToNowhereIsAFault(edge: String, fault: String) {
        #expect(Self.faults(Self.edges + [edge]) == [fault])
    }

    @Test func whatHasToComeIsFed() {
        #expect(
            Self.faults(["text -> first.text", "may -> second.text", "first.said -> last.more"]) == [
                #"#/edges/1: "may" of the parent can be absent, but "text" of "second" has to have a value"#,
                #"#/children/last: its required input "text" is fed by no edge"#,
                #"#/edges: the output "out" of the parent is fed by no edge"#,
            ]
        )
    }

    @Test func aCircleIsNamedWithoutWhatOnlyHangsOnIt() {
        let edges = [
            "second.said -> first.text", "first.said -> second.text", "second.said -> last.text", "last.said -> out",
        ]
        let fault = #"#/edges: none of "first", "second" can run first: each waits for another of them"#
        #expect(Self.faults(edges) == [fault])
        #expect(
            Self.faults(Self.edges + ["first.said -> first.more"]) == [
                #"#/edges: none of "first" can run first: each waits for another of them"#
            ]
        )
    }
}
