import ArgumentParser
import Foundation
import Glibc
import Synchronization

/// `posix_spawn` and `waitpid` in a loop on some threads: how fast this machine starts and ends a program.
struct BareSpawns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spawn",
        abstract: "Starts a program again and again, and tells how many ended per second and how long one took."
    )

    @Option(help: "How long to go on.")
    var seconds: Double

    @Option(help: "How many at a time.")
    var threads: Int

    @Option(help: "A file that every program finds open for reading: descriptor=path. May be repeated.")
    var reading: [OpenedFile] = []

    @Option(help: "A file that every program finds open for writing: descriptor=path. May be repeated.")
    var writing: [OpenedFile] = []

    @Argument(help: "The program's full path and its arguments.")
    var command: [String]

    func run() throws {
        let program = Program(command: command, reading: reading, writing: writing)
        let times = Times()
        let clock = ContinuousClock()
        let start = clock.now
        let group = DispatchGroup()
        for _ in 0..<threads {
            group.enter()
            Thread {
                defer { group.leave() }
                var mine: [Duration] = []
                while clock.now - start < .seconds(seconds) {
                    let before = clock.now
                    guard program.succeeds() else { return times.fail() }
                    mine.append(clock.now - before)
                }
                times.add(mine)
            }.start()
        }
        group.wait()
        let sorted = try times.sorted(command)
        try printLine([
            "per_second": Double(sorted.count) / ((clock.now - start) / .seconds(1)),
            "p50_ms": sorted[sorted.count / 2] / .milliseconds(1),
        ])
    }
}

/// `descriptor=path`.
struct OpenedFile: ExpressibleByArgument, Sendable {
    let descriptor: Int32
    let path: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let descriptor = Int32(parts[0]) else { return nil }
        self.descriptor = descriptor
        path = String(parts[1])
    }
}

private struct Program: Sendable {
    let command: [String]
    let reading: [OpenedFile]
    let writing: [OpenedFile]

    /// Starts the program and waits for its end.
    func succeeds() -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        for file in reading { posix_spawn_file_actions_addopen(&actions, file.descriptor, file.path, O_RDONLY, 0) }
        for file in writing { posix_spawn_file_actions_addopen(&actions, file.descriptor, file.path, O_WRONLY, 0) }
        var arguments = command.map { strdup($0) } + [nil]
        var environment = [strdup("PATH=/usr/local/bin:/usr/bin:/bin"), nil]
        defer { for text in arguments + environment { free(text) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, command[0], &actions, nil, &arguments, &environment) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 { guard errno == EINTR else { return false } }
        return status == 0
    }
}

/// How long each program took, gathered from all threads.
private final class Times: Sendable {
    private let state = Mutex((times: [Duration](), hasFailed: false))

    func add(_ times: [Duration]) { state.withLock { $0.times += times } }

    func fail() { state.withLock { $0.hasFailed = true } }

    /// - Throws: `NotMeasured` when a program failed, or none ended.
    func sorted(_ command: [String]) throws -> [Duration] {
        let (times, hasFailed) = state.withLock { $0 }
        guard !hasFailed, !times.isEmpty else {
            throw NotMeasured("a run of \(command.joined(separator: " ")) failed")
        }
        return times.sorted()
    }
}
