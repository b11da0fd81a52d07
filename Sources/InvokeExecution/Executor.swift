package import InvokeModel

/// Something that runs attempts: local processes, and later containers and clusters.
package protocol Executor: Sendable {
    /// Starts an attempt; for the same job and attempt number the second call finds what the first one started.
    func start(_ attempt: AttemptSpecification) async throws -> ExecutionHandle

    /// Waits for the end of what `start` began; also by a fresh instance, after a restart.
    func wait(for handle: ExecutionHandle) async throws -> Outcome

    /// Ends everything the attempt started: a polite signal, then after the kill grace a final one. Twice is fine.
    func stop(_ handle: ExecutionHandle) async throws
}

/// An executor that recognises by itself what an earlier run of the agent has left running.
///
/// The handles of every other executor are stored before it is waited for, and given to its `stop` at the next start.
package protocol LeftoverEnding: Executor {
    /// Ends all that is still running of attempts that an earlier run of the agent started, politely at first.
    func endLeftovers(of attempts: Set<AttemptName>) async
}

/// What names a started attempt, also after a restart of the agent.
package struct ExecutionHandle: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Everything an executor needs to know of an attempt.
package struct AttemptSpecification: Sendable {
    package let job: JobID
    /// Counts from 1.
    package let number: Int
    /// The DID of the operation, as the program is told it.
    package let operation: String
    package let program: Program
    package let inputs: [ProgramInput]
    /// What else the program is told, by the name of the variable.
    package let variables: [String: String]
    /// What makes the program a script of OSCAR; nil for every other.
    package let script: ScriptRun?
    package let directory: JobDirectory
    /// The longest the attempt may take.
    package let timeout: Duration
    package let listener: any AttemptListener

    package init(
        job: JobID,
        number: Int,
        operation: String,
        program: Program,
        inputs: [ProgramInput] = [],
        variables: [String: String] = [:],
        script: ScriptRun? = nil,
        directory: JobDirectory,
        timeout: Duration,
        listener: any AttemptListener
    ) {
        self.job = job
        self.number = number
        self.operation = operation
        self.program = program
        self.inputs = inputs
        self.variables = variables
        self.script = script
        self.directory = directory
        self.timeout = timeout
        self.listener = listener
    }
}

/// How a script is run that OSCAR's supervisor would run: standard error goes where standard output goes.
package struct ScriptRun: Sendable {
    /// The file among the inputs that the script is to read; nil for none.
    package let file: String?
    /// Whether the file is also the only place where the event is told that started the job.
    package let isEvent: Bool

    package init(file: String?, isEvent: Bool) {
        self.file = file
        self.isEvent = isEvent
    }
}

/// One input as the program gets it.
package struct ProgramInput: Sendable {
    package enum Value: Sendable {
        case string(String)
        case json(JSON)
        /// The content is staged as `directory.input(name)` before the attempt starts.
        case asset(did: String, contentType: String?, size: Int)
    }

    package let name: String
    package let required: Bool
    package let value: Value

    package init(name: String, required: Bool, value: Value) {
        self.name = name
        self.required = required
        self.value = value
    }
}

/// Where a program says something.
package enum ProgramStream: Sendable {
    case output, errors
}

/// Hears what a program says while it runs; on the thread that reads it, so it may not wait for anything.
package protocol AttemptListener: Sendable {
    /// Bytes of standard output and error in the order they arrived, progress lines taken out.
    func logged(_ bytes: [UInt8], from stream: ProgramStream)

    /// A progress line; the percentage is 0 to 100.
    func progressed(percent: Int, text: String)
}
