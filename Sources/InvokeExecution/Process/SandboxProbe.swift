import Glibc
import InvokeModel

/// Finds out at start whether programs can be run as the sandbox promises it, by running one.
package struct SandboxProbe: Sendable {
    private let root: String
    private let sandbox: Sandbox
    private let tools: ProcessTools

    /// The root is the folder in which attempts get theirs.
    package init(root: String, sandbox: Sandbox = .bubblewrap, tools: ProcessTools = ProcessTools()) {
        self.root = root
        self.sandbox = sandbox
        self.tools = tools
    }

    /// Runs a trivial program through the real launcher.
    package func availability() async -> SandboxAvailability {
        if let missing { return .unavailable(missing) }
        let outcome: Outcome
        do {
            outcome = try await trial()
        } catch {
            return .unavailable("No attempt can get a folder under '\(root)': \(error).")
        }
        if outcome == .exited(code: 0) { return .available }
        let text = if case .unavailable(let text) = outcome { text } else { "A trial program ended as \(outcome)." }
        return .unavailable(text + (forbidden.map { " " + $0 } ?? ""))
    }

    private func trial() async throws -> Outcome {
        let job = JobID(value: .random(in: 1...999_999_999_999_999_999))
        let directory = try JobDirectory.create(root: root, job: job, attempt: 1)
        let program = Program(command: ["/bin/sh", "-c", "exit 0"])
        let attempt = AttemptSpecification(
            job: job,
            number: 1,
            operation: "",
            program: program,
            directory: directory,
            remaining: .seconds(30),
            listener: Silence()
        )
        let executor = ProcessExecutor(
            sandbox: sandbox,
            availability: .available,
            killGrace: .zero,
            tools: tools
        )
        let outcome = await executor.wait(for: executor.start(attempt))
        try directory.remove()
        return outcome
    }

    /// Which program is not installed, and what brings it.
    private var missing: String? {
        guard sandbox == .bubblewrap, access(tools.bubblewrap, X_OK) != 0 else { return nil }
        return "The program '\(tools.bubblewrap)' is not installed; install the package 'bubblewrap'."
    }

    /// What the system's settings forbid, and how to allow it.
    private var forbidden: String? {
        guard sandbox == .bubblewrap else { return nil }
        if setting("/proc/sys/kernel/unprivileged_userns_clone") == "0" {
            return "User namespaces are forbidden: set the sysctl kernel.unprivileged_userns_clone to 1."
        }
        if setting("/proc/sys/user/max_user_namespaces") == "0" {
            return "User namespaces are forbidden: raise the sysctl user.max_user_namespaces."
        }
        if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" {
            return
                "AppArmor restricts user namespaces: give bubblewrap a profile that allows userns, or set the sysctl "
                + "kernel.apparmor_restrict_unprivileged_userns to 0."
        }
        return nil
    }

    private func setting(_ path: String) -> String? {
        readFile(path).map { String(decoding: $0.prefix { $0 > 0x20 }, as: UTF8.self) }
    }

    private struct Silence: AttemptListener {
        func logged(_ bytes: [UInt8], from stream: ProgramStream) {}
        func progressed(percent: Int, text: String) {}
        func placed(_ text: String) {}
    }
}
