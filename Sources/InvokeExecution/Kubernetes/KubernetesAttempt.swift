import Glibc
import InvokeModel

/// One attempt as `KubernetesExecutor` follows it; only its executor touches it.
final class KubernetesAttempt {
    /// How far the cluster has been asked for it.
    enum Submission: Hashable {
        /// The cluster is being asked for the first time.
        case underway
        /// The Job has to be made; a second time changes nothing, because of its name.
        case due
        /// The Job is there and waits for its Secret.
        case secretDue(job: String)
        case made
    }

    let specification: AttemptSpecification
    let transfer: AttemptTransfer
    let voice: ProgramVoice
    private let settings: KubernetesSettings

    var submission = Submission.underway
    /// The pod that runs it, as the cluster last told of it; nil before there is one.
    private(set) var pod: PodState?
    /// Hears the program as long as it runs.
    var hearing: Task<Void, Never>?
    /// When the program has to have ended; from its start on that is its own time.
    private(set) var deadline: ContinuousClock.Instant
    /// Since when something holds up the pod that passes or does not.
    private var obstructedSince: ContinuousClock.Instant?
    /// When it was last looked at whether any node is large enough.
    var sized: ContinuousClock.Instant?
    /// Why the agent ends it, if it does.
    var verdict: Outcome?
    /// Whether the cluster has still to be told to end it.
    var isCancelDue = false
    /// Whether its outcome is being told.
    var isSettling = false
    private(set) var outcome: Outcome?
    private var waiting: [CheckedContinuation<Outcome, Never>] = []
    private var lastPlace: String?

    init(_ specification: AttemptSpecification, _ settings: KubernetesSettings) {
        self.specification = specification
        self.settings = settings
        transfer = AttemptTransfer(directory: specification.directory, limits: settings.limits)
        voice = ProgramVoice(specification, settings.limits)
        deadline = .now + specification.remaining
    }

    var image: String? { specification.program.image ?? settings.image }

    /// Writes what the pod fetches; an attempt that could not be submitted before is left as it is.
    /// - Throws: `SystemFault`.
    func prepare() throws {
        guard transfer.token == nil else { return }
        let view = ProgramView(attempt: specification, paths: .sandboxed)
        try AttemptFiles(view: view, user: nil).write()
        let program = ProgramScript(view: view, limits: settings.limits).text
        try writeFile(specification.directory.path + "/program.sh", program.utf8, mode: 0o600)
        try writeFile(specification.directory.path + "/run.sh", PodScripts(view: view).run.utf8, mode: 0o600)
        try transfer.open()
    }

    /// Removes what was kept of the output, before all of it is told again.
    func restart() {
        for path in [specification.directory.stdout, specification.directory.stdoutDropped] { unlink(path) }
    }

    /// Tells the listener where the attempt is, unless it has been told.
    func tell(_ text: String) {
        guard text != lastPlace else { return }
        lastPlace = text
        specification.listener.placed(text)
    }

    func take(_ pod: PodState, at now: ContinuousClock.Instant) {
        // A second pod, which a cluster may make for a first one that was removed, is refused the files.
        guard self.pod == nil || self.pod?.name == pod.name else { return }
        if pod.hasStarted, self.pod?.hasStarted != true, let timeout = specification.program.timeout {
            deadline = min(deadline, now + timeout)
        }
        self.pod = pod
        obstructedSince = pod.obstacle == nil ? nil : obstructedSince ?? now
        tell(pod.description)
    }

    /// Why the cluster will never run it, or not soon enough to wait for; nil as long as there is hope.
    func hopelessness(at now: ContinuousClock.Instant) -> Outcome? {
        guard let obstacle = pod?.obstacle, let since = obstructedSince else { return nil }
        let text = "The cluster can't run the image '\(image ?? "")': \(obstacle.reason): \(obstacle.message)"
        switch obstacle.reason {
        case "InvalidImageName", "ErrImageNeverPull": return .refused(text)
        default: return now - since > Self.patience ? .unavailable(text) : nil
        }
    }

    /// Tells the outcome to all who wait, once everything that the program said was told.
    func conclude(_ outcome: Outcome) {
        guard self.outcome == nil else { return }
        hearing?.cancel()
        let isKept = voice.finish(transfer)
        self.outcome = isKept ? outcome : .unavailable("The program's output could not be kept.")
        for continuation in waiting { continuation.resume(returning: self.outcome ?? outcome) }
        waiting = []
    }

    func wait(_ continuation: CheckedContinuation<Outcome, Never>) {
        if let outcome { continuation.resume(returning: outcome) } else { waiting.append(continuation) }
    }

    /// What it means that nothing of the pod runs any more.
    ///
    /// What came back tells; the cluster only why nothing did.
    func outcomeOfEnd() -> Outcome {
        if let verdict { return verdict }
        if let text = transfer.excess { return .exceeded(.fileTooLarge, text) }
        if let status = transfer.exitStatus {
            if status == 128 + 9, hasRunOutOfMemory { return ofMemory }
            return settings.limits.excess(in: specification.directory)
                ?? Outcome(status: Int32(truncatingIfNeeded: status) << 8, behindSandbox: true)
        }
        guard let pod else { return .lost }
        if pod.reason == "DeadlineExceeded" { return .timedOut }
        if pod.reason == "Evicted" {
            let isOfOutputs = pod.message.contains("\"\(KubernetesJob.outputs)\"")
            return isOfOutputs ? .exceeded(.fileTooLarge, "The cluster ended the program: \(pod.message)") : .lost
        }
        if case .terminated(let code, _, _) = pod[KubernetesJob.fetch], code != 0 {
            return .unavailable(Self.unfetched)
        }
        guard case .terminated(let code, let reason, let message) = pod[KubernetesJob.program] else { return .lost }
        switch reason {
        case "OOMKilled": return ofMemory
        case "StartError", "ContainerCannotRun":
            return .refused("The image '\(image ?? "")' can't run a shell script, as it has to: \(message)")
        default: return code == 0 ? .lost : Outcome(status: Int32(truncatingIfNeeded: code) << 8, behindSandbox: true)
        }
    }

    /// Told also when the kernel has ended the program alone, and not the script that runs it.
    private var hasRunOutOfMemory: Bool {
        if case .terminated(_, "OOMKilled", _) = pod?[KubernetesJob.program] { true } else { false }
    }

    private var ofMemory: Outcome {
        let memory = specification.program.resources.memory >> 20
        return .exceeded(
            .killedBySignal,
            "The program took more memory than its \(memory) MiB, and the cluster ended it."
        )
    }

    private static let unfetched = """
        The pod can't fetch the attempt's files: the agent is not reached at the address that its pods are told \
        (engines.kubernetes.agent_url), or the transfer image has no sh, curl and tar. Its log: kubectl logs -c fetch.
        """

    /// How long an image may be fetched again and again.
    private static let patience = Duration.seconds(60)
}
