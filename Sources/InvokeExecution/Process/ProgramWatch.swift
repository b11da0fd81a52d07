import Glibc
import InvokeModel

/// Follows a started program: reads what it says, and ends it when it has to be ended. Blocks its thread.
final class ProgramWatch {
    private var program: StartedProgram
    private let specification: AttemptSpecification
    private let limits: ExecutionLimits
    private let grace: Duration
    private let alarm: Descriptor

    private var streams: [Stream]
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var stage = Stage.running
    /// Why the agent ended the program, if it did.
    private var verdict: Outcome?
    private var hasLeaderEnded = false
    private var hasSandboxEnded = false
    private let deadline: ContinuousClock.Instant
    private var nextLook: ContinuousClock.Instant

    private struct Stream {
        let descriptor: Descriptor
        var drain: OutputDrain
        var isOpen = true
    }

    private enum Stage {
        case running
        /// The polite signal is sent as soon as there is a program to get it.
        case asked(heard: Bool, until: ContinuousClock.Instant)
        case killed(until: ContinuousClock.Instant)
    }

    private enum Source {
        case alarm, leader, sandbox, report
        case stream(Int)
    }

    init(
        _ program: StartedProgram,
        of specification: AttemptSpecification,
        limits: ExecutionLimits,
        grace: Duration,
        alarm: Descriptor
    ) {
        self.program = program
        self.specification = specification
        self.limits = limits
        self.grace = grace
        self.alarm = alarm
        streams = [
            Stream(descriptor: program.output, drain: OutputDrain(.output, of: specification, limits)),
            Stream(descriptor: program.errors, drain: OutputDrain(.errors, of: specification, limits)),
        ]
        for descriptor in streams.map(\.descriptor) + (program.report.map { [$0.descriptor] } ?? []) {
            _ = fcntl(descriptor.number, F_SETFL, O_NONBLOCK)
        }
        let now = ContinuousClock.now
        deadline = now + specification.timeout
        nextLook = now + Self.lookInterval
    }

    private static let lookInterval = Duration.milliseconds(500)

    /// Returns when nothing of the attempt is running any more.
    func follow() -> Outcome {
        while !isOver {
            wait()
            judge()
        }
        if program.report == nil, Orphans.collect() {
            AttemptProcesses(attempts: [specification.name], session: program.child.id).kill()
            _ = Orphans.collect()
        }
        for index in streams.indices {
            // What is still in the pipe; a process that was not to be found may have it open for ever.
            for _ in 0..<64 where streams[index].isOpen { read(index) }
            streams[index].drain.finish()
        }
        while readReport() {}
        return outcome(status: program.child.collect())
    }

    /// bubblewrap ends a moment before its sandbox does, and until then the outputs might still change.
    private var isOver: Bool { hasLeaderEnded && (hasSandboxEnded || program.report?.watch == nil) }

    private func outcome(status: Int32) -> Outcome {
        if let verdict { return verdict }
        guard !streams.contains(where: \.drain.isLost) else {
            return .unavailable("The program's output could not be kept.")
        }
        let outcome = Outcome(status: status, behindSandbox: program.report != nil)
        if let report = program.report, !report.cameUp, status & 0x7F == 0 { return neverRan }
        return limits.excess(in: specification.directory) ?? outcome
    }

    /// Tells a program that could not be executed from a sandbox that could not be set up.
    private var neverRan: Outcome {
        let errors = streams[specification.script == nil ? 1 : 0]
        let lines = String(decoding: errors.drain.tail, as: UTF8.self).split(separator: "\n")
        if let last = lines.last, last.hasPrefix("bwrap: execvp ") {
            return .exited(code: last.hasSuffix("No such file or directory") ? 127 : 126)
        }
        let reason = lines.last ?? "no reason was given"
        return .unavailable("The sandbox could not be set up: \(reason)")
    }
}

