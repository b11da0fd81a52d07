import Glibc
import InvokeModel
import OrderedCollections

/// Starts an attempt's program: by bubblewrap, or without a sandbox directly. No shell and no helper is in between.
struct Launcher {
    let sandbox: Sandbox
    let tools: ProcessTools
    let limits: ExecutionLimits
    let view: ProgramView
    let user: UnprivilegedUser?

    private var attempt: AttemptSpecification { view.attempt }
    private var directory: JobDirectory { attempt.directory }

    /// - Throws: `StartFault` when the program's file can't be executed, or `SystemFault`.
    func start() throws -> StartedProgram {
        let (output, errors) = (try Pipe(), try Pipe())
        let standard = [try standardInput, output.writing, attempt.script == nil ? errors.writing : output.writing]
        switch sandbox {
        case .bubblewrap:
            let report = try Pipe()
            let child = try sandboxed(standard, report: report.writing).start()
            return StartedProgram(
                child: child,
                output: output.reading,
                errors: errors.reading,
                report: SandboxReport(report.reading)
            )
        case .none:
            let child = try direct(standard).start()
            return StartedProgram(child: child, output: output.reading, errors: errors.reading, report: nil)
        }
    }

    private func direct(_ descriptors: [Descriptor]) -> ProgramStart {
        let environment = view.environment
        let name = attempt.program.command.first ?? ""
        let folders = environment["PATH"]?.split(separator: ":") ?? []
        return ProgramStart(
            paths: name.contains("/") ? [name] : folders.map { "\($0)/\(name)" },
            arguments: attempt.program.command,
            environment: environment.map { "\($0)=\($1)" },
            folder: view.paths.home,
            descriptors: descriptors,
            limits: resourceLimits,
            user: user
        )
    }

    /// Its arguments reach it through memory, so that neither another user of the machine sees the environment nor the
    /// program where its folders lie; and rights are given up before it starts: `bwrap --uid` alone would leave root's
    /// file rights.
    private func sandboxed(_ standard: [Descriptor], report: Descriptor) throws -> ProgramStart {
        guard let filter = SystemCallFilter.current else {
            throw SystemFault("filter system calls on this machine for", directory.path, ENOSYS)
        }
        let arguments = sandbox(report: 3, filter: 4, accounts: 5, groups: 6)
        let descriptors = [
            report, try Descriptor(holding: filter.bytes), try Descriptor(holding: Self.accounts),
            try Descriptor(holding: Self.groups), try Descriptor(holding: arguments.flatMap { Array($0.utf8) + [0] }),
        ]
        return ProgramStart(
            paths: [tools.bubblewrap],
            arguments: ["bwrap", "--args", "7", "--"] + program,
            environment: ["PATH=/usr/bin:/bin"],
            descriptors: standard + descriptors,
            limits: resourceLimits,
            user: user
        )
    }

    /// Opened here, unless the program could then open it again for writing: see `insider`.
    private var standardInput: Descriptor {
        get throws {
            guard let input = view.onlyRequiredInput, insider.isEmpty else {
                return try Descriptor(reading: "/dev/null")
            }
            return try Descriptor(reading: directory.input(input.name))
        }
    }

    private var program: [String] { insider + attempt.program.command }

    /// What goes before the command inside the sandbox when the agent has no other user to run it as.
    ///
    /// The input's file then belongs to the program's user, so it is opened where it lies read-only; and processes can be
    /// counted for this attempt alone only where the sandbox has its own user namespace.
    private var insider: [String] {
        guard sandbox == .bubblewrap, user == nil else { return [] }
        return [
            "/bin/sh", "-c", #"ulimit -u "$1" 2>/dev/null || ulimit -p "$1"; shift; exec "$@" <"$0""#,
            view.standardInput, String(limits.processes),
        ]
    }

    /// What the kernel holds the program to.
    private var resourceLimits: [ResourceLimit] {
        let cpus = max(1, Int(attempt.program.resources.cpus.rounded(.up)))
        let seconds = (Int(attempt.timeout.components.seconds) + 1) * cpus
        let limits = [
            // At the harder limit comes KILL, which tells nobody why.
            ResourceLimit(RLIMIT_CPU, seconds, hard: seconds + 5),
            ResourceLimit(RLIMIT_AS, max(attempt.program.resources.memory, Self.leastMemory)),
            ResourceLimit(RLIMIT_FSIZE, limits.fileSize), ResourceLimit(RLIMIT_NOFILE, limits.openFiles),
            ResourceLimit(RLIMIT_CORE, 0),
        ]
        // Counted per user: without one of the attempt's own, the agent and all else that its user runs would count.
        return user == nil ? limits : limits + [ResourceLimit(processes: self.limits.processes)]
    }

    /// Bytes that bubblewrap itself needs, and nearly every program too.
    private static let leastMemory = 16 << 20

    /// Names of nobody on the machine.
    private static let accounts = Array("job:x:1000:1000::/home/job:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n".utf8)
    private static let groups = Array("job:x:1000:\nnogroup:x:65534:\n".utf8)
}

/// A program that runs, or that bubblewrap is about to run.
struct StartedProgram {
    /// The program itself, or bubblewrap.
    let child: ChildProcess
    let output: Descriptor
    let errors: Descriptor
    /// What the sandbox tells, when there is one.
    var report: SandboxReport?
}
