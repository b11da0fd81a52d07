import InvokeModel
import OrderedCollections

/// What a program is told of its attempt: its environment, its document of inputs and its standard input.
struct ProgramView {
    let attempt: AttemptSpecification
    let paths: ProgramPaths

    /// Bytes from which on a string is only in the document of inputs.
    private static let longestVariable = 64 << 10

    /// The program's whole environment; what the agent tells can't be overridden by `Run.environment`.
    var environment: OrderedDictionary<String, String> {
        var variables: OrderedDictionary = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": paths.home]
        for (name, value) in attempt.program.environment.sorted(by: { $0.key < $1.key })
        where Self.canBeSet(name, value) && !name.hasPrefix("INVOKE_") {
            variables[name] = value
        }
        for input in attempt.inputs {
            let variable = "INVOKE_INPUT_" + Self.upperCased(input.name)
            switch input.value {
            case .string(let text): variables[variable] = Self.short(text)
            case .json(let value): variables[variable] = Self.short(value.text)
            case .asset: variables[variable] = paths.input(input.name)
            }
        }
        variables["INVOKE_JOB_ID"] = attempt.job.description
        variables["INVOKE_OPERATION"] = attempt.operation
        variables["INVOKE_ATTEMPT"] = String(attempt.number)
        variables["INVOKE_INPUTS"] = paths.inputsDocument
        variables["INVOKE_OUTPUT_DIR"] = paths.outputs
        variables["TMP_INPUT_DIR"] = paths.inputs
        variables["TMP_OUTPUT_DIR"] = paths.outputs
        variables["INPUT_FILE_PATH"] = (attempt.script?.file ?? onlyRequiredInput?.name).map(paths.input)
        if let script = attempt.script, script.isEvent { variables["EVENT_FILE"] = script.file.map(paths.input) }
        for (name, value) in attempt.variables where Self.canBeSet(name, value) { variables[name] = value }
        return variables
    }

    /// What `INVOKE_INPUTS` points to: every input's value by its name.
    var document: JSON {
        var members: OrderedDictionary<String, JSON> = [:]
        for input in attempt.inputs {
            switch input.value {
            case .string(let text): members[input.name] = .string(text)
            case .json(let value): members[input.name] = value
            case .asset(let did, let contentType, let size):
                members[input.name] = [
                    "did": .string(did),
                    "path": .string(paths.input(input.name)),
                    "content_type": contentType.map { .string($0) } ?? .null,
                    "size": .number(JSONNumber(size)),
                ]
            }
        }
        return .object(members)
    }

    /// The input that is also the standard input: the only one that is required.
    var onlyRequiredInput: ProgramInput? {
        let required = attempt.inputs.filter(\.required)
        return required.count == 1 ? required.first : nil
    }

    /// Where the standard input is read from.
    var standardInput: String { onlyRequiredInput.map { paths.input($0.name) } ?? "/dev/null" }

    private static func short(_ text: String) -> String? {
        text.utf8.count <= longestVariable && canBeSet("INVOKE_INPUT_", text) ? text : nil
    }

    /// Variables are C strings, and the first `=` ends their name.
    private static func canBeSet(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && !name.utf8.contains(where: { $0 == 0 || $0 == 0x3D }) && !value.utf8.contains(0)
    }

    private static func upperCased(_ name: String) -> String {
        String(
            decoding: name.utf8.map { byte in
                switch byte {
                case 0x61...0x7A: byte - 0x20
                case 0x41...0x5A, 0x30...0x39: byte
                default: UInt8(ascii: "_")
                }
            },
            as: UTF8.self
        )
    }
}
