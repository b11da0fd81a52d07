import Glibc
import InvokeModel

/// Fills an attempt's folder with what its program and its launcher read, and gives the program its rights there.
struct AttemptFiles {
    let view: ProgramView
    let user: UnprivilegedUser?

    private var directory: JobDirectory { view.attempt.directory }

    /// - Throws: `SystemFault`, also when the attempt was prepared before: an attempt starts once.
    func write() throws {
        // A new file, opened again for writing only by the agent: a program can put no link in its place.
        try writeFile(directory.stdout, [], mode: 0o600)
        try writeFile(directory.inputsDocument, view.document.bytes(), mode: 0o444)
        if let input = view.onlyRequiredInput {
            switch input.value {
            case .string(let text): try writeFile(directory.input(input.name), text.utf8, mode: 0o444)
            case .json(let value): try writeFile(directory.input(input.name), value.bytes(), mode: 0o444)
            case .asset: break
            }
        }
        for (name, text) in view.attempt.run.files {
            guard Self.isComponent(name) else { throw SystemFault("write as a file of the operation", name, EINVAL) }
            try writeFile(directory.files + "/" + name, text.utf8, mode: 0o755)
        }
        try giveRights()
    }

    /// What a sandbox needs besides: its arguments, its filter, and accounts that name nobody of the machine.
    func write(sandboxArguments arguments: [String], filter: SystemCallFilter) throws {
        try writeFile(directory.path + "/arguments", arguments.flatMap { Array($0.utf8) + [0] }, mode: 0o600)
        try writeFile(directory.path + "/filter", filter.bytes, mode: 0o600)
        try writeFile(directory.path + "/passwd", Self.accounts.utf8, mode: 0o444)
        try writeFile(directory.path + "/group", Self.groups.utf8, mode: 0o444)
    }

    /// Whether a name is one step of a path.
    private static func isComponent(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
    }

    /// The program's user may pass through the folder and write to the outputs, and no more; others not even that.
    private func giveRights() throws {
        guard chmod(directory.inputs, 0o755) == 0, chmod(directory.files, 0o755) == 0 else {
            throw SystemFault("set the mode of", directory.path)
        }
        guard let stream = opendir(directory.inputs) else { throw SystemFault("read the folder", directory.inputs) }
        defer { closedir(stream) }
        for name in entries(of: stream) where fchmodat(dirfd(stream), name, 0o444, 0) != 0 {
            throw SystemFault("set the mode of an input in", directory.inputs)
        }
        guard let user else { return }
        guard chown(directory.outputs, user.id, user.id) == 0, chown(directory.path, 0, user.id) == 0,
            chmod(directory.path, 0o710) == 0
        else { throw SystemFault("give to its user", directory.path) }
        // Without a sandbox this is the working directory.
        if view.paths.home == directory.files, chown(directory.files, user.id, user.id) != 0 {
            throw SystemFault("give to its user", directory.files)
        }
    }

    private static let accounts = "job:x:1000:1000::/home/job:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
    private static let groups = "job:x:1000:\nnogroup:x:65534:\n"
}
