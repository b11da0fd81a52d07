import ArgumentParser
import Foundation
import InvokeClient
import InvokeModel

/// `invoke-agent run`.
struct RunCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run an operation and get its result.",
        discussion: """
            The operation is a DID, service/operation, or the name of a service that has one. An input is name=value; \
            name=@file takes a file, which is uploaded where the operation wants an asset, name=- standard input, and \
            name=did:… an asset that is there. A value that begins with @ is written with two.

            Progress and the program's log go to standard error, the result to standard output. Ctrl-C lets the job go \
            on and says how to come back to it.

            Examples:
              invoke-agent run word-count text=@examples/word-count/mill.txt
              invoke-agent run primes/list limit=1000 --output json
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Argument(help: "What to run.")
    var operation: String

    @Argument(help: ArgumentHelp("What it is run on.", valueName: "name=value"))
    var inputs: [String] = []

    @Flag(name: .customLong("async"), help: "Print the job's id and don't wait.")
    var isAsync = false

    @Option(help: ArgumentHelp("Wait so long at most, such as 30s; the job goes on.", valueName: "time"))
    var wait: String?

    @Flag(help: "Tell what would happen, and change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Save the assets it makes into this folder.", valueName: "folder"))
    var save: String?

    @Flag(help: "Order what has to be paid without asking.")
    var buy = false

    @Option(help: ArgumentHelp("Proof that the operation is paid for.", valueName: "token"))
    var purchaseToken: String?

    @Option(help: ArgumentHelp("Your own name for this call: sent again, it gives the same job.", valueName: "key"))
    var idempotencyKey: String?

    @Option(help: ArgumentHelp("Where the job's end is announced.", valueName: "url"))
    var webhook: String?

    @Option(help: ArgumentHelp("How long the job may take from now, such as 90s.", valueName: "time"))
    var timeout: String?

    func run(_ agent: AgentClient) async throws {
        let limit = try wait.map { try Duration(argument: $0, of: "--wait") }
        let operation = try await agent.operation(meant: operation)
        let arguments = try Arguments(inputs, of: operation)
        guard !dryRun else {
            let plan = try await agent.dryRun(operation, inputs: try arguments.withoutUploads(), options)
            return try tell(DryRun(plan, without: arguments.uploads))
        }
        let progress = ProgressLine()
        let inputs = try await arguments.values(on: agent, progress)
        try await Purchasing(agent: agent, buys: buy).pay(for: operation, inputs, options)
        let job: String
        do {
            job =
                operation.isAsync
                ? try await agent.invoke(operation.did, inputs: inputs, options)
                : try await agent.invokeAndWait(operation.did, inputs: inputs, options)
        } catch let refusal as AgentRefusal where refusal.status == 400 {
            let name = "\(operation.service)/\(operation.name)"
            throw Failure(
                refusal,
                given: arguments.given,
                advice: "see what it takes: invoke-agent operation show \(name)"
            )
        }
        guard !isAsync else { return Printer(output, .startedJob).print(["jobid": .string(job)]) }
        try await JobWatch(agent: agent, job: job, output: output, save: save, progress: progress).run(atMost: limit)
    }

    private var options: AgentClient.InvocationOptions {
        var options = AgentClient.InvocationOptions()
        options.purchaseToken = purchaseToken
        options.idempotencyKey = idempotencyKey
        options.webhook = webhook
        options.timeout = timeout
        return options
    }

    private func tell(_ plan: DryRun) throws {
        Printer(output, .plan).print(plan.json)
        guard let refusal = plan.refusals.first else { return }
        throw (refusal["errorcode"]?.int == 8003 ? ExitStatus.unpaid : .refused).code
    }
}

extension View {
    static let startedJob = View(id: "jobid", Column("Job", "jobid"))
    static let plan = View(
        id: "operation",
        Column("Operation", "operation"),
        Column("Accepted", "accepted"),
        Column("Refused", "refusals.description"),
        Column("Price", "price"),
        Column("Position", "queue.position"),
        Column("Deadline", "deadline")
    )
}
