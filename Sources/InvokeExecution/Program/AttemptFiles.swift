import Glibc
import InvokeModel

/// Fills an attempt's folder with what its program reads, and gives the program its rights there.
struct AttemptFiles {
    let view: ProgramView
    let user: UnprivilegedUser?

    private var directory: JobDirectory { view.attempt.directory }

    /// - Throws: `SystemFault`, also when the attempt was prepared before: an attempt starts once.
    func write() throws {
        try writeFile(directory.inputsDocument, view.document.bytes(), mode: 0o444)
        if let input = view.onlyRequiredInput {
            switch input.value {
            case .string(let text): try writeFile(directory.input(input.name), text.utf8, mode: 0o444)
            case .json(let value): try writeFile(directory.input(input.name), value.bytes(), mode: 0o444)
            case .asset: break
            }
        }
        if isHome || !view.attempt.program.files.isEmpty { try writeFiles() }
        try giveRights()
    }

    /// Without a sandbox the files' folder is the working directory.
    private var isHome: Bool { view.paths.home == directory.files }

    private func writeFiles() throws {
        guard mkdir(directory.files, 0o755) == 0, chmod(directory.files, 0o755) == 0 else {
            throw SystemFault("make the folder", directory.files)
        }
        for (name, text) in view.attempt.program.files {
            guard Self.isComponent(name) else { throw SystemFault("write as a file of the operation", name, EINVAL) }
            try writeFile(directory.files + "/" + name, text.utf8, mode: 0o755)
        }
        if let user, isHome, chown(directory.files, user.id, user.id) != 0 {
            throw SystemFault("give to its user", directory.files)
        }
    }

    /// Whether a name is one step of a path.
    private static func isComponent(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
    }

    /// The program's user may pass through the folder and write to the outputs, and no more; others not even that.
    private func giveRights() throws {
        guard chmod(directory.inputs, 0o755) == 0 else { throw SystemFault("set the mode of", directory.inputs) }
        for input in view.attempt.inputs {
            guard case .asset = input.value else { continue }
            let path = directory.input(input.name)
            guard fchmodat(AT_FDCWD, path, 0o444, 0) == 0 else { throw SystemFault("set the mode of", path) }
        }
        if let file = view.attempt.script?.file, fchmodat(AT_FDCWD, directory.input(file), 0o444, 0) != 0 {
            throw SystemFault("set the mode of", directory.input(file))
        }
        guard let user else { return }
        guard chown(directory.outputs, user.id, user.id) == 0, chown(directory.path, 0, user.id) == 0,
            chmod(directory.path, 0o710) == 0
        else { throw SystemFault("give to its user", directory.path) }
    }
}
