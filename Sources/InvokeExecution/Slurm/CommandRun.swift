import CSpawn
import Glibc

/// One run of a command of this machine: no shell is in between, nothing of the agent's environment is passed on.
struct CommandRun: Sendable {
    let path: String
    let arguments: [String]
    /// `NAME=value`.
    let environment: [String]
    /// When it is killed.
    let patience: Duration

    struct Ended: Sendable, Hashable {
        /// nil when it was killed.
        let code: Int?
        let output: String
        let errors: String
    }

    private static let longestOutput = 256 << 20

    /// Runs it to its end.
    /// - Throws: `StartFault` or `SystemFault` when it can't be started.
    func end(on threads: AttemptThreads) async throws -> Ended {
        try await withCheckedThrowingContinuation { continuation in
            do {
                // A child lives as long as the thread that started it.
                try threads.run { continuation.resume(with: Result { try run() }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private func run() throws -> Ended {
        let (child, ends) = try start()
        return follow(child, ends)
    }

    /// The writing ends are the child's alone afterwards, so that reading ends with it.
    /// - Returns: also what its output and its errors are read from.
    private func start() throws -> (ChildProcess, [Descriptor]) {
        let (output, errors) = (try Pipe(), try Pipe())
        let child = try ProgramStart(
            paths: [path],
            arguments: [path] + arguments,
            environment: environment,
            folder: "/",
            descriptors: [try Descriptor(reading: "/dev/null"), output.writing, errors.writing]
        ).start()
        return (child, [output.reading, errors.reading])
    }

    private func follow(_ child: ChildProcess, _ ends: [Descriptor]) -> Ended {
        let deadline = ContinuousClock.now + patience
        var texts: [[UInt8]] = [[], []]
        var open: Set = [0, 1]
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var isLate = false
        while !open.isEmpty {
            let left = ContinuousClock.now.duration(to: deadline)
            if left <= .zero, !isLate {
                isLate = true
                child.send(SIGKILL)
            }
            var entries = open.sorted().map { pollfd(fd: ends[$0].number, events: Int16(POLLIN), revents: 0) }
            let wait = isLate ? 1000 : max(1, Int32(clamping: left.components.seconds * 1000 + 999))
            let count = poll(&entries, nfds_t(entries.count), wait)
            if isLate, count == 0 { break }
            for (index, entry) in zip(open.sorted(), entries) where entry.revents != 0 {
                let count = read(ends[index].number, &chunk, chunk.count)
                if count > 0, texts[index].count < Self.longestOutput {
                    texts[index] += chunk[..<count]
                } else if count <= 0, errno != EINTR {
                    open.remove(index)
                }
            }
        }
        let status = child.collect()
        return Ended(
            code: isLate || status & 0x7F != 0 ? nil : Int(status >> 8 & 0xFF),
            output: String(decoding: texts[0], as: UTF8.self),
            errors: String(decoding: texts[1], as: UTF8.self)
        )
    }
}
