import Foundation
import InvokeModel
import InvokeTesting
import Synchronization

/// The built program, started as an operator starts it.
final class AgentProcess: Sendable {
    let url: String
    let pid: Int32
    private let process: Mutex<Process>
    private let errors: String

    static let password = "fault-test-password"

    /// Starts the agent on a data folder and waits for its ready line.
    static func start(data: String, options: [String] = [], environment: [String: String] = [:]) async throws
        -> AgentProcess
    {
        let (process, output, errors) = try launch(data: data, options: options, environment: environment)
        var line = ""
        try await eventually {
            line = try String(contentsOfFile: output, encoding: .utf8)
            return line.hasSuffix("\n") || !process.isRunning
        }
        if let url = (try? JSON(parsing: line))?["url"]?.string {
            return AgentProcess(url: url, process: process, errors: errors)
        }
        process.waitUntilExit()
        throw NotStarted(status: process.terminationStatus, errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// Starts an agent that is expected to refuse.
    /// - Returns: its exit status and what it said on standard error.
    static func refusal(
        data: String,
        options: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> NotStarted {
        do {
            let agent = try await start(data: data, options: options, environment: environment)
            agent.kill()
            throw Unexpected()
        } catch let refusal as NotStarted {
            return refusal
        }
    }

    struct NotStarted: Error {
        let status: Int32
        let errors: String
    }

    struct Unexpected: Error {}

    private init(url: String, process: Process, errors: String) {
        self.url = url
        pid = process.processIdentifier
        self.process = Mutex(process)
        self.errors = errors
    }

    deinit { kill() }

    /// Everything the agent has said on standard error.
    var log: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// SIGKILL, as a power cut or the kernel would do it; returns when the process is gone.
    func kill() {
        process.withLock { process in
            guard process.isRunning else { return }
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// SIGTERM.
    /// - Returns: the exit status.
    func terminate() async throws -> Int32 {
        process.withLock { $0.terminate() }
        try await eventually(within: .seconds(40)) { process.withLock { !$0.isRunning } }
        return process.withLock { $0.terminationStatus }
    }

    /// A line of `/proc/<pid>/status`, in KiB.
    func memory(_ field: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    private static func launch(
        data: String,
        options: [String],
        environment: [String: String]
    ) throws -> (process: Process, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("invoke-agent")
        process.arguments = ["serve", "--port", "0", "--data-dir", data, "--outbound-allow", "127.0.0.0/8"] + options
        process.environment = [
            "PATH": "/usr/bin:/bin", "INVOKE_AGENT_ADMIN_PASSWORD": password, "SWIFT_BACKTRACE": "enable=no",
        ]
        .merging(environment) { $1 }
        let scratch = NSTemporaryDirectory() + "invoke-agent-test-\(UUID().uuidString)"
        let (output, errors) = (scratch + ".stdout", scratch + ".stderr")
        for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        return (process, output, errors)
    }
}
