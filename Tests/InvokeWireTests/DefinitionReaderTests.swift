import Foundation
import InvokeModel
import InvokeWire
import OrderedCollections
import Testing

/// What the reader says of service definitions beyond what their published schema can say.
@Suite struct DefinitionReaderTests {
    private static let examples = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "examples")

    @Test(arguments: ["filter-rows", "hash", "iris", "primes", "word-count"])
    func everyExampleIsAGoodDefinition(name: String) throws {
        let bytes = try Data(contentsOf: Self.examples.appending(path: "\(name)/service.yaml"))
        let definition = try DefinitionReader().read(JSON(yaml: Array(bytes)))
        #expect(definition.name == name)
        #expect(definition.version == "1.0.0")
        #expect(!definition.operations.isEmpty)
        for operation in definition.operations {
            #expect(operation.modes == [.sync, .async])
            #expect(operation.run.program?.timeout != nil)
            #expect(operation.inputs.map(\.position) == Array(operation.inputs.indices))
        }
    }

    @Test func noExampleIsForgotten() throws {
        let found = try FileManager.default.contentsOfDirectory(atPath: Self.examples.path)
            .filter { FileManager.default.fileExists(atPath: Self.examples.path + "/\($0)/service.yaml") }
        #expect(found.sorted() == ["filter-rows", "hash", "iris", "primes", "word-count"])
    }

    /// A definition of one operation, `run`, with the given members.
    private func read(
        inputs: String = "in: {type: string}",
        outputs: String = "out: {type: string}",
        run: String = "",
        rest: String = ""
    ) throws -> ServiceDefinition {
        let yaml = """
            name: tools
            version: 1.2.0
            operations:
              run:
                inputs: {\(inputs)}
                outputs: {\(outputs)}
                run: {engine: process, command: [cat]\(run.isEmpty ? "" : ", " + run)}
            \(rest)
            """
        return try DefinitionReader().read(JSON(yaml: Array(yaml.utf8)))
    }

    /// The pointers of everything that is found wrong.
    private func faults(_ read: () throws -> ServiceDefinition) throws -> [String] {
        do {
            _ = try read()
            return []
        } catch let refusal as Refusal {
            #expect(refusal.code == .invalidServiceDefinition)
            return refusal.violations.map(\.pointer)
        }
    }

    @Test(arguments: [
        ("a: {type: string, position: 0}, b: {type: string, position: 0}", ["b/position"]),
        ("a.b: {type: string}, a-b: {type: string}", ["a-b"]),
        ("a: {type: string}, A: {type: json}", ["A"]),
        ("a: {type: string, required: true, default: x}", ["a/default"]),
        ("a: {type: json, required: true, default: 1}", ["a/default"]),
        ("a: {type: asset, default: {did: x}}", ["a/default"]),
        ("a: {type: string, default: x, pattern: '^[0-9]+$'}", ["a/default"]),
        ("a: {type: string, default: x, enum: [y, z]}", ["a/default"]),
        ("a: {type: string, default: x, min_length: 2}", ["a/default"]),
        ("a: {type: string, default: xyz, max_length: 2}", ["a/default"]),
        ("a: {type: json, default: {n: x}, schema: {properties: {n: {type: number}}}}", ["a/default/n"]),
        ("a: {type: json, default: x, schema: {type: number}}", ["a/default"]),
        ("a: {type: string, pattern: '('}", ["a/pattern"]),
        ("a: {type: string, pattern: '(?=a)'}", ["a/pattern"]),
        ("a: {type: json, schema: {type: text}}", ["a/schema/type"]),
        ("a: {type: json, schema: {properties: {n: {minimum: x}}}}", ["a/schema/properties/n/minimum"]),
        ("a: {type: string, pattern: '('}, b: {type: string, default: x, enum: [y]}", ["a/pattern", "b/default"]),
    ])
    func aFaultOfAnInputIsNamedWhereItIs(inputs: String, places: [String]) throws {
        #expect(try faults { try read(inputs: inputs) } == places.map { "#/operations/run/inputs/\($0)" })
    }

    @Test(arguments: [
        ("timeout: 25h", "run/timeout"), ("timeout: 86400001ms", "run/timeout"), ("timeout: 0s", "run/timeout"),
        ("resources: {memory: 1023KiB}", "run/resources/memory"),
        ("resources: {memory: 9999999999GiB}", "run/resources/memory"),
        ("resources: {gpus: 1}", "run/resources/gpus"), ("network: true", "run/network"),
    ])
    func aFaultOfTheRunIsNamedWhereItIs(run: String, place: String) throws {
        #expect(try faults { try read(run: run) } == ["#/operations/run/" + place])
    }

    @Test func anEndpointIsReadWithItsTimeAndItsRetries() throws {
        let operation: JSON = [
            "inputs": ["in": ["type": "string"]], "outputs": ["out": ["type": "string"]],
            "run": ["engine": "http", "url": "https://example.org/", "timeout": "90s", "retries": 4],
        ]
        let run = try DefinitionReader().operation("run", operation, at: "#").run
        #expect(run.endpoint == ProviderEndpoint(url: "https://example.org/", timeout: .seconds(90), retries: 4))
        #expect(run.engines == [.http] && run.timeout == .seconds(90) && run.program == nil)
        var late = operation.object ?? [:]
        late["run"] = ["engine": "http", "url": "https://example.org/", "timeout": "25h"]
        #expect(throws: Invalid([Violation("#/run/timeout", "must be between 1ms and 24h")])) {
            try DefinitionReader().operation("run", .object(late), at: "#")
        }
    }

    @Test(arguments: [("slurm", nil), ("process", "#/pool/concurrency"), ("[slurm, process]", "#/pool/concurrency")])
    func onlyAClusterRunsThousandsOfJobsAtOnce(engine: String, fault: String?) throws {
        let document = try JSON(
            yaml: Array(
                """
                name: many
                version: 1.0.0
                pool: {concurrency: 4096}
                operations:
                  run:
                    inputs: {in: {type: string}}
                    outputs: {out: {type: string}}
                    run: {engine: \(engine), command: [cat]}
                """.utf8
            )
        )
        #expect(try faults { try DefinitionReader().read(document) } == (fault.map { [$0] } ?? []))
    }

    @Test func enginesAreReadInTheirOrderWithWhatTheyNeed() throws {
        let operation: JSON = [
            "inputs": ["in": ["type": "string"]], "outputs": ["out": ["type": "string"]],
            "run": [
                "engine": ["slurm", "container"], "command": ["cat"], "image": "docker.io/library/python:3.12",
                "resources": ["gpus": 2], "network": true, "slurm": ["partition": "gpu", "constraint": "a100|h100"],
            ],
        ]
        let program = try #require(try DefinitionReader().operation("run", operation, at: "#").run.program)
        #expect(program.engines == [.slurm, .container] && program.image == "docker.io/library/python:3.12")
        #expect(program.resources.gpus == 2 && program.usesNetwork)
        #expect(program.slurm == SlurmOptions(partition: "gpu", constraint: "a100|h100"))
    }

    @Test(
        arguments: [
            ("container", []), ("[container, process]", []), ("kubernetes", ["#/operations/run/run/image"]),
            ("[container, kubernetes]", ["#/operations/run/run/image"]),
        ] as [(String, [String])]
    )
    func anImageThatIsAFileIsNotForAnotherMachine(engine: String, faults expected: [String]) throws {
        let document = try JSON(
            yaml: Array(
                """
                name: a-service
                version: "1"
                operations:
                  run:
                    inputs: {in: {type: string}}
                    outputs: {out: {type: string}}
                    run: {engine: \(engine), command: [cat], image: ./systems/debian-12.tar}
                """.utf8
            )
        )
        #expect(try faults { try DefinitionReader().read(document) } == expected)
    }

    @Test func theFileOfAllOutputsIsNoOutput() throws {
        let found = try faults { try read(outputs: "outputs.json: {type: json}") }
        #expect(found == ["#/operations/run/outputs/outputs.json"])
    }

    @Test(arguments: [("1ms", Duration.milliseconds(1)), ("24h", .seconds(86_400)), ("1440m", .seconds(86_400))])
    func aTimeoutOfUpToADayIsTaken(text: String, timeout: Duration) throws {
        #expect(try read(run: "timeout: \(text)").operations.first?.run.program?.timeout == timeout)
    }

    @Test func inputsWithoutAPositionFillTheGaps() throws {
        let inputs = "a: {type: string}, b: {type: string, position: 0}, c: {type: json}, d: {type: json, position: 1}"
        let operation = try #require(try read(inputs: inputs).operations.first)
        #expect(operation.inputs.map(\.name) == ["b", "d", "a", "c"])
        #expect(operation.inputs.map(\.position) == [0, 1, 2, 3])
    }

    @Test func anInputIsRequiredUnlessItHasADefault() throws {
        let inputs = "a: {type: string}, b: {type: string, default: x}, c: {type: string, required: false}"
        let operation = try #require(try read(inputs: inputs).operations.first)
        #expect(operation.inputs.map(\.required) == [true, false, false])
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        let definition = try read()
        let operation = try #require(definition.operations.first)
        #expect(definition.pool == PoolLimits(concurrency: nil, queue: 1000))
        #expect(operation.modes == [.sync, .async])
        #expect(operation.run.program?.retries == 0 && operation.run.program?.timeout == nil)
        #expect(operation.run.program?.resources == Resources(cpus: 1, memory: 512 << 20))
        #expect(operation.price == nil)
    }

    @Test func thePoolAndThePriceAreRead() throws {
        let price = "    price: {amount: '0.50', currency: OCEAN}"
        let definition = try read(rest: price + "\npool: {concurrency: 4, queue: 9}")
        #expect(definition.pool == PoolLimits(concurrency: 4, queue: 9))
        let byEngine = try read(rest: "pool: {concurrency: {process: 3}}")
        #expect(byEngine.pool == PoolLimits(concurrency: nil, engines: [.process: 3], queue: 1000))
        let unused = try faults { try read(rest: "pool: {concurrency: {process: 3, slurm: 9}}") }
        #expect(unused == ["#/pool/concurrency/slurm"])
        #expect(definition.operations.first?.price == Price(amount: "0.50", currency: "OCEAN"))
    }
}
