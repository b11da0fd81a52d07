import Glibc
import InvokeModel

/// The processes of one attempt, found again by what its handle says, also after a restart of the agent.
struct StartedProgram: Sendable, Hashable {
    let sandbox: Sandbox
    /// bubblewrap, or without a sandbox the program itself.
    let leader: ProcessIdentity
    let job: JobID
    let attempt: Int

    var handle: ExecutionHandle { ExecutionHandle("\(sandbox.rawValue)/\(leader)/\(job)-\(attempt)") }

    /// Whether anything of the attempt may still be running.
    var isAlive: Bool {
        switch sandbox {
        case .bubblewrap: leader.isAlive
        case .none: leader.isAlive || !descendants.isEmpty
        }
    }

    /// Sends the polite signal to the program.
    ///
    /// Not to bubblewrap, whose end would be the immediate end of everything.
    /// - Returns: false when the program has not come up yet.
    func askToEnd() -> Bool {
        switch sandbox {
        case .bubblewrap:
            let programs = children(of: children(of: [leader]))
            guard !programs.isEmpty else { return false }
            for program in programs { program.send(SIGTERM) }
        case .none:
            leader.send(SIGTERM, toGroup: true)
        }
        return true
    }

    /// Ends everything at once.
    func kill() {
        switch sandbox {
        case .bubblewrap:
            // With the first process of the namespace go all others before bubblewrap hears of it. Were bubblewrap itself
            // ended, they would go a moment later, and nobody might be there to collect the first one.
            let first = children(of: [leader])
            for process in first.isEmpty ? [leader] : first { process.send(SIGKILL) }
        case .none:
            // Again and again, because a process may fork while the others are being found.
            for _ in 0..<20 {
                let rest = descendants
                guard leader.isAlive || !rest.isEmpty else { return }
                leader.send(SIGKILL, toGroup: true)
                for process in rest { process.send(SIGKILL) }
            }
        }
    }

    private func children(of parents: [ProcessIdentity]) -> [ProcessIdentity] {
        let ids = parents.filter(\.isAlive).map(\.id)
        return ProcessStatus.all.filter { ids.contains($0.parent) && !$0.hasEnded }.compactMap(ProcessIdentity.init)
    }

    /// Without a sandbox: all that descend from the leader, share its session or carry the attempt's environment.
    private var descendants: [ProcessIdentity] {
        let all = ProcessStatus.all.filter { !$0.hasEnded && $0.id != leader.id }
        var found = Set(all.filter { carriesMark($0.id) }.map(\.id))
        if leader.isAlive {
            found.insert(leader.id)
            found.formUnion(all.filter { $0.session == leader.id }.map(\.id))
        }
        while true {
            let more = all.filter { found.contains($0.parent) && !found.contains($0.id) }
            guard !more.isEmpty else { break }
            found.formUnion(more.map(\.id))
        }
        return all.filter { found.contains($0.id) }.compactMap(ProcessIdentity.init)
    }

    private func carriesMark(_ id: pid_t) -> Bool {
        guard let environment = readFile("/proc/\(id)/environ", limit: 4 << 20), !environment.isEmpty else {
            return false
        }
        let variables = environment.split(separator: 0)
        return variables.contains(Array("INVOKE_JOB_ID=\(job)".utf8)[...])
            && variables.contains(Array("INVOKE_ATTEMPT=\(attempt)".utf8)[...])
    }
}

extension StartedProgram {
    /// - Returns: nil for a handle that is not ours.
    init?(_ handle: ExecutionHandle) {
        let parts = handle.description.split(separator: "/")
        guard parts.count == 3, let sandbox = Sandbox(rawValue: String(parts[0])),
            let leader = ProcessIdentity(parts[1])
        else { return nil }
        let names = parts[2].split(separator: "-")
        guard names.count == 2, let job = JobID(names[0]), let attempt = Int(names[1]) else { return nil }
        self.init(sandbox: sandbox, leader: leader, job: job, attempt: attempt)
    }

    /// The polite signal, and the final one when the grace is over or the task is cancelled.
    func end(grace: Duration, clock: any Clock<Duration>) async {
        var asked = false
        let first = sandbox == .bubblewrap ? children(of: [leader]) : []
        await wait(atMost: grace, clock) {
            if !asked { asked = askToEnd() }
            return isAlive
        }
        kill()
        await wait(atMost: .seconds(1), clock) { isAlive || first.contains(where: \.isAlive) }
        leader.send(SIGKILL)
    }

    private func wait(atMost limit: Duration, _ clock: any Clock<Duration>, while condition: () -> Bool) async {
        let pause = Duration.milliseconds(20)
        var waited = Duration.zero
        while condition(), waited < limit {
            do { try await clock.sleep(for: pause) } catch { return }
            waited += pause
        }
    }
}
