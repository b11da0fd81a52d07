import Glibc
import InvokeModel

/// One attempt as `SlurmExecutor` follows it; only its executor touches it.
final class SlurmAttempt {
    /// How much is known of the job in the cluster.
    enum Submission: Hashable {
        /// The controller is being asked to take it.
        case underway
        /// The controller has not answered: the job is looked for before it is submitted again.
        case unanswered
        /// There is a job, or there was.
        case made
    }

    let specification: AttemptSpecification
    let place: SlurmPlace
    private(set) var request: SlurmRequest
    private let script: SlurmScript
    private let limits: ExecutionLimits

    var submission = Submission.underway
    /// Since when the submission is as it is: what was asked for before tells nothing of it.
    var since = ContinuousClock.now
    /// The job, or the one of several that still runs, as the controller last told of it.
    var job: SlurmJob?
    /// Since when the controller says that nothing of it runs.
    private(set) var goneSince: ContinuousClock.Instant?
    private var hopelessSince: ContinuousClock.Instant?
    /// When the program has to have ended; from its start on that is its own time.
    private(set) var deadline: ContinuousClock.Instant
    private(set) var hasStarted = false
    /// When it was last looked at what the outputs take.
    private var measured: ContinuousClock.Instant?
    /// Why the agent ends it, if it does.
    var verdict: Outcome?
    /// Whether the controller has still to be told to end it.
    var isCancelDue = false
    private(set) var outcome: Outcome?
    private var waiting: [CheckedContinuation<Outcome, Never>] = []

    private var files: [FollowedFile]
    private var lastPlace: String?

    init(_ specification: AttemptSpecification, _ settings: SlurmSettings) {
        self.specification = specification
        limits = settings.limits
        place = SlurmPlace(specification.directory, settings)
        let view = ProgramView(attempt: specification, paths: ProgramPaths(below: place.nodePath))
        script = SlurmScript(view: view, place: place, settings: settings)
        request = SlurmRequest(specification, place, settings: settings)
        deadline = .now + specification.remaining
        files = [
            FollowedFile(place.output, into: OutputDrain(.output, of: specification, settings.limits)),
            FollowedFile(place.errors, into: OutputDrain(.errors, of: specification, settings.limits)),
        ]
    }

    /// Writes what the job reads; what was written for an attempt that could not be submitted before is left as it is.
    /// - Throws: `SystemFault`.
    func prepare(agentURL: String?) throws {
        if !place.isPrepared {
            try AttemptFiles(view: script.view, user: nil).write()
            // The last one: by it an attempt is known to be complete, unless it is opened.
            try writeFile(place.programScript, ProgramScript(view: script.view, limits: limits).text.utf8, mode: 0o600)
            try place.transfer?.open()
        }
        request.script = agentURL.map(script.batch(agentURL:)) ?? script.batch
        unlink(place.batchScript)
        try writeFile(place.batchScript, request.script.utf8, mode: 0o600)
    }

    /// Tells the listener where the attempt is, unless it has been told.
    func tell(_ text: String) {
        guard text != lastPlace else { return }
        lastPlace = text
        specification.listener.placed(text)
    }

    /// Takes what the controller says of the attempt's jobs; more than one are there after a lost answer.
    func take(_ jobs: [SlurmJob], at now: ContinuousClock.Instant) {
        let last = jobs.max { $0.id.job < $1.id.job }
        job = jobs.first { !$0.hasEnded } ?? last ?? job
        let isThere = jobs.contains { !$0.hasEnded }
        goneSince = isThere ? nil : goneSince ?? now
        hopelessSince = isThere && job?.isHopeless == true ? hopelessSince ?? now : nil
        if let job, !jobs.isEmpty { tell(job.description) }
    }

    /// Whether the cluster has long said that it will not start the job.
    func isHopeless(at now: ContinuousClock.Instant) -> Bool { hopelessSince.map { now - $0 > .seconds(1) } ?? false }

    /// Whether the controller has long said that nothing of it runs.
    func isGone(for time: Duration, at now: ContinuousClock.Instant) -> Bool {
        goneSince.map { now - $0 >= time } ?? false
    }

