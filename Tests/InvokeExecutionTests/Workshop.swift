import Foundation
import Glibc
import InvokeExecution
import InvokeModel
import Synchronization
import Testing

/// A work root of its own, an executor, and short ways to run programs there.
final class Workshop: Sendable {
    let root: String
    let executor: any Executor
    /// What the executor runs its attempts on.
    private let engine: any EngineUnderTest
    /// Job ids are as unlike each other as real ones: without a sandbox, processes are found again by them.
    private static let numbers = Mutex<Int64>(.random(in: 0..<1_000_000_000) * 100_000_000)

    /// The executor is made for the root.
    init(
        root: String? = nil,
        engine: any EngineUnderTest = ProcessesUnderTest(sandbox: .bubblewrap),
        executor: (_ root: String) throws -> any Executor
    ) throws {
        self.root = try root ?? Workshop.temporaryFolder() + "/jobs"
        self.engine = engine
        self.executor = try executor(self.root)
    }

    convenience init(
        sandbox: Sandbox = .bubblewrap,
        limits: ExecutionLimits = ExecutionLimits(),
        killGrace: Duration = .seconds(5),
        root: String? = nil
    ) throws {
        try self.init(root: root) { _ in
            ProcessExecutor(sandbox: sandbox, availability: .available, limits: limits, killGrace: killGrace)
        }
    }

    /// What an executor under test runs on this machine, over the engine that all its tests share.
    convenience init(
        _ subject: ExecutorUnderTest,
        limits: ExecutionLimits = ExecutionLimits(),
        killGrace: Duration = .seconds(5)
    ) throws {
        let engine = try subject.engine()
        try self.init(engine: engine) { root in
            try engine.executor(AgentUnderTest(root: root, limits: limits, killGrace: killGrace))
        }
    }

    deinit {
        for directory in (try? JobDirectory.leftovers(under: root)) ?? [] { try? directory.remove() }
        // Executors may keep something of their own beside the attempts.
        try? FileManager.default.removeItem(atPath: root)
        if root.hasSuffix("/jobs") { rmdir(String(root.dropLast("/jobs".utf8.count))) }
    }

    /// A new folder that the users of programs may pass through, as the default place of the work root is.
    static func temporaryFolder() throws -> String {
        var template = Array("\(P_tmpdir)/invoke-execution-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
        try #require(made)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try #require(chmod(path, 0o711) == 0)
        return path
    }

    func attempt(
        _ command: [String],
        image: String? = nil,
        inputs: [ProgramInput] = [],
        files: [String: String] = [:],
        environment: [String: String] = [:],
        // Little enough for many at a time on a small machine.
        resources: Resources = Resources(cpus: 0.25),
        // Hundreds of others wait for the same engines.
        timeout: Duration = .seconds(240),
        programTimeout: Duration? = nil,
        script: ScriptRun? = nil,
        listener: any AttemptListener = Listener(),
        stage: (JobDirectory) throws -> Void = { _ in }
    ) throws -> AttemptSpecification {
        let number = Self.numbers.withLock { number in
            number += 1
            return number
        }
        let job = JobID(value: number)
        let directory = try JobDirectory.create(root: root, job: job, attempt: 1)
        try stage(directory)
        let program = Program(
            command: command,
            image: image,
            files: files,
            environment: environment,
            timeout: programTimeout,
            resources: resources
        )
        return AttemptSpecification(
            job: job,
            number: 1,
            operation: "did:dep:operation",
            program: program,
            inputs: inputs,
            script: script,
            directory: directory,
            remaining: timeout,
            listener: listener
        )
    }

    /// Lets a program go on that waits for the file `go` in the folder of its outputs.
    func letGo(_ attempt: AttemptSpecification) async throws {
        try put("", at: try await engine.outputs(of: attempt) + "/go")
    }

    func outcome(_ attempt: AttemptSpecification) async throws -> Outcome {
        try await executor.wait(for: executor.start(attempt))
    }

    /// Runs a shell script and gives its standard output; a script that fails is an issue with its log.
    func output(_ script: String, inputs: [ProgramInput] = [], environment: [String: String] = [:]) async throws
        -> String
    {
        try await output(["/bin/sh", "-c", script], inputs: inputs, environment: environment)
    }

    func output(
        _ command: [String],
        inputs: [ProgramInput] = [],
        environment: [String: String] = [:]
    ) async throws -> String {
        let listener = Listener()
        let attempt = try attempt(command, inputs: inputs, environment: environment, listener: listener)
        let outcome = try await outcome(attempt)
        #expect(outcome == .exited(code: 0), "\(listener.log)")
        return text(of: attempt.directory.stdout)
    }
}

/// Remembers what a program said, and lets tests wait for it.
final class Listener: AttemptListener {
    private let state = Mutex(State())
    private let said: AsyncStream<Void>
    private let saying: AsyncStream<Void>.Continuation

    private struct State {
        var bytes: [UInt8] = []
        var errors: [UInt8] = []
        var progress: [String] = []
        var places: [String] = []
    }

    init() { (said, saying) = AsyncStream<Void>.makeStream() }

    func logged(_ bytes: [UInt8], from stream: ProgramStream) {
        state.withLock { state in
            state.bytes += bytes
            if stream == .errors { state.errors += bytes }
        }
        saying.yield()
    }

    func progressed(percent: Int, text: String) {
        state.withLock { $0.progress.append("\(percent) \(text)") }
    }

    func placed(_ text: String) { state.withLock { $0.places.append(text) } }

    var log: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    /// What of the log was said on standard error.
    var errors: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }
    var progress: [String] { state.withLock { $0.progress } }
    /// Where the engine said the attempt was, in order.
    var places: [String] { state.withLock { $0.places } }

    /// Returns when the log holds a text; one test may wait at a time.
    func hears(_ text: String) async {
        if log.contains(text) { return }
        for await _ in said where log.contains(text) { return }
    }
}

func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}

func put(_ text: String, at path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
}

/// Whether any process of the machine has a word on its command line.
func someProcessSays(_ word: String) -> Bool {
    guard let stream = opendir("/proc") else { return false }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if Int(name) != nil, text(of: "/proc/\(name)/cmdline").contains(word) { return true }
    }
    return false
}

/// Starts a program that goes on beside the tests. Not by Foundation, which takes a process for running as long as any that
/// it has started.
func spawn(_ program: String, _ arguments: [String]) throws -> pid_t {
    var words = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    try #require(posix_spawn(&process, program, nil, nil, &words, environ) == 0)
    return process
}