extension ProgramWatch {
    private func wait() {
        var sources: [Source] = []
        var entries: [pollfd] = []
        func add(_ source: Source, _ descriptor: Descriptor) {
            sources.append(source)
            entries.append(pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0))
        }
        if case .running = stage { add(.alarm, alarm) }
        if !hasLeaderEnded { add(.leader, program.child.watch) }
        if let watch = program.report?.watch, !hasSandboxEnded { add(.sandbox, watch) }
        if let report = program.report, report.first == nil, !hasLeaderEnded { add(.report, report.descriptor) }
        for (index, stream) in streams.enumerated() where stream.isOpen { add(.stream(index), stream.descriptor) }

        let count = poll(&entries, nfds_t(entries.count), milliseconds)
        guard count > 0 else { return }
        for (source, entry) in zip(sources, entries) where entry.revents != 0 {
            switch source {
            case .alarm: verdict = verdict ?? .stopped
            case .leader: leaderEnded()
            case .sandbox: hasSandboxEnded = true
            case .report: _ = readReport()
            case .stream(let index): read(index)
            }
        }
    }

    private func leaderEnded() {
        hasLeaderEnded = true
        // A sandbox that never got to tell its first process may have told it with its last breath.
        if program.report?.first == nil { _ = readReport() }
        if program.report != nil, !hasSandboxEnded { stage = .killed(until: .now + .seconds(5)) }
    }

    /// - Returns: whether more may be told.
    private func readReport() -> Bool {
        let leader = program.child.id
        return program.report?.read(bubblewrap: leader) ?? false
    }

    private func read(_ index: Int) {
        buffer.withUnsafeMutableBytes { buffer in
            let count = Glibc.read(streams[index].descriptor.number, buffer.baseAddress, buffer.count)
            if count > 0 {
                streams[index].drain.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if count == 0 || errno != EAGAIN && errno != EINTR {
                streams[index].isOpen = false
            }
        }
    }

    /// How long may be waited for news before the clock has to be looked at.
    private var milliseconds: Int32 {
        let next: ContinuousClock.Instant
        switch stage {
        case .running: next = min(deadline, nextLook)
        case .asked(heard: false, until: _): return 10
        case .asked(heard: true, let until), .killed(let until): next = until
        }
        let left = max(.zero, next - .now).components
        return Int32(clamping: left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000 + 1)
    }

    private func judge() {
        let now = ContinuousClock.now
        switch stage {
        case .running:
            if now >= deadline { verdict = verdict ?? .timedOut }
            if now >= nextLook {
                nextLook = now + Self.lookInterval
                verdict = verdict ?? limits.excess(in: specification.directory)
            }
            guard verdict != nil, !hasLeaderEnded else { return }
            stage = .asked(heard: askToEnd(), until: now + grace)
        case .asked(let heard, let until):
            if now >= until {
                kill()
                stage = .killed(until: now + .seconds(1))
            } else if !heard {
                stage = .asked(heard: askToEnd(), until: until)
            }
        case .killed(let until):
            guard now >= until else { return }
            // The kernel can't end them now; nothing more can be done, and somebody waits for the outcome.
            if hasLeaderEnded { hasSandboxEnded = true }
            kill()
            program.child.send(SIGKILL)
            stage = .killed(until: now + .seconds(1))
        }
    }

    /// Sends the polite signal to the program.
    ///
    /// Not to bubblewrap, whose end would be the immediate end of everything.
    /// - Returns: false when the program has not come up yet.
    private func askToEnd() -> Bool {
        guard let report = program.report else {
            Glibc.kill(-program.child.id, SIGTERM)
            return true
        }
        guard let first = report.first else { return false }
        let programs = ProcessStatus.others.filter { $0.parent == first }.map(ProcessIdentity.init)
        for program in programs { program.send(SIGTERM) }
        return !programs.isEmpty
    }

    /// Ends everything at once.
    private func kill() {
        guard let report = program.report else {
            Glibc.kill(-program.child.id, SIGKILL)
            return AttemptProcesses(attempts: [specification.name], session: program.child.id).kill()
        }
        // With the first process of the sandbox go all others before bubblewrap hears of it. Were bubblewrap itself ended,
        // they would go a moment later, and nobody might be there to collect the first one.
        if let first = report.watch {
            ChildProcess(id: report.first ?? 0, watch: first).send(SIGKILL)
        } else {
            program.child.send(SIGKILL)
        }
    }
}
