package import InvokeModel

/// Something that runs attempts: processes of this machine, containers, clusters.
package protocol Executor: Sendable {
    /// Starts an attempt; for the same job and attempt number the second call finds what the first one started.
    /// - Throws: `EngineUnavailable` when nothing can be started now, and nothing has been.
    func start(_ attempt: AttemptSpecification) async throws -> ExecutionHandle

    /// Waits for the end of what `start` began. The same outcome is told to all who ask.
    func wait(for handle: ExecutionHandle) async throws -> Outcome

    /// Ends everything the attempt started: a polite signal, then after the kill grace a final one. Twice is fine.
    /// - Returns: when it is asked for; `wait` tells when nothing is left.
    func stop(_ handle: ExecutionHandle) async throws

    /// Whether attempts can be started, and how much there is to run them with.
    func condition() async -> EngineCondition
}

/// An executor that recognises by itself what an earlier run of the agent has left running, and that can only end it.
package protocol LeftoverEnding: Executor {
    /// Ends all that is still running of attempts that an earlier run of the agent started, politely at first.
    func endLeftovers(of attempts: Set<AttemptName>) async
}

/// An executor whose attempts go on while the agent is away.
package protocol DurableExecutor: Executor {
    /// The root of its attempts' folders, absolute: what it runs has to reach them under the same path.
    var folder: String { get }

    /// Finds what `start` began for this attempt in an earlier run of the agent, so that it can be waited for and stopped;
    /// all that its program has said is told to the listener again from the beginning.
    ///
    /// Waits as long as the engine can't be asked. The specification needs no inputs: they are in the attempt's folder.
    /// - Returns: nil when nothing was started, and nothing ever will be.
    func resume(_ attempt: AttemptSpecification) async throws -> ExecutionHandle?

    /// Removes from the engine what it keeps of an attempt that has ended and whose end is written down.
    func forget(_ handle: ExecutionHandle) async

    /// Ends and removes, as soon as the engine can be asked, what it has of this agent's attempts that are neither among
    /// these nor started since.
    func endLeftovers(except attempts: Set<AttemptName>) async
}

/// An engine can't start anything now.
package struct EngineUnavailable: Error, Hashable, CustomStringConvertible {
    /// For the operator: what is wrong, and where.
    package let description: String

    package init(_ description: String) { self.description = description }
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
    /// How long it is until the job's deadline, in whatever queue the time is spent.
    package let remaining: Duration
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
        remaining: Duration,
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
        self.remaining = remaining
        self.listener = listener
    }

    package var name: AttemptName { AttemptName(job: job, number: number) }

    /// The longest the program may run.
    package var timeout: Duration { min(program.timeout ?? remaining, remaining) }
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

    /// Where the attempt is and what it waits for, in the engine's own words, such as `job 17 on n2`.
    func placed(_ text: String)
}
