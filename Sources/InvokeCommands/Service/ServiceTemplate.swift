import Foundation
import InvokeModel
import OrderedCollections

/// The definition of a service that runs one program.
struct ServiceTemplate {
    let name: String
    let definition: JSON

    init(_ program: String, name: String?, takesAsset: Bool) throws {
        let run = try Self.run(program)
        let base = URL(fileURLWithPath: program).deletingPathExtension().lastPathComponent
        self.name = name ?? Self.serviceName(base)
        let type: JSON = takesAsset ? "asset" : "string"
        definition = [
            "name": .string(self.name),
            "version": "1.0.0",
            "description": .string("Runs \(URL(fileURLWithPath: program).lastPathComponent)"),
            "operations": [
                "run": [
                    "description": .string("Gives its input to \(base) and takes what that writes"),
                    "inputs": ["input": ["type": type]],
                    "outputs": ["output": ["type": "string"]],
                    "run": run,
                ]
            ],
        ]
    }

    /// How the program is run: `engine`, `command`, and its `files` when it is a script.
    private static func run(_ program: String) throws -> JSON {
        guard let bytes = FileManager.default.contents(atPath: program) else {
            guard !program.contains("/"), let found = systemProgram(program) else {
                throw Failure(
                    status: .refused,
                    message: "\(program) is no file that can be read, and no program of this machine.",
                    advice: "write the path of a script, such as ./\(program)"
                )
            }
            return ["engine": "process", "command": [.string(found)]]
        }
        let file = URL(fileURLWithPath: program).lastPathComponent
        guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0") else {
            let path = URL(fileURLWithPath: program).path
            guard systemFolders.contains(where: { path.hasPrefix($0 + "/") }) else {
                throw Failure(
                    status: .refused,
                    message: "\(path) is a binary outside of /usr and /opt, which jobs can't see.",
                    advice: "install it there, such as in /usr/local/bin, or wrap it in a script"
                )
            }
            return ["engine": "process", "command": [.string(path)]]
        }
        guard bytes.count <= 200 << 10 else {
            throw Failure(status: .refused, message: "\(program) is larger than a definition takes (200 KiB).")
        }
        let words = try interpreter(of: text, file)
        return [
            "engine": "process",
            "command": .array((words + [file]).map(JSON.string)),
            "files": .object([file: .string(text)]),
        ]
    }

    /// What a script's first line names, or what its ending is known for.
    private static func interpreter(of script: String, _ file: String) throws -> [String] {
        if script.hasPrefix("#!") {
            let line = script.prefix { $0 != "\n" }.dropFirst(2)
            let words = line.split(separator: " ").map(String.init)
            // `env` finds a program by its name, and so does a command.
            let isEnv = words.first?.hasSuffix("/env") == true
            let rest = isEnv ? words.dropFirst().filter { $0 != "-S" } : words
            if !rest.isEmpty { return rest }
        }
        let known = [
            "py": "python3", "sh": "sh", "bash": "bash", "pl": "perl", "rb": "ruby", "js": "node", "r": "Rscript",
            "awk": "awk", "jq": "jq", "lua": "lua",
        ]
        guard let word = known[(file as NSString).pathExtension.lowercased()] else {
            throw Failure(
                status: .refused,
                message: "nobody can tell what runs \(file).",
                advice: "begin it with a line such as #!/usr/bin/env python3"
            )
        }
        return ["awk", "jq"].contains(word) ? [word, "-f"] : [word]
    }

    private static let systemFolders = ["/usr", "/bin", "/opt"]

    private static func systemProgram(_ name: String) -> String? {
        ["/usr/local/bin", "/usr/bin", "/bin"].map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A name as services have it: lower-case letters, digits and dashes, 39 at most.
    private static func serviceName(_ text: String) -> String {
        let parts = text.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        let name = parts.joined(separator: "-").prefix(39)
        return name.isEmpty ? "service" : String(name)
    }
}