    /// From its start on, a program's own time counts.
    func noteStart(at now: ContinuousClock.Instant) {
        guard !hasStarted, place.hasStarted else { return }
        hasStarted = true
        if let timeout = specification.program.timeout { deadline = min(deadline, now + timeout) }
    }

    /// Why the attempt has to end now, looked at from time to time.
    func excess(at now: ContinuousClock.Instant) -> Outcome? {
        guard hasStarted, measured.map({ now - $0 > .seconds(2) }) ?? true else { return nil }
        measured = now
        return excess
    }

    /// Why there are too many outputs; nil when there are not.
    private var excess: Outcome? {
        if let text = place.transfer?.excess { return .exceeded(.fileTooLarge, text) }
        return limits.excess(in: specification.directory)
    }

    /// Passes on what the program has said since the last time.
    func follow() {
        for index in files.indices { files[index].read() }
    }

    /// Removes what was kept of the output, before all of it is told again.
    func restart() {
        unlink(specification.directory.stdout)
        unlink(specification.directory.stdoutDropped)
        submission = .made
    }

    /// Tells the outcome to all who wait, once everything that the program said was told.
    func conclude(_ outcome: Outcome) {
        guard self.outcome == nil else { return }
        for index in files.indices { files[index].finish() }
        let isLost = files.contains(where: \.isLost)
        self.outcome = isLost ? .unavailable("The program's output could not be kept.") : outcome
        for continuation in waiting { continuation.resume(returning: self.outcome ?? outcome) }
        waiting = []
    }

    func wait(_ continuation: CheckedContinuation<Outcome, Never>) {
        if let outcome { continuation.resume(returning: outcome) } else { waiting.append(continuation) }
    }

    /// What the program's exit status means.
    func outcome(ofStatus status: Int) -> Outcome {
        if let verdict { return verdict }
        if status == 128 + 9, isOfMemory { return ofMemory }
        // A shell tells of a signal as bubblewrap does.
        return excess ?? Outcome(status: Int32(truncatingIfNeeded: status) << 8, behindSandbox: true)
    }

    /// What it means that the job has ended and nobody wrote an exit status.
    var outcomeWithoutStatus: Outcome {
        if let verdict { return verdict }
        if isOfMemory { return ofMemory }
        if let excess { return excess }
        guard let job else { return .lost }
        if isKilled(job) {
            let text =
                "The cluster killed the job (\(job.reason)), most likely because the program took more memory than its"
            return .exceeded(.killedBySignal, "\(text) \(request.demand.memory) MB.")
        }
        // All else is the cluster's doing, and better next time: a node that failed, a job that had to make room.
        return job.states.isDisjoint(with: ["TIMEOUT", "DEADLINE"]) ? .lost : .timedOut
    }

    /// What it means that the job has ended and the program was never started.
    var outcomeWithoutStart: Outcome {
        guard verdict == nil, place.transfer != nil, job?.states.contains("FAILED") == true else {
            return outcomeWithoutStatus
        }
        return .unavailable(Self.unfetched)
    }

    private static let unfetched = """
        A node can't fetch the attempt's files: the agent is not reached at the address that nodes are told \
        (engines.slurm.agent_url), the node has no curl and tar, or no folder can be made below engines.slurm.node_folder.
        """

    /// Whether nobody was left on the node to say how the program ended, while the node itself is well: where clusters look
    /// after memory without the kernel's help, they end the batch script too, and say why on the node alone.
    private func isKilled(_ job: SlurmJob) -> Bool {
        place.transfer != nil && place.hasStarted && job.states == ["FAILED"]
            && (job.reason == "JobLaunchFailure" || job.reason.hasPrefix("RaisedSignal"))
    }

    private var isOfMemory: Bool { job?.states.contains("OUT_OF_MEMORY") == true || place.tellsOfMemory }

    private var ofMemory: Outcome {
        .exceeded(
            .killedBySignal,
            "The program took more memory than its \(request.demand.memory) MB, and the cluster ended it."
        )
    }
}
