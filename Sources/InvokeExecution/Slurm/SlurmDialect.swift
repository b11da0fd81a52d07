import InvokeModel
import OrderedCollections

/// One version of slurmrestd's bodies: `v0.0.38` of Slurm 22.05, or one of those from `v0.0.40` on, which are alike.
struct SlurmDialect: Sendable, Hashable {
    /// The last number of the version.
    let number: Int

    /// In the order in which they are tried: first what most clusters have.
    static let known = [42, 38, 43, 44, 45, 41, 40].map(SlurmDialect.init)

    /// The routes' folder.
    var root: String { "/slurm/v0.0.\(number)" }

    private var isOld: Bool { number < 40 }

    /// The body that submits a job.
    func submission(_ request: SlurmRequest) -> JSON {
        let demand = request.demand
        var job: OrderedDictionary<String, JSON> = [
            "name": .string(request.name),
            "comment": .string(request.comment),
            "current_working_directory": .string(request.folder),
            "standard_output": .string(request.log),
            "standard_error": .string(request.log),
            "tasks": 1,
            "cpus_per_task": amount(demand.cpus, bare: true),
            "memory_per_node": amount(demand.memory),
            "time_limit": amount(demand.timeLimit),
        ]
        // An empty environment is refused.
        job["environment"] = isOld ? ["PATH": .string(Self.path)] : [.string("PATH=\(Self.path)")]
        if demand.gpus > 0 {
            job[isOld ? "gres" : "tres_per_node"] = .string("\(isOld ? "gpu" : "gres/gpu"):\(demand.gpus)")
        }
        job["partition"] = demand.options.partition.map { .string($0) }
        job["account"] = demand.options.account.map { .string($0) }
        job["constraints"] = demand.options.constraint.map { .string($0) }
        job["array"] = request.tasks.map { .string("0-\($0 - 1)") }
        guard !isOld else { return ["script": .string(request.script), "job": .object(job)] }
        job["requeue"] = false
        job["script"] = .string(request.script)
        return ["job": .object(job)]
    }

    private static let path = "/usr/local/bin:/usr/bin:/bin"

    private func amount(_ number: Int, bare: Bool = false) -> JSON {
        isOld || bare ? .number(JSONNumber(number)) : ["set": true, "number": .number(JSONNumber(number))]
    }

    /// Reads the `jobs`; one without a number or a name is left out.
    ///
    /// The tasks of an array that have not started are told as one. The others have numbers of their own as well, but 22.05
    /// can't cancel them by those.
    func jobs(_ list: [JSON]) -> [SlurmJob] {
        var jobs: [SlurmJob] = []
        var together: [(SlurmJob, tasks: String)] = []
        for json in list {
            guard let job = job(json) else { continue }
            if job.id.task == nil, let tasks = json["array_task_string"]?.string, !tasks.isEmpty {
                together.append((job, tasks))
            } else {
                jobs.append(job)
            }
        }
        let told = Set(jobs.map(\.id))
        for (job, tasks) in together {
            var job = job
            for task in SlurmJobNumber.tasks(tasks, most: SlurmArrays.most) {
                job.id.task = task
                if !told.contains(job.id) { jobs.append(job) }
            }
        }
        return jobs
    }

    private func job(_ json: JSON) -> SlurmJob? {
        guard let id = json["job_id"]?.int, let name = json["name"]?.string else { return nil }
        let array = number(json["array_job_id"]) ?? 0
        let states = json["job_state"].map { state in state.array ?? [state] } ?? []
        return SlurmJob(
            id: array == 0 ? SlurmJobNumber(id) : SlurmJobNumber(array, task: number(json["array_task_id"])),
            name: name,
            states: Set(states.compactMap(\.string)),
            reason: json["state_reason"]?.string ?? "None",
            nodes: json["nodes"]?.string ?? ""
        )
    }

    /// Reads a number as every version writes it; nil where there is none.
    private func number(_ json: JSON?) -> Int? {
        json?.int ?? (json?["set"]?.bool == true ? json?["number"]?.int : nil)
    }

    /// Reads one of the `nodes`.
    func node(_ json: JSON) -> SlurmNode {
        let states = json["state"].map { state in state.array ?? [state] } ?? []
        return SlurmNode(
            isDown: states.contains { $0.string?.lowercased() == "down" },
            cpus: json["cpus"]?.int ?? 0,
            usedCPUs: json["alloc_cpus"]?.int ?? 0,
            memory: json["real_memory"]?.int ?? 0,
            usedMemory: json["alloc_memory"]?.int ?? 0,
            gres: json["gres"]?.string ?? "",
            usedGres: json["gres_used"]?.string ?? ""
        )
    }
}

/// What slurmrestd answered.
struct SlurmAnswer: Sendable {
    let status: Int
    let body: JSON
    /// The body as text, for what is not JSON.
    let text: String

    struct Complaint: Sendable, Hashable {
        let number: Int
        let text: String
    }

    /// What the answer complains of; the first counts.
    var complaints: [Complaint] {
        (body["errors"]?.array ?? []).map { error in
            let number = error["error_number"] ?? error["error_code"]
            let words = [error["error"], error["description"]].compactMap { $0?.string }.filter { !$0.isEmpty }
            return Complaint(number: number?.int ?? -1, text: words.joined(separator: ": "))
        }
    }

    /// Slurm's version; nil where the answer doesn't tell.
    var version: String? { (body["meta"]?["Slurm"] ?? body["meta"]?["slurm"])?["release"]?.string }

    /// Whether it says nothing but that nothing has changed since the time that the question named.
    var tellsNoChange: Bool {
        (body["warnings"]?.array ?? []).contains { $0["description"]?.string?.hasPrefix("No job changes") == true }
    }

    /// The controller's time as of which the answer is, in seconds; nil where it doesn't tell.
    var asOf: Int? { body["last_update"]?["number"]?.int }
}
