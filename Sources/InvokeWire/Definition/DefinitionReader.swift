package import InvokeModel
import InvokeSchemas
import OrderedCollections

/// Reads service definitions: first by the published schema, then by the rules that no schema can say.
package struct DefinitionReader: Sendable {
    private let schema: JSONSchema

    /// - Throws: when the published schema itself is wrong.
    package init() throws {
        schema = try JSONSchema(try JSON(parsing: Schemas.serviceDefinition))
    }

    /// - Throws: `invalidServiceDefinition` naming every fault with its pointer.
    package func read(_ document: JSON) throws(Refusal) -> ServiceDefinition {
        let violations = schema.violations(in: document, at: "#")
        guard violations.isEmpty else { throw Refusal(.invalidServiceDefinition, violations) }
        var faults: [Violation] = []
        var operations: [Operation] = []
        for (name, definition) in document["operations"]?.object ?? [:] {
            do {
                operations.append(try operation(name, definition, at: pointer("#/operations", name)))
            } catch {
                faults.append(contentsOf: error.violations)
            }
        }
        let pool = PoolLimits(reading: document["pool"] ?? [:])
        faults += pool.violations(by: Set(operations.flatMap(\.run.engines)))
        guard faults.isEmpty, let name = document["name"]?.string, let version = document["version"]?.string else {
            throw Refusal(.invalidServiceDefinition, faults)
        }
        return ServiceDefinition(
            name: name,
            version: version,
            description: document["description"]?.string,
            tags: document["tags"]?.array?.compactMap(\.string) ?? [],
            operations: operations,
            pool: pool,
            source: document
        )
    }

    /// Reads one operation's definition, as it stands at `place` of a service definition.
    package func operation(_ name: String, _ json: JSON, at place: String) throws(Invalid) -> Operation {
        var faults = Faults()
        let inputs = faults.inputs(json["inputs"]?.object ?? [:], at: place + "/inputs")
        let outputs = faults.outputs(json["outputs"]?.object ?? [:], at: place + "/outputs")
        let run = faults.run(json["run"] ?? .null, at: place + "/run")
        guard faults.violations.isEmpty else { throw Invalid(faults.violations) }
        return Operation(
            name: name,
            description: json["description"]?.string,
            tags: json["tags"]?.array?.compactMap(\.string) ?? [],
            modes: Set(json["modes"]?.array?.compactMap { $0.string.flatMap(Mode.init(rawValue:)) } ?? Mode.allCases),
            inputs: inputs.sorted { $0.position < $1.position },
            outputs: outputs,
            run: run,
            price: json["price"].flatMap { price in
                guard let amount = price["amount"]?.string, let currency = price["currency"]?.string else {
                    return nil
                }
                return Price(amount: amount, currency: currency)
            }
        )
    }
}

/// Collects what is wrong while it reads.
private struct Faults {
    var violations: [Violation] = []

    mutating func inputs(_ members: OrderedDictionary<String, JSON>, at place: String) -> [InputDeclaration] {
        var byPosition: [Int: String] = [:]
        var byVariable: [String: String] = [:]
        var free = 0
        let taken = Set(members.values.compactMap { $0["position"]?.int })
        return members.map { name, json in
            let place = pointer(place, name)
            while taken.contains(free) { free += 1 }
            let position = json["position"]?.int ?? free
            if json["position"] == nil { free += 1 }
            if let other = byPosition.updateValue(name, forKey: position) {
                add(place + "/position", "position \(position) is taken by the input `\(other)`")
            }
            if let other = byVariable.updateValue(name, forKey: environmentName(name)) {
                add(place, "its environment variable \(environmentName(name)) is also that of the input `\(other)`")
            }
            return input(name, json, position: position, at: place)
        }
    }

    private mutating func input(_ name: String, _ json: JSON, position: Int, at place: String) -> InputDeclaration {
        let type = json["type"]?.string.flatMap(ValueType.init(rawValue:)) ?? .string
        let defaultValue = json["default"]
        let input = InputDeclaration(
            name: name,
            type: type,
            isFile: json["file"]?.bool ?? false,
            required: json["required"]?.bool ?? (defaultValue == nil),
            position: position,
            description: json["description"]?.string,
            contentType: json["content_type"]?.string,
            defaultValue: defaultValue,
            pattern: pattern(json["pattern"]?.string, at: place + "/pattern"),
            choices: json["enum"]?.array?.compactMap(\.string),
            minLength: json["min_length"]?.int,
            maxLength: json["max_length"]?.int,
            schema: schema(json["schema"], at: place + "/schema")
        )
        if let defaultValue { check(defaultValue, of: input, at: place) }
        return input
    }

    private mutating func check(_ value: JSON, of input: InputDeclaration, at place: String) {
        if input.required {
            add(place + "/default", "a required input has no use for a default; leave out one of the two")
        }
        switch input.type {
        case .asset: add(place + "/default", "an asset input can't have a default")
        case .json: violations.append(contentsOf: input.schema?.violations(in: value, at: place + "/default") ?? [])
        case .string: violations.append(contentsOf: input.violations(in: value.string ?? "", at: place + "/default"))
        }
    }

    mutating func outputs(_ members: OrderedDictionary<String, JSON>, at place: String) -> [OutputDeclaration] {
        members.map { name, json in
            if name == "outputs.json" {
                add(pointer(place, name), "this is the name of the file that holds all string and json outputs")
            }
            return OutputDeclaration(
                name: name,
                type: json["type"]?.string.flatMap(ValueType.init(rawValue:)) ?? .string,
                description: json["description"]?.string,
                contentType: json["content_type"]?.string
            )
        }
    }

