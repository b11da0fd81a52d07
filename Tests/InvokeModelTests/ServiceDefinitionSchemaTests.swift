import OrderedCollections
import Testing

@testable import InvokeModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The published contract of a service definition, read with our own `JSONSchema`.
@Suite struct ServiceDefinitionSchemaTests {
    private static let good = #"""
        {
          "name": "table-tools", "version": "1.2.0", "description": "Small tools for tables", "tags": ["csv", "tables"],
          "operations": {
            "filter-rows": {
              "description": "Leaves out rows in which too many columns are empty", "tags": ["csv", "rows-2"], "modes": ["sync", "async"],
              "inputs": {
                "table": {"type": "asset", "required": true, "position": 0, "content_type": "text/csv; charset=utf-8",
                  "description": "The rows to look at"},
                "max_empty": {"type": "string", "required": false, "default": "3", "pattern": "^[0-9]+$",
                  "min_length": 1, "max_length": 4, "enum": ["1", "2", "3"]},
                "options": {"type": "json", "required": false, "schema": {"type": "object"}, "default": {"header": true}}
              },
              "outputs": {
                "filtered": {"type": "asset", "content_type": "text/csv", "description": "The rows that stay"},
                "removed": {"type": "string"}, "report": {"type": "json"}
              },
              "run": {
                "engine": "process", "command": ["python3", "filter_rows.py"],
                "files": {"filter_rows.py": "print('done')\n"}, "environment": {"LC_ALL": "C.UTF-8", "_x1": ""},
                "timeout": "60s", "retries": 2, "resources": {"cpus": 0.5, "memory": "512MiB", "gpus": 0}, "network": false
              },
              "price": {"amount": "0.50", "currency": "OCEAN"}
            }
          },
          "pool": {"concurrency": 4, "queue": 1000}
        }
        """#

    @Test func aGoodDefinitionIsTaken() throws {
        #expect(try Self.violations(changing: []).isEmpty)
    }

    @Test func aSmallDefinitionIsEnough() throws {
        let small = #"""
            {"name": "a", "version": "1", "operations": {"b": {"inputs": {"c": {"type": "string"}},
             "outputs": {"d": {"type": "string"}}, "run": {"engine": "process", "command": ["cat"]}}}}
            """#
        #expect(try Self.schema().violations(in: JSON(parsing: small), at: "#").isEmpty)
    }

    /// A place, what is put there (nothing: it is taken away), and the pointer of the one violation (none: the place).
    @Test(
        arguments: [
            ("name", nil, nil), ("name", #""""#, nil), ("name", #""Table""#, nil), ("name", #""-a""#, nil),
            ("name", #""a-""#, nil),
            ("name", #""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#, nil), ("version", nil, nil),
            ("version", "1.2", nil),
            ("version", #""1 2""#, nil), ("description", "1", nil), ("tags", #""csv""#, nil),
            ("tags", #"["a","a"]"#, "tags/1"),
            ("tags", #"["a","two words"]"#, "tags/1"), ("owner", "1", nil), ("operations", nil, nil),
            ("operations", "{}", nil),
            ("operations/a b", "OPERATION", "operations/a%20b"), ("operations/-a", "OPERATION", nil),
            ("operations/filter-rows", "[]", nil),
            ("pool/concurrency", "0", nil), ("pool/concurrency", "4097", nil), ("pool/concurrency", "1.5", nil),
            ("pool/concurrency", "{}", nil), ("pool/concurrency", #"{"gpu":1}"#, "pool/concurrency/gpu"),
            ("pool/concurrency", #"{"process":257}"#, "pool/concurrency/process"),
            ("pool/concurrency", #"{"slurm":4097}"#, "pool/concurrency/slurm"),
            ("pool/queue", "0", nil), ("pool/queue", "1000001", nil), ("pool/size", "1", nil),
            ("OP/description", "null", nil),
            ("OP/tags", #""csv""#, nil), ("OP/tags", #"["a","a"]"#, "OP/tags/1"),
            ("OP/tags", #"["Csv"]"#, "OP/tags/0"), ("OP/modes", "[]", nil),
            ("OP/modes", #"["sync","sync"]"#, "OP/modes/1"),
            ("OP/modes", #"["batch"]"#, "OP/modes/0"), ("OP/inputs", nil, nil), ("OP/inputs", "{}", nil),
            ("OP/outputs", nil, nil),
            ("OP/outputs", "{}", nil), ("OP/run", nil, nil), ("OP/cost", "1", nil),
            ("OP/inputs/a+b", #"{"type":"string"}"#, nil), ("OP/inputs/.a", #"{"type":"string"}"#, nil),
            ("OP/inputs/table/type", nil, nil), ("OP/inputs/table/type", #""file""#, nil),
            ("OP/inputs/table/required", "1", nil),
            ("OP/inputs/table/position", "-1", nil), ("OP/inputs/table/content_type", #""csv""#, nil),
            ("OP/inputs/table/pattern", #""a""#, nil), ("OP/inputs/table/enum", #"["a"]"#, nil),
            ("OP/inputs/table/min_length", "1", nil), ("OP/inputs/table/max_length", "1", nil),
            ("OP/inputs/table/schema", "{}", nil),
            ("OP/inputs/table/size", "1", nil), ("OP/inputs/options/pattern", #""a""#, nil),
            ("OP/inputs/max_empty/schema", "{}", nil),
            ("OP/inputs/max_empty/default", "3", nil), ("OP/inputs/max_empty/pattern", "3", nil),
            ("OP/inputs/max_empty/enum", "[]", nil),
            ("OP/inputs/max_empty/enum", "[1]", "OP/inputs/max_empty/enum/0"),
            ("OP/inputs/max_empty/min_length", "-1", nil),
            ("OP/inputs/max_empty/max_length", #""4""#, nil), ("OP/inputs/options/schema", #""{}""#, nil),
            ("OP/outputs/removed/type", nil, nil), ("OP/outputs/removed/type", #""text""#, nil),
            ("OP/outputs/removed/required", "true", nil),
            ("OP/run/engine", nil, nil), ("OP/run/engine", #""docker""#, nil),
            ("OP/run/command", nil, nil), ("OP/run/command", "[]", nil), ("OP/run/command", #""cat""#, nil),
            ("OP/run/command", #"["cat",""]"#, "OP/run/command/1"), ("OP/run/files/a.py", "1", nil),
            ("OP/run/files/.a", #""""#, nil),
            ("OP/run/environment/1A", #""""#, nil), ("OP/run/environment/LC_ALL", "1", nil),
            ("OP/run/timeout", "60", nil),
            ("OP/run/timeout", #""60""#, nil), ("OP/run/timeout", #""0s""#, nil), ("OP/run/timeout", #""1d""#, nil),
            ("OP/run/retries", "-1", nil), ("OP/run/retries", "11", nil), ("OP/run/resources/cpus", "0", nil),
            ("OP/run/resources/memory", "512", nil), ("OP/run/resources/memory", #""512MB""#, nil),
            ("OP/run/resources/gpus", "-1", nil), ("OP/run/engine", "[]", nil),
            ("OP/run/engine", #"["http"]"#, "OP/run/engine/0"),
            ("OP/run/engine", #"["slurm","slurm"]"#, "OP/run/engine/1"), ("OP/run/image", #""-x""#, nil),
            ("OP/run/image", #""./../x""#, nil), ("OP/run/image", #""./a/../../x""#, nil),
            ("OP/run/image", #""./""#, nil),
            ("OP/run/image", #""./a b.tar""#, nil), ("OP/run/image", #""./a:1""#, nil), ("OP/run/image", #""/a""#, nil),
            ("OP/run/slurm", #"{"queue":"x"}"#, "OP/run/slurm/queue"),
            ("OP/run/slurm", #"{"partition":"a b"}"#, "OP/run/slurm/partition"),
            ("OP/run/resources/disk", "1", nil), ("OP/run/network", "1", nil), ("OP/run/shell", "true", nil),
            ("OP/run/url", #""https://example.org/""#, nil),
            ("OP/price/amount", nil, nil), ("OP/price/amount", "0.5", nil), ("OP/price/amount", #""-1""#, nil),
            ("OP/price/amount", #""1.""#, nil),
            ("OP/price/currency", nil, nil), ("OP/price/currency", #""""#, nil), ("OP/price/tax", "1", nil),
        ] as [(String, String?, String?)]
    )
    func oneFaultIsOneViolationAtItsPlace(place: String, value: String?, found: String?) throws {
        let operation =
            #"{"inputs":{"c":{"type":"json"}},"outputs":{"d":{"type":"json"}},"run":{"engine":"process","command":["cat"]}}"#
        let violations = try Self.violations(changing: [(place, value == "OPERATION" ? operation : value)])
        #expect(violations.map(\.pointer) == ["#/" + Self.spelledOut(found ?? place)], "\(violations)")
    }

    @Test(
        arguments: [
            (#"{"engine":"http","url":"https://example.org/","timeout":"5m","retries":3}"#, []),
            (#"{"engine":"http"}"#, ["url"]), (#"{"engine":"http","url":""}"#, ["url"]),
            (#"{"engine":"http","url":"https://a.example/","command":["a"],"network":false}"#, ["command", "network"]),
            (
                #"{"engine":"http","url":"https://example.org/","files":{},"environment":{},"resources":{}}"#,
                ["environment", "files", "resources"]
            ),
        ] as [(String, [String])]
    )
    func anEndpointHasWhatACallTakes(run: String, faults: [String]) throws {
        let found = try Self.violations(changing: [("OP/run", run)]).map(\.pointer)
        #expect(found.sorted() == faults.map { "#/operations/filter-rows/run/\($0)" })
    }

    @Test func operationsAreSixtyFourAtMost() throws {
        let operation =
            #"{"inputs":{"c":{"type":"json"}},"outputs":{"d":{"type":"json"}},"run":{"engine":"process","command":["cat"]}}"#
        let full = (0..<63).map { ("operations/o\($0)", Optional(operation)) }
        #expect(try Self.violations(changing: full).isEmpty)
        let over = try Self.violations(changing: full + [("operations/last", operation)])
        #expect(over == [Violation("#/operations", "must have at most 64 members, not 65")])
    }

    @Test func aFileNameHasNoSlash() throws {
        var document = try JSON(parsing: Self.good)
        document.put(["operations", "filter-rows", "run", "files", "a/b"], "text")
        #expect(
            try Self.schema().violations(in: document, at: "#").map(\.pointer)
                == ["#/operations/filter-rows/run/files/a~1b"]
        )
    }

    @Test func everyMemberOfTheContractIsDescribed() throws {
        let document = try Self.document()
        let schemas = document["$defs"]?.object ?? [:]
        func undescribed(_ schema: JSON, _ place: String) -> [String] {
            (schema["properties"]?.object ?? [:]).flatMap { name, member in
                let target = member["$ref"]?.string?.split(separator: "/").last.map(String.init) ?? ""
                let isDescribed = member["description"] != nil || schemas[target]?["description"] != nil
                return (isDescribed ? [] : ["\(place)/\(name)"]) + undescribed(member, "\(place)/\(name)")
            }
        }
        #expect(schemas.count >= 6)
        #expect(undescribed(document, "#").isEmpty)
        for (name, schema) in schemas { #expect(undescribed(schema, "#/$defs/\(name)").isEmpty) }
    }

    private static func document() throws -> JSON {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let file = folder.appending(path: "../../schemas/service-definition.schema.json").standardized
        return try JSON(parsing: [UInt8](Data(contentsOf: file)))
    }

    private static func schema() throws -> JSONSchema { try JSONSchema(document()) }

    private static func spelledOut(_ place: String) -> String {
        place.hasPrefix("OP/") ? "operations/filter-rows/" + place.dropFirst(3) : place
    }

    private static func violations(changing changes: [(String, String?)]) throws -> [Violation] {
        var document = try JSON(parsing: good)
        for (place, value) in changes {
            document.put(
                spelledOut(place).split(separator: "/").map(String.init)[...],
                try value.map { try JSON(parsing: $0) }
            )
        }
        return try schema().violations(in: document, at: "#")
    }
}

extension JSON {
    /// Puts a value at a place below members of objects, or takes it away; objects on the way are made.
    fileprivate mutating func put(_ path: ArraySlice<String>, _ value: JSON?) {
        guard let name = path.first else { return }
        var members = object ?? [:]
        if path.count == 1 {
            members[name] = value
        } else {
            var member = members[name] ?? .object([:])
            member.put(path.dropFirst(), value)
            members[name] = member
        }
        self = .object(members)
    }
}
