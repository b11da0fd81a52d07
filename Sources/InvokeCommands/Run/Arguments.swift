import InvokeClient
import InvokeModel
import OrderedCollections

/// The inputs of a call as they were typed, each with the input that it is meant for.
struct Arguments {
    private let arguments: [(argument: InputArgument, input: AgentOperation.Input)]

    /// Refuses what can't be meant before anything is uploaded.
    init(_ texts: [String], of operation: AgentOperation) throws {
        let declared = operation.inputs.reduce(into: OrderedDictionary()) { $0[$1.name] = $1 }
        let advice = "see what it takes: invoke-agent operation show \(operation.service)/\(operation.name)"
        arguments = try texts.map(InputArgument.init).map { argument in
            if let input = declared[argument.name] { return (argument, input) }
            let near = nearestName(to: argument.name, among: declared.keys).map { " Did you mean \"\($0)\"?" } ?? ""
            throw Failure(
                status: .refused,
                message: "\(operation.name) has no input \"\(argument.name)\"; it takes "
                    + "\(declared.keys.joined(separator: ", ")).\(near)",
                advice: advice
            )
        }
        let names = Set(arguments.map(\.input.name))
        let missing = operation.inputs.filter { $0.isRequired && !names.contains($0.name) }.map(\.name)
        guard missing.isEmpty else {
            let words = missing.map { "\($0)=…" }.joined(separator: " ")
            throw Failure(
                status: .refused,
                message: "\(operation.name) also needs \(missing.joined(separator: ", ")): add \(words)",
                advice: advice
            )
        }
        guard arguments.count(where: \.argument.isStandardInput) <= 1 else {
            throw Failure(status: .refused, message: "standard input is there once: only one input can be -.")
        }
    }

    /// What was typed, by input.
    var given: [String: String] { arguments.reduce(into: [:]) { $0[$1.input.name] = $1.argument.text } }

    /// The names of the inputs whose files are still to be uploaded.
    var uploads: Set<String> {
        Set(arguments.filter { $0.argument.isUpload(for: $0.input) }.map(\.input.name))
    }

    /// The values of a call; files that it wants as assets are uploaded first.
    func values(on agent: AgentClient, _ progress: ProgressLine) async throws -> JSON {
        var values: OrderedDictionary<String, JSON> = [:]
        for (argument, input) in arguments {
            values[input.name] =
                argument.isUpload(for: input)
                ? try await argument.upload(for: input, on: agent, progress) : try argument.value(for: input)
        }
        return .object(values)
    }

    /// The values of a call that leaves the machine as it is.
    func withoutUploads() throws -> JSON {
        var values: OrderedDictionary<String, JSON> = [:]
        for (argument, input) in arguments where !argument.isUpload(for: input) {
            values[input.name] = try argument.value(for: input)
        }
        return .object(values)
    }
}

extension Duration {
    /// Reads what somebody gave an option, such as 30s.
    init(argument text: String, of option: String) throws {
        guard let duration = Duration(text: text) else {
            throw Failure(status: .refused, message: "\(option) has to be a time such as 30s or 10m, not \"\(text)\".")
        }
        self = duration
    }
}
