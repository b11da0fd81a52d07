import Foundation
package import InvokeAgent
import InvokeAssets
package import InvokeExecution
package import InvokeModel
import InvokeStore
import InvokeWire
import InvokeWorkers
import Logging
import ServiceLifecycle

extension TestAgent {
    /// Whether programs can be run here: asked once for all tests.
    package static let sandbox = Task {
        let root = "/var/tmp/invoke-agent-test-\(AgentID.random().description.prefix(12))"
        defer { try? FileManager.default.removeItem(atPath: root) }
        return await SandboxProbe(root: root).availability()
    }

    /// Registers a service that is written in YAML.
    package func register(_ definition: String, by name: String = "provider") async throws -> RegisteredService {
        try await agent.register(JSON(yaml: Array(definition.utf8)), by: account(name))
    }

    /// Registers a service of one operation that runs a shell script of one line, and gives the operation's id.
    ///
    /// Its inputs are the string `word` and the asset `table`, both optional. `rest` are further lines of the operation
    /// in YAML (a `timeout:` or `retries:` goes to its run); without `outputs:`, the output is the string `said`.
    package func shell(_ name: String, _ script: String, _ rest: [String] = []) async throws -> String {
        let outputs = rest.contains { $0.hasPrefix("outputs:") } ? [] : ["outputs: {said: {type: string}}"]
        let run = rest.filter { $0.hasPrefix("timeout:") || $0.hasPrefix("retries:") }.map { ", " + $0 }.joined()
        let lines = rest.filter { !$0.hasPrefix("timeout:") && !$0.hasPrefix("retries:") } + outputs
        let command = JSON.array(["sh", "-c", .string(script)]).text
        let service = try await register(
            """
            name: \(name)
            version: 1.0.0
            operations:
              run:
                inputs: {word: {type: string, required: false, default: none}, table: {type: asset, required: false}}
                run: {engine: process, command: \(command)\(run)}
                \(lines.joined(separator: "\n    "))
            """
        )
        return service.operations[0].asset.description
    }

    /// Invokes an operation as DEP v1 does.
    package func invoke(
        _ operation: String,
        _ inputs: JSON = [:],
        by name: String = "consumer",
        token: String? = nil,
        lifetime: Duration? = nil
    ) async throws -> JobID {
        try await agent.invoke(
            operation,
            InvocationRequest(dep: inputs.bytes()),
            InvocationOptions(mode: .async, purchaseToken: token, lifetime: lifetime),
            by: account(name)
        ).job
    }

    /// The job as it ends.
    package func ended(_ id: JobID, for name: String = "consumer") async throws -> Job {
        _ = try await agent.result(id.description, for: account(name), waiting: .seconds(50))
        return try await agent.job(id.description, for: account(name))
    }

    /// Registers a text as a public asset with content.
    package func publish(_ text: String, by name: String) async throws -> DID {
        let owner = try await account(name)
        let metadata: JSON = ["name": .string("text of \(name)"), "text": .string(text)]
        let asset = try await agent.register(metadata: metadata.bytes(), by: owner)
        var (target, writer) = try await agent.beginUpload(to: asset.id.description, by: owner)
        try await writer.write(Array(text.utf8))
        try await agent.finishUpload(to: target, writer)
        return agent.did(of: asset.id)
    }

    /// Registers a text as a private asset, as jobs make them.
    package func keepPrivate(_ text: String, of name: String) async throws -> DID {
        let asset = NewAsset(
            id: .random(),
            metadata: Array("{}".utf8),
            facts: AssetFacts(name: nil, type: "dataset", contentType: nil, contentHash: nil),
            content: try await contents.keep(Array(text.utf8)),
            isPrivate: true
        )
        _ = try await store.register(asset, owner: account(name).id)
        return agent.did(of: asset.id)
    }

    /// Runs workers beside a body, by processes and what else is given, then shuts them down in good order and waits for
    /// them; programs that still run then may go on for the drain grace.
    package func withWorkers(
        drainGrace: Duration = .seconds(25),
        engines: [Engine: any Executor] = [:],
        _ body: () async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var limits = WorkerLimits()
        limits.drainGrace = drainGrace
        let workRoot = "/var/tmp/invoke-agent-test-\(AgentID.random().description.prefix(12))"
        defer { try? FileManager.default.removeItem(atPath: workRoot) }
        let processes = ProcessExecutor(availability: await Self.sandbox.value, killGrace: .milliseconds(300))
        let worker = Worker(
            agent: agent.id,
            store: store,
            contents: contents,
            engines: Engines(engines.merging([.process: processes]) { given, _ in given }),
            definitions: try DefinitionReader(),
            folders: WorkFolders(disk: workRoot),
            limits: limits,
            logger: logger,
            calls: Self.calls(of: agent, outbound),
            startChild: agent.startChild,
            scriptEnvironment: agent.scriptEnvironment
        )
        let services = ServiceGroup(services: [WorkerPools(worker: worker, defaultConcurrency: 2)], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await services.run() }
            try await body()
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }
}
