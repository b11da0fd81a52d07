import InvokeModel

/// What is asked of the cluster for one attempt, or for several that are the tasks of one array job.
struct SlurmRequest: Sendable {
    let name: String
    let comment: String
    /// The script's text.
    var script = ""
    /// Where the text also lies as a file.
    let scriptPath: String
    /// The working directory of the script.
    let folder: String
    /// The path of what gets what Slurm itself says of the job, as Slurm writes patterns: `%a` is the number of the task.
    let log: String
    let demand: SlurmDemand
    /// How many tasks there are, from 0 on; nil for a job that is no array.
    let tasks: Int?

    /// A job of its own for an attempt; its script comes later.
    init(_ attempt: AttemptSpecification, _ place: SlurmPlace, settings: SlurmSettings) {
        name = settings.jobName(of: attempt.name)
        comment = "invoke-agent, job \(attempt.job), attempt \(attempt.number)"
        scriptPath = place.batchScript
        folder = place.workingFolder
        log = Self.literal(place.log)
        demand = SlurmDemand(attempt, place, settings)
        tasks = nil
    }

    /// An array job of attempts of equal demand; each task runs the batch script that its link leads to.
    init(array name: String, of attempts: [SlurmAttempt], demand: SlurmDemand, settings: SlurmSettings) {
        let links = "\(settings.folder)/\(name)"
        self.name = settings.prefix + name
        comment = "invoke-agent, \(attempts.count) attempts, by their tasks in \(links)"
        script = """
            #!/bin/sh
            # Attempts of jobs of invoke-agent, one a task.
            exec /bin/sh \(shellQuoted(links))/"$SLURM_ARRAY_TASK_ID"/batch.sh

            """
        scriptPath = attempts[0].place.arrayScript
        folder = settings.folder
        log = Self.literal(links) + "/%a/slurm.log"
        self.demand = demand
        tasks = attempts.count
    }

    /// A path in which nothing is a pattern.
    private static func literal(_ path: String) -> String {
        path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
    }
}

/// What an attempt takes of the cluster; those of equal demand can be tasks of one array job.
struct SlurmDemand: Sendable, Hashable, CustomStringConvertible {
    let cpus: Int
    /// MiB.
    let memory: Int
    let gpus: Int
    /// Whole minutes.
    let timeLimit: Int
    let options: SlurmOptions

    init(_ attempt: AttemptSpecification, _ place: SlurmPlace, _ settings: SlurmSettings) {
        let resources = attempt.program.resources
        cpus = max(1, Int(resources.cpus.rounded(.up)))
        memory = max(1, (resources.memory + (1 << 20) - 1) >> 20)
        gpus = resources.gpus
        timeLimit = max(1, Int(((attempt.timeout + place.transferTime) / .seconds(60)).rounded(.up)))
        let wanted = attempt.program.slurm
        options = SlurmOptions(
            partition: wanted.partition ?? settings.partition,
            account: wanted.account ?? settings.account,
            constraint: wanted.constraint ?? settings.constraint
        )
    }

    /// For those who read why it was refused: `2 CPUs, 512 MB, 1 GPUs and 5 minutes, partition main`.
    var description: String {
        var text = "\(cpus) CPUs, \(memory) MB, \(gpus) GPUs and \(timeLimit) minutes"
        if let partition = options.partition { text += ", partition \(partition)" }
        if let account = options.account { text += ", account \(account)" }
        if let constraint = options.constraint { text += ", constraint \(constraint)" }
        return text
    }
}
