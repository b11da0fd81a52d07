import Foundation
import InvokeModel
import Logging
import Testing

@testable import InvokeExecution

/// What is written for a cluster, whatever the names and values are.
@Suite(.timeLimit(.minutes(5))) struct SlurmScriptTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    @Test(arguments: [
        "plain", "", "it's", "a b\tc\nd", "$HOME `id` $(id) \\ \"", "-n", "*?[a]", "é漢", "'; rm -rf /; '",
    ])
    func aWordIsWhatItWas(text: String) async throws {
        let script = "printf %s \(shellQuoted(text))"
        #expect(try await shop.output(["/bin/sh", "-c", script]) == text)
    }

    @Test func hostileVariablesReachTheProgramAsTheyAre() async throws {
        let hostile = [
            "PLAIN": "it's\n$(id)", "with.dot": "a", "with space": "b c", "UID": "7", "9digit": "d", "PWD": "/nowhere",
            "IFS": "x", "x;id": "e",
        ]
        let attempt = try shop.attempt(["/usr/bin/env", "-0"], environment: hostile)
        let subject = SlurmAttempt(attempt, Self.settings(shop))
        try subject.prepare(agentURL: nil)
        // As the batch script does: a node has no sandbox.
        let process = Process()
        let output = Foundation.Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [subject.place.programScript]
        process.environment = [:]
        process.standardOutput = output
        try process.run()
        let said = try #require(try output.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        let variables = Set(said.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
        for (name, value) in hostile { #expect(variables.contains("\(name)=\(value)")) }
        #expect(variables.contains("INVOKE_JOB_ID=\(attempt.job)"))
        #expect(!variables.contains { $0.hasPrefix("OLDPWD=") || $0.hasPrefix("SHLVL=") })
    }

    @Test(arguments: [nil, "http://127.0.0.1:8191"])
    func whatIsSubmittedHoldsNothingOfTheJob(agentURL: String?) throws {
        let attempt = try shop.attempt(["/bin/echo", "secret-argument"], environment: ["KEY": "secret-value"])
        let subject = SlurmAttempt(attempt, Self.settings(shop, sharesFolder: agentURL == nil))
        try subject.prepare(agentURL: agentURL)
        let request = subject.request
        #expect(text(of: subject.place.batchScript) == request.script)
        #expect(!request.script.isEmpty)
        #expect(!request.script.contains("secret"))
        #expect(!SlurmCommands.arguments(request).joined().contains("secret"))
    }

    @Test func aTokenIsOnNoCommandLine() throws {
        let attempt = try shop.attempt(["true"])
        let subject = SlurmAttempt(attempt, Self.settings(shop, sharesFolder: false))
        try subject.prepare(agentURL: "http://127.0.0.1:8191")
        let token = try #require(subject.place.transfer?.token)
        let lines = subject.request.script.split(separator: "\n").filter { $0.contains(token) }
        // In a document that the shell itself writes.
        #expect(lines == ["header = \"Authorization: Bearer \(token)\""])
        #expect(!SlurmCommands.arguments(subject.request).joined().contains(token))
        var status = stat()
        #expect(stat(subject.place.batchScript, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func demandsAreRoundedUp() throws {
        let resources = Resources(cpus: 1.5, memory: 100 << 20 + 1, gpus: 2)
        let attempt = try shop.attempt(["true"], resources: resources, timeout: .seconds(61))
        let subject = SlurmAttempt(attempt, Self.settings(shop))
        try subject.prepare(agentURL: nil)
        let request = subject.request
        #expect((request.cpus, request.memory, request.gpus, request.timeLimit) == (2, 101, 2, 2))
        let new = SlurmDialect(number: 42).submission(request)["job"]
        #expect(new?["memory_per_node"] == ["set": true, "number": 101])
        #expect(new?["tres_per_node"] == "gres/gpu:2")
        #expect(new?["environment"]?.array?.count == 1)
        #expect(new?["script"]?.string == request.script)
        let old = SlurmDialect(number: 38).submission(request)
        #expect(old["job"]?["memory_per_node"] == 101)
        #expect(old["job"]?["gres"] == "gpu:2")
        #expect(old["job"]?["argv"] == nil)
        #expect(old["script"]?.string == request.script)
    }

    @Test func bothDialectsJobsAreRead() throws {
        let old = try JSON(parsing: #"{"job_id": 9, "name": "a", "job_state": "COMPLETING", "state_reason": "None"}"#)
        let new = try JSON(
            parsing: #"{"job_id": 9, "name": "a", "job_state": ["CANCELLED", "COMPLETING"], "nodes": "n3"}"#
        )
        #expect(SlurmDialect(number: 38).job(old)?.hasEnded == false)
        #expect(SlurmDialect(number: 42).job(new)?.hasEnded == false)
        #expect(SlurmDialect(number: 42).job(new)?.nodes == "n3")
        let unchanged = #"{"jobs": [], "warnings": [{"description": "No job changes since update_time[17]=2026"}]}"#
        #expect(SlurmAnswer(status: 200, body: try JSON(parsing: unchanged), text: "").tellsNoChange)
        let stranger = #"{"errors": [{"error_number": 1007, "error": "Protocol authentication error"}]}"#
        #expect(
            SlurmAnswer(status: 511, body: try JSON(parsing: stranger), text: "").complaints
                == [SlurmAnswer.Complaint(number: 1007, text: "Protocol authentication error")]
        )
    }

    @Test func linesOfTheCommandsAreRead() {
        let jobs = SlurmCommands.jobs("17|PENDING||Resources|invoke-a-5-1\n18|RUNNING|n2|None|a|b\nnoise\n")
        #expect(jobs.map(\.description) == ["job 17 pending: Resources", "job 18 on n2"])
        #expect(jobs.last?.name == "a|b")
        let nodes = """
            n1|0/4/0/4|4000|0|(null)|gpu:0|idle|
            n1|0/4/0/4|4000|0|(null)|gpu:0|idle|
            n2|1/3/0/4|4000|100|gpu:a100:2(S:0-1)|gpu:a100:1(IDX:0)|mixed|
            n3|0/0/4/4|4000|0|gpu:2|gpu:0|down*|
            """
        let cluster = SlurmCommands.cluster(nodes, version: "slurm-wlm 22.05.8\n")
        let expected = SlurmCluster(
            version: "22.05.8",
            cpus: 8,
            usedCPUs: 1,
            memory: 8000,
            usedMemory: 100,
            gpus: 2,
            usedGPUs: 1
        )
        #expect(cluster == expected)
    }

    @Test func jobsOfOthersAreNotOurs() {
        let settings = Self.settings(shop)
        let ours = AttemptName(job: JobID(value: 5), number: 2)
        #expect(settings.attempt(ofJobNamed: settings.jobName(of: ours)) == ours)
        #expect(settings.attempt(ofJobNamed: "invoke-other-5-2") == nil)
        #expect(settings.attempt(ofJobNamed: settings.prefix + "x-5-2") == nil)
    }

    private static func settings(_ shop: Workshop, sharesFolder: Bool = true) -> SlurmSettings {
        var settings = SlurmSettings(
            connection: .commands(SlurmTools()),
            folder: shop.root,
            label: "did:dep:agent",
            logger: Logger(label: "slurm", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        if !sharesFolder { settings.exchange = .transfers(nodeFolder: "/tmp", agentURL: { "" }) }
        return settings
    }
}