    /// Definitions that are sent to us name programs and endpoints only: the published schema knows neither orchestrations
    /// nor scripts.
    mutating func run(_ json: JSON, at place: String) -> Run {
        guard json["engine"] != .string(Orchestration.engine) else { return orchestration(json, at: place) }
        guard json["engine"] != .string(OSCAR.engine) else { return script(json, at: place) }
        guard json["engine"] != .string(Engine.http.rawValue) else {
            let endpoint = ProviderEndpoint(
                url: json["url"]?.string ?? "",
                timeout: timeout(json["timeout"]?.string, at: place + "/timeout"),
                retries: json["retries"]?.int ?? 0
            )
            return .endpoint(endpoint)
        }
        return .program(
            program(
                json,
                engines: engines(json["engine"], json, at: place),
                command: json["command"]?.array?.compactMap(\.string) ?? [],
                files: (json["files"]?.object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.string },
                at: place
            )
        )
    }

    private mutating func script(_ json: JSON, at place: String) -> Run {
        let script = Script(
            program: program(
                json,
                engines: engines(json["engines"], json, at: place),
                command: ["/bin/sh", Script.file],
                files: [Script.file: json["script"]?.string ?? ""],
                at: place
            ),
            logLevel: json["log_level"]?.string.flatMap(Script.LogLevel.init(rawValue:)) ?? .info,
            ignoresExitCode: json["ignore_exit_code"]?.bool ?? false,
            skipsInput: json["file_stage_in"]?.bool ?? false,
            sources: json["sources"]?.array?.map(OSCAR.storage) ?? [],
            uploads: json["uploads"]?.array?.map(OSCAR.storage) ?? []
        )
        return .script(script)
    }

    private mutating func program(
        _ json: JSON,
        engines: [Engine],
        command: [String],
        files: [String: String],
        at place: String
    ) -> Program {
        Program(
            engines: engines,
            command: command,
            image: json["image"]?.string,
            files: files,
            environment: (json["environment"]?.object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.string },
            timeout: timeout(json["timeout"]?.string, at: place + "/timeout"),
            retries: json["retries"]?.int ?? 0,
            resources: resources(json["resources"], at: place + "/resources"),
            usesNetwork: json["network"]?.bool ?? false,
            slurm: SlurmOptions(
                partition: json["slurm"]?["partition"]?.string,
                account: json["slurm"]?["account"]?.string,
                constraint: json["slurm"]?["constraint"]?.string
            )
        )
    }

    /// One name, or several in the order of preference; `process` where there is none.
    private mutating func engines(_ named: JSON?, _ run: JSON, at place: String) -> [Engine] {
        let names = named?.array?.compactMap(\.string) ?? named?.string.map { [$0] } ?? []
        let engines = names.isEmpty ? [.process] : names.compactMap(Engine.init(rawValue:))
        if engines.contains(.process) {
            if run["resources"]?["gpus"]?.int ?? 0 > 0 {
                add(place + "/resources/gpus", "the engine process has none to give; name only engines that have")
            }
            if run["network"]?.bool == true {
                add(place + "/network", "the engine process has no network; name only engines that have one")
            }
        }
        if engines.contains(.kubernetes), run["image"]?.string?.hasPrefix(Program.imageFile) == true {
            add(
                place + "/image",
                "the engine kubernetes has no files of the agent's machine; name an image of a registry, or other engines"
            )
        }
        return engines
    }

    private mutating func orchestration(_ json: JSON, at place: String) -> Run {
        do { return .orchestration(try Orchestration(document: json, at: place)) } catch {
            violations.append(contentsOf: error.violations)
            return .orchestration(Orchestration(children: [:], edges: []))
        }
    }

    private mutating func timeout(_ text: String?, at place: String) -> Duration? {
        guard let text else { return nil }
        guard let timeout = Duration(text: text), timeout > .zero, timeout <= .seconds(24 * 3600) else {
            add(place, "must be between 1ms and 24h")
            return nil
        }
        return timeout
    }

    private mutating func resources(_ json: JSON?, at place: String) -> Resources {
        var resources = Resources()
        if let cpus = json?["cpus"]?.number?.double { resources.cpus = cpus }
        if let gpus = json?["gpus"]?.int { resources.gpus = gpus }
        if let text = json?["memory"]?.string {
            if let memory = byteCount(text), memory >= 1 << 20 {
                resources.memory = memory
            } else {
                add(place + "/memory", "must be at least 1MiB, such as 512MiB or 2GiB")
            }
        }
        return resources
    }

    private mutating func pattern(_ text: String?, at place: String) -> Pattern? {
        guard let text else { return nil }
        do { return try Pattern(text) } catch {
            add(place, error.text)
            return nil
        }
    }

    private mutating func schema(_ json: JSON?, at place: String) -> JSONSchema? {
        guard let json else { return nil }
        do { return try JSONSchema(json, at: place) } catch {
            violations.append(contentsOf: error.violations)
            return nil
        }
    }

    private mutating func add(_ place: String, _ detail: String) { violations.append(Violation(place, detail)) }
}

/// Reads `512KiB`, `512MiB`, `1GiB`: bytes, or nil when it is none of these or too many to count.
private func byteCount(_ text: String) -> Int? {
    let units = ["KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30]
    guard let unit = units[String(text.suffix(3))], let count = Int(text.dropLast(3)) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? nil : bytes
}
