import Glibc
package import InvokeModel

/// One output as an attempt left it.
package enum ProducedOutput: Sendable, Hashable {
    case string(String)
    case json(JSON)
    /// The content of a new asset: a regular file of the attempt's folder, and its size in bytes.
    case file(path: String, size: Int)
}

/// Why an attempt's outputs can't be taken: `outputMismatch` or `outputTooLarge`, and a sentence for the job.
package struct OutputFault: Error, Hashable {
    package let code: ErrorCode
    package let message: String

    init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// Reads what a finished attempt left, as its operation declares it.
///
/// The program is taken to be hostile: only regular files with a single name are opened, never links, folders, pipes or
/// devices. Nothing of the attempt may be running any more.
package struct OutputCollector: Sendable {
    /// Bytes that all string and json outputs may have together.
    private let limit: Int
    private let jsonLimits: JSONLimits

    package init(limit: Int = 1 << 20, jsonLimits: JSONLimits = JSONLimits()) {
        self.limit = limit
        self.jsonLimits = jsonLimits
    }

    /// The outputs by name, every declared one.
    ///
    /// An output's own file wins over its member of `outputs.json`; the only string output of an operation may also be
    /// the standard output. Strings lose one final newline.
    /// - Throws: `outputMismatch` for an output that is missing, no regular file, not UTF-8 or not JSON;
    ///   `outputTooLarge` when the string and json outputs have more than the limit together.
    package func collect(
        _ declarations: [OutputDeclaration],
        from directory: JobDirectory
    ) throws(OutputFault) -> [String: ProducedOutput] {
        let folder = open(directory.outputs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw OutputFault(.outputMismatch, "The folder of the outputs is gone.") }
        defer { close(folder) }

        let bundle = try self.bundle(declarations, in: folder)
        var room = limit
        var outputs: [String: ProducedOutput] = [:]
        for declaration in declarations {
            let name = declaration.name
            if let file = try OutputFile(name, in: folder) {
                defer { file.close() }
                outputs[name] = try value(of: file, as: declaration, in: directory, &room)
            } else if declaration.type != .asset, let value = bundle?[name] {
                outputs[name] = try output(value, as: declaration, &room)
            } else if declaration.type == .string, declarations.count(where: { $0.type == .string }) == 1 {
                outputs[name] = .string(try standardOutput(directory, declaration, &room))
            } else {
                throw OutputFault(.outputMismatch, "The operation ended without its output '\(name)'.")
            }
        }
        return outputs
    }

    /// `outputs.json`, unless that is the name of an output itself.
    private func bundle(_ declarations: [OutputDeclaration], in folder: Int32) throws(OutputFault) -> JSON? {
        let name = "outputs.json"
        guard !declarations.contains(where: { $0.name == name }), let file = try OutputFile(name, in: folder) else {
            return nil
        }
        defer { file.close() }
        let bundle = try json(try file.bytes(limit: limit), name)
        guard case .object = bundle else { throw OutputFault(.outputMismatch, "outputs.json is no JSON object.") }
        return bundle
    }

    private func value(
        of file: OutputFile,
        as declaration: OutputDeclaration,
        in directory: JobDirectory,
        _ room: inout Int
    ) throws(OutputFault) -> ProducedOutput {
        switch declaration.type {
        case .asset:
            return .file(path: "\(directory.outputs)/\(declaration.name)", size: file.size)
        case .string:
            // One byte more than there is room for may be the newline that goes.
            let bytes = try file.bytes(limit: room + 1)
            return .string(try text(bytes, declaration.name, &room))
        case .json:
            let bytes = try file.bytes(limit: room)
            room -= bytes.count
            return .json(try json(bytes, declaration.name))
        }
    }

    private func output(
        _ value: JSON,
        as declaration: OutputDeclaration,
        _ room: inout Int
    ) throws(OutputFault) -> ProducedOutput {
        if declaration.type == .json {
            try take(value.bytes().count, from: &room)
            return .json(value)
        }
        guard let string = value.string else {
            let kind = value.kind
            throw OutputFault(.outputMismatch, "The output '\(declaration.name)' is a JSON \(kind), not a string.")
        }
        return .string(try text(Array(string.utf8), declaration.name, &room))
    }

    private func standardOutput(
        _ directory: JobDirectory,
        _ declaration: OutputDeclaration,
        _ room: inout Int
    ) throws(OutputFault) -> String {
        guard access(directory.stdoutDropped, F_OK) != 0 else { throw tooLarge }
        guard let bytes = readFile(directory.stdout, limit: limit + 2) ?? (errno == ENOENT ? [] : nil) else {
            throw OutputFault(.outputMismatch, "The output '\(declaration.name)' can't be read.")
        }
        return try text(bytes, declaration.name, &room)
    }

    private func text(_ bytes: [UInt8], _ name: String, _ room: inout Int) throws(OutputFault) -> String {
        let line = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        try take(line.count, from: &room)
        guard let text = String(validating: line, as: UTF8.self) else {
            throw OutputFault(.outputMismatch, "The output '\(name)' is not UTF-8.")
        }
        // Our own JSON reader refuses it, so no consumer could be given it.
        guard !line.contains(0) else { throw OutputFault(.outputMismatch, "The output '\(name)' holds a NUL.") }
        return text
    }

    private func json(_ bytes: [UInt8], _ name: String) throws(OutputFault) -> JSON {
        do throws(JSONFault) {
            return try JSON(parsing: bytes, limits: jsonLimits)
        } catch {
            switch error {
            case .malformed(let text, let offset):
                throw OutputFault(.outputMismatch, "The output '\(name)' is not JSON at byte \(offset): \(text).")
            case .tooComplex(let text):
                throw OutputFault(.outputMismatch, "The output '\(name)' has \(text).")
            }
        }
    }

    private func take(_ count: Int, from room: inout Int) throws(OutputFault) {
        guard count <= room else { throw tooLarge }
        room -= count
    }

    private var tooLarge: OutputFault {
        OutputFault(.outputTooLarge, "The string and json outputs have more than \(limit) bytes together.")
    }
}
