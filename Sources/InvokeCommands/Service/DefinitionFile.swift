import Foundation
import InvokeModel
import InvokeWire

/// A service definition in a file, YAML or JSON; `-` is standard input.
struct DefinitionFile {
    let bytes: [UInt8]
    let name: String

    init(_ path: String) throws {
        let data = path == "-" ? try FileHandle.standardInput.readToEnd() : FileManager.default.contents(atPath: path)
        guard let data else {
            throw Failure(
                status: .refused,
                message: "the definition \(path) can't be read.",
                advice: "make one from a script: invoke-agent service init SCRIPT"
            )
        }
        bytes = Array(data)
        do { name = try DefinitionReader().read(try JSON(yaml: bytes)).name } catch let refusal as Refusal {
            let refusal = refusal.withLines(ofYAML: bytes)
            throw Failure(
                status: .refused,
                message: refusal.violations.isEmpty
                    ? "\(path): \(refusal.message)" : "\(path) is no definition of a service:",
                details: refusal.violations.map { Failure.text($0.pointer, $0.detail, line: $0.line) },
                advice: refusal.violations.isEmpty
                    ? nil : "mend what is named, then: invoke-agent service validate \(path)"
            )
        }
    }
}
