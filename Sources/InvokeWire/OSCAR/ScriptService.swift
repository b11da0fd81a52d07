import Foundation
package import InvokeModel
import OrderedCollections

/// A service as OSCAR's clients define it (oscar.md §5), read into a service of one operation that runs a script.
package struct ScriptService: Sendable {
    package let definition: ServiceDefinition
    package let secrets: ServiceSecrets
    /// Whether a new definition leaves the service its token.
    package let keepsToken: Bool
    /// Whose objects start jobs, and where files go.
    package let inputs: [Script.Folder]
    package let outputs: [Script.Folder]

    /// The one operation that a service of a script has.
    package static let operation = "run"

    /// What the operator sets for all scripts.
    package struct Rules: Sendable {
        /// Runs that one instance of a service does at once.
        package var inFlight = 1
        /// Instances of a service that sets no number itself.
        package var instances = 1
        /// The longest one run may take; nil for no limit of its own.
        package var executionTime: Duration?
        /// What runs the scripts of a service that names no engine itself, the most wanted first.
        package var engines: [Engine] = [.process]
        /// Whether a new definition leaves every service its token.
        package var keepsTokens = false

        package init() {}
    }

    /// - Throws: `invalidServiceDefinition` naming the first field that is wrong.
    package init(_ document: JSON, rules: Rules, reader: DefinitionReader) throws(Refusal) {
        guard document.object != nil else { throw Self.fault("the body", "must be a JSON object") }
        let fields = document.withLowerCaseKeys
        let name = try Self.name(fields)
        for field in ["image", "script"] where fields[field]?.string?.isEmpty ?? true {
            throw Self.fault(field, "is required")
        }
        inputs = try Self.storage("input", fields, name, of: ["minio"])
        outputs = try Self.storage("output", fields, name, of: OSCAR.providerKinds)
        try Self.checkPaths(inputs, outputs)
        let environment = fields["environment"]?.withLowerCaseKeys
        let variables = Self.texts(environment?["variables"])
        let secrets = Self.texts(environment?["secrets"])
        self.secrets = ServiceSecrets(
            variables: secrets.isEmpty ? nil : secrets,
            providers: try OSCAR.providers(fields)
        )
        let annotations = Self.texts(fields["annotations"])
        keepsToken = annotations["agent/token-policy"].map { $0 == "preserve" } ?? rules.keepsTokens
        let echo = OSCAR.stored(fields, name: name, inputs: inputs, outputs: outputs, variables, secrets.keys.sorted())

        var run: OrderedDictionary<String, JSON> = [
            "engine": .string(OSCAR.engine),
            "engines": .array(try Self.engines(annotations, rules).map { .string($0.rawValue) }),
            "image": .string(fields["image"]?.string ?? ""),
            "script": .string(fields["script"]?.string?.withLineFeeds ?? ""),
            "environment": .texts(variables),
            "log_level": echo["log_level"] ?? .null,
            "ignore_exit_code": .bool(annotations["agent/ignore-exit-code"] == "true"),
            "file_stage_in": echo["file_stage_in"] ?? false,
            "sources": .array(inputs.map(OSCAR.body)), "uploads": .array(outputs.map(OSCAR.body)),
            "retries": .number(JSONNumber(min(max(Int(annotations["agent/retries"] ?? "") ?? 0, 0), 10))),
            "resources": [
                "cpus": .number(JSONNumber(validText: String(try Self.cpus(fields)))),
                "memory": .string("\(max(try Self.memory(fields), Self.leastMemory) >> 10)KiB"),
            ],
        ]
        run["timeout"] = .string("\((rules.executionTime ?? .seconds(24 * 3600)).milliseconds)ms")
        let operation: JSON = [
            "description": .string("The script of the OSCAR service \(name)."), "inputs": Self.input,
            "outputs": Self.output, "run": .object(run),
        ]
        let version = "1"
        do {
            definition = ServiceDefinition(
                name: name,
                version: version,
                description: nil,
                tags: [],
                operations: [try reader.operation(Self.operation, operation, at: "#")],
                pool: PoolLimits(concurrency: Self.concurrency(fields, rules), queue: Self.queue),
                source: [
                    "name": .string(name), "version": .string(version),
                    "operations": .object([Self.operation: operation]), "oscar": echo,
                ]
            )
        } catch {
            throw Refusal(.invalidServiceDefinition, error.violations)
        }
    }

    /// The same with the secrets of an earlier definition, where this one names none.
    package func keeping(_ present: ServiceSecrets) -> ScriptService {
        let secrets = secrets.keeping(present)
        guard var members = definition.source.object, var echo = members["oscar"]?.object,
            var environment = echo["environment"]?.object
        else { return self }
        environment["secrets"] = .texts((secrets.variables ?? [:]).mapValues { _ in "" })
        echo["environment"] = .object(environment)
        members["oscar"] = .object(echo)
        return ScriptService(self, source: .object(members), secrets: secrets)
    }

    /// - Throws: `invalidServiceDefinition` when a path is in a store that nothing describes.
    package func checkProviders() throws(Refusal) {
        let known = Set((secrets.providers ?? []).map(\.name))
        for (field, folders) in [("input", inputs), ("output", outputs)] {
            for folder in folders where !folder.isOwn && !known.contains(folder.provider) {
                throw Self.fault(
                    "\(field).storage_provider",
                    "\"\(folder.provider)\" is not \(StorageProvider.own), nor described in storage_providers"
                )
            }
        }
    }

    private init(_ service: ScriptService, source: JSON, secrets: ServiceSecrets) {
        definition = ServiceDefinition(
            name: service.definition.name,
            version: service.definition.version,
            description: service.definition.description,
            tags: service.definition.tags,
            operations: service.definition.operations,
            pool: service.definition.pool,
            source: source
        )
        (inputs, outputs, keepsToken) = (service.inputs, service.outputs, service.keepsToken)
        self.secrets = secrets
    }

    /// Address space is what is limited, of which every program takes far more than it uses.
    private static let leastMemory = 512 << 20
    /// Jobs that may wait.
    private static let queue = 1000

    private static let input: JSON = [
        "input": [
            "type": "string", "file": true, "required": false,
            "description": "What the script reads: JSON text as it stands, any other text as base64; or an asset.",
        ]
    ]
    private static let output: JSON = [
        "output": [
            "type": "string",
            "description": "What the script printed; an asset when it left files: the one, or a zip of several.",
        ]
    ]

    package static func fault(_ field: String, _ detail: String) -> Refusal {
        Refusal(.invalidServiceDefinition, "\(field): \(detail)")
    }

    private static func name(_ fields: JSON) throws(Refusal) -> String {
        let name = fields["name"]?.string ?? ""
        let isPlain = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        guard (1...39).contains(name.utf8.count), isPlain, let first = name.utf8.first, (0x61...0x7A).contains(first),
            name.utf8.last != 0x2D
        else {
            throw fault(
                "name",
                "must be 1 to 39 lower-case letters, digits or `-`, begin with a letter and end with a letter or digit"
            )
        }
        return name
    }

    /// `input` or `output`: provider, bucket and folder of each entry.
    private static func storage(
        _ field: String,
        _ fields: JSON,
        _ name: String,
        of kinds: [String]
    ) throws(Refusal) -> [Script.Folder] {
        var entries: [Script.Folder] = []
        for entry in fields[field]?.array?.map(\.withLowerCaseKeys) ?? [] {
            var provider = (entry["storage_provider"]?.string ?? "").lowercased()
            if !provider.contains(".") { provider += ".default" }
            guard kinds.contains(String(provider.prefix { $0 != "." })) else {
                let kinds = kinds.joined(separator: " or ")
                throw fault("\(field).storage_provider", "\"\(provider.prefix(80))\" is not of \(kinds)")
            }
            var path = (entry["path"]?.string ?? "").trimmingSlashes
            guard !path.isEmpty else { throw fault("\(field).path", "is required") }
            if !path.contains("/") { path = "\(name)/\(path)" }
            entries.append(
                Script.Folder(
                    provider: provider,
                    path: path,
                    prefixes: entry["prefix"]?.array?.compactMap(\.string) ?? [],
                    suffixes: entry["suffix"]?.array?.compactMap(\.string) ?? []
                )
            )
        }
        return entries
    }

    /// - Throws: `invalidServiceDefinition` when an output starts the service again, or nobody could tell from which store
    ///   an event comes.
    private static func checkPaths(_ inputs: [Script.Folder], _ outputs: [Script.Folder]) throws(Refusal) {
        for output in outputs where inputs.contains(where: { $0.provider == output.provider && $0.overlies(output) }) {
            throw fault("output", "\"\(output.path)\" lies in an input of the service: it would loop")
        }
        for input in inputs where inputs.contains(where: { $0.provider != input.provider && $0.overlies(input) }) {
            throw fault("input", "\"\(input.path)\" is named for two stores, and an event does not tell its own")
        }
    }

    /// The members of an object that are texts, or numbers and booleans that can be written as such.
    static func texts(_ object: JSON?) -> [String: String] {
        (object?.object ?? [:]).reduce(into: [:]) { texts, member in
            switch member.value {
            case .string(let text): texts[member.key] = text
            case .number(let number): texts[member.key] = number.text
            case .bool(let flag): texts[member.key] = flag ? "true" : "false"
            case .null, .array, .object: break
            }
        }
    }

    private static func concurrency(_ fields: JSON, _ rules: Rules) -> Int {
        let asked = fields["synchronous"]?.withLowerCaseKeys["max_scale"]?.int ?? 0
        return max(1, asked > 0 ? asked : rules.instances) * rules.inFlight
    }

    /// The annotation `agent/engine` names them, separated by commas.
    private static func engines(_ annotations: [String: String], _ rules: Rules) throws(Refusal) -> [Engine] {
        guard let text = annotations["agent/engine"] else { return rules.engines }
        return try text.split(separator: ",").map { word throws(Refusal) in
            let name = word.trimmingCharacters(in: .whitespaces)
            guard let engine = Engine(rawValue: name), Engine.programs.contains(engine) else {
                let known = Engine.programs.map(\.rawValue).joined(separator: ", ")
                throw fault("annotations.agent/engine", "\"\(name.prefix(40))\" is none of \(known)")
            }
            return engine
        }
    }

    private static func cpus(_ fields: JSON) throws(Refusal) -> Double {
        let text = OSCAR.quantity(fields["cpu"]) ?? OSCAR.defaultCPU
        let value = text.hasSuffix("m") ? Double(text.dropLast()).map { $0 / 1000 } : Double(text)
        guard let value, value > 0, value <= 1024 else {
            throw fault("cpu", "must be a quantity such as 0.5 or 500m, not \"\(text.prefix(40))\"")
        }
        return value
    }

    /// Bytes.
    private static func memory(_ fields: JSON) throws(Refusal) -> Int {
        let text = OSCAR.quantity(fields["memory"]) ?? OSCAR.defaultMemory
        let units: [(String, Double)] = [
            ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776), ("k", 1000), ("M", 1e6),
            ("G", 1e9), ("T", 1e12),
        ]
        let unit = units.first { text.hasSuffix($0.0) } ?? ("", 1)
        guard let number = Double(text.dropLast(unit.0.count)), number > 0, number * unit.1 < 1e15 else {
            throw fault("memory", "must be a quantity such as 512Mi or 2G, not \"\(text.prefix(40))\"")
        }
        return Int(number * unit.1)
    }
}

extension JSON {
    /// An object with the names of its members in lower case: clients spell them in many ways (oscar.md W8).
    var withLowerCaseKeys: JSON {
        guard let object else { return self }
        return .object(OrderedDictionary(object.map { ($0.key.lowercased(), $0.value) }) { first, _ in first })
    }

    static func texts(_ texts: [String: String]) -> JSON {
        .object(
            OrderedDictionary(
                uniqueKeysWithValues: texts.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
            )
        )
    }
}

extension Script.Folder {
    /// Whether another one has the same path, or lies below it.
    fileprivate func overlies(_ other: Script.Folder) -> Bool { other.path == path || holds(other.path) }
}

extension String {
    fileprivate var withLineFeeds: String { replacing("\r\n", with: "\n") }

    fileprivate var trimmingSlashes: String {
        let isOuter: (Character) -> Bool = { $0 == "/" || $0 == " " }
        return String(drop(while: isOuter).reversed().drop(while: isOuter).reversed())
    }
}
