import Glibc
import InvokeModel

extension Launcher {
    /// bubblewrap's own arguments; the numbers are the descriptors that it finds open.
    func sandbox(report: Int, filter: Int, accounts: Int, groups: Int) -> [String] {
        Self.isolation + ["--seccomp", "\(filter)", "--json-status-fd", "\(report)"]
            + Self.system + scratch("/dev/shm") + ["--remount-ro", "/dev"]
            + ["--perms", "0444", "--file", "\(accounts)", "/etc/passwd"]
            + ["--perms", "0444", "--file", "\(groups)", "/etc/group"]
            + folders
            + view.environment.flatMap { ["--setenv", $0, $1] }
            + ["--remount-ro", "/", "--chdir", view.paths.home]
    }

    private static let isolation = [
        "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
        "--unshare-cgroup-try", "--disable-userns", "--new-session", "--die-with-parent", "--cap-drop", "ALL",
        "--uid", "1000", "--gid", "1000", "--hostname", "job", "--clearenv",
    ]

    /// Programs and libraries, read-only, and the few files of `/etc` that they need.
    private static let system: [String] = {
        var arguments = ["--ro-bind", "/usr", "/usr"]
        for folder in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
            var status = stat()
            guard lstat(folder, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFLNK {
                arguments += ["--symlink", "usr" + folder, folder]
            } else {
                arguments += ["--ro-bind", folder, folder]
            }
        }
        for file in ["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime"] {
            arguments += ["--ro-bind-try", "/etc/" + file, "/etc/" + file]
        }
        return arguments + ["--proc", "/proc", "--dev", "/dev"]
    }()

    private var folders: [String] {
        let directory = view.attempt.directory
        var arguments = scratch("/tmp") + scratch(view.paths.home)
        for name in view.attempt.program.files.keys.sorted() {
            arguments += ["--ro-bind", "\(directory.files)/\(name)", "\(view.paths.home)/\(name)"]
        }
        return arguments + [
            "--ro-bind", directory.inputs, view.paths.inputs,
            "--ro-bind", directory.inputsDocument, view.paths.inputsDocument,
            "--bind", directory.outputs, view.paths.outputs,
        ]
    }

    private func scratch(_ path: String) -> [String] { ["--size", String(limits.scratch), "--tmpfs", path] }
}
