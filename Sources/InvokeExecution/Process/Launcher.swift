import Glibc
import InvokeModel

/// The chain of programs that starts an attempt's program; each replaces the one before, so one process id is enough.
///
/// Shells occur with fixed scripts only: everything else reaches them as arguments.
struct Launcher {
    let sandbox: Sandbox
    let tools: ProcessTools
    let limits: ExecutionLimits
    let view: ProgramView
    let user: UnprivilegedUser?

    private var attempt: AttemptSpecification { view.attempt }
    private var directory: JobDirectory { attempt.directory }

    /// What the shell is started with.
    var shellArguments: [String] {
        switch sandbox {
        case .bubblewrap:
            // Swift's process library passes on only 0, 1 and 2, so the rest is opened here, before rights are given up.
            ["-c", #"exec "$@" 7>"$0/status" 8<"$0/arguments" 9<"$0/filter""#, directory.path]
                + drop + [tools.bubblewrap, "--args", "8", "--"] + limit + program
        case .none:
            ["-c", #"exec "$@""#, "sh"] + drop + limit
                + [tools.env, "-i", "-C", view.paths.home, "--"]
                + view.environment.map { "\($0)=\($1)" } + program
        }
    }

    /// bubblewrap's own arguments, in a file so that no other process of the machine sees the environment.
    var sandboxArguments: [String] {
        isolation + system + folders
            + view.environment.flatMap { ["--setenv", $0, $1] }
            + ["--remount-ro", "/", "--chdir", view.paths.home]
    }

    /// Gives up the agent's rights before anything else happens: `bwrap --uid` alone would leave root's file rights.
    private var drop: [String] {
        guard let user else { return [] }
        return [
            tools.setpriv, "--reuid=\(user.id)", "--regid=\(user.id)", "--clear-groups", "--no-new-privs",
            "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--",
        ]
    }

    /// What the kernel holds the program to. Inside a sandbox it counts processes per user namespace, which is per attempt.
    private var limit: [String] {
        let cpus = max(1, Int(attempt.run.resources.cpus.rounded(.up)))
        let seconds = (Int(attempt.timeout.components.seconds) + 1) * cpus
        var arguments = [
            tools.prlimit, "--as=\(attempt.run.resources.memory)", "--fsize=\(limits.fileSize)",
            // At the harder limit comes KILL, which tells nobody why.
            "--cpu=\(seconds):\(seconds + 5)",
            "--nofile=\(limits.openFiles)", "--core=0",
        ]
        switch (sandbox, user) {
        case (.bubblewrap, _): arguments.append("--nproc=\(limits.processes)")
        // All attempts of this user count together.
        case (.none, .some): arguments.append("--nproc=\(16 * limits.processes)")
        // The agent itself and all else that its user runs would count.
        case (.none, .none): break
        }
        return arguments + ["--"]
    }

    /// Opened inside the sandbox, where what lies there can't be opened for writing again.
    private var program: [String] {
        ["/bin/sh", "-c", #"exec "$@" <"$0""#, view.standardInput] + attempt.run.command
    }

    private var isolation: [String] {
        [
            "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
            "--unshare-cgroup-try", "--disable-userns", "--new-session", "--die-with-parent", "--cap-drop", "ALL",
            "--uid", "1000", "--gid", "1000", "--hostname", "job", "--clearenv",
            "--seccomp", "9", "--json-status-fd", "7",
        ]
    }

    /// Programs and libraries, read-only, and the few files of `/etc` that they need.
    private var system: [String] {
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
        for file in ["passwd", "group"] {
            arguments += ["--ro-bind", "\(directory.path)/\(file)", "/etc/" + file]
        }
        return arguments + ["--proc", "/proc", "--dev", "/dev"] + scratch("/dev/shm") + ["--remount-ro", "/dev"]
    }

    private var folders: [String] {
        var arguments = scratch("/tmp") + scratch(view.paths.home)
        for name in attempt.run.files.keys.sorted() {
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
