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
        let demand = request.demand
        #expect((demand.cpus, demand.memory, demand.gpus, demand.timeLimit) == (2, 101, 2, 2))
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
        #expect(SlurmDialect(number: 38).jobs([old]).first?.hasEnded == false)
        #expect(SlurmDialect(number: 42).jobs([new]).first?.hasEnded == false)
        #expect(SlurmDialect(number: 42).jobs([new]).first?.nodes == "n3")
        let unchanged = #"{"jobs": [], "warnings": [{"description": "No job changes since update_time[17]=2026"}]}"#
        #expect(SlurmAnswer(status: 200, body: try JSON(parsing: unchanged), text: "").tellsNoChange)
        let stranger = #"{"errors": [{"error_number": 1007, "error": "Protocol authentication error"}]}"#
        #expect(
            SlurmAnswer(status: 511, body: try JSON(parsing: stranger), text: "").complaints
                == [SlurmAnswer.Complaint(number: 1007, text: "Protocol authentication error")]
        )
    }

    @Test func tasksThatAreToldTogetherAreRead() throws {
        let old = try JSON(
            parsing: """
                [{"array_job_id": 17, "array_task_id": null, "array_task_string": "0,3-5%2", "job_id": 17,
                  "job_state": "PENDING", "name": "a", "nodes": "", "state_reason": "Resources"},
                 {"array_job_id": 17, "array_task_id": 1, "array_task_string": "", "job_id": 18,
                  "job_state": "RUNNING", "name": "a", "nodes": "n2", "state_reason": "None"},
                 {"array_job_id": 0, "array_task_id": null, "array_task_string": "", "job_id": 19,
                  "job_state": "RUNNING", "name": "b", "nodes": "n1", "state_reason": "None"}]
                """
        )
        let new = try JSON(
            parsing: """
                [{"array_job_id": {"set": true, "infinite": false, "number": 17},
                  "array_task_id": {"set": false, "infinite": false, "number": 0}, "array_task_string": "0,3-5%2",
                  "job_id": 17, "job_state": ["PENDING"], "name": "a", "nodes": "", "state_reason": "Resources"},
                 {"array_job_id": {"set": true, "infinite": false, "number": 17},
                  "array_task_id": {"set": true, "infinite": false, "number": 1}, "array_task_string": "",
                  "job_id": 18, "job_state": ["RUNNING"], "name": "a", "nodes": "n2", "state_reason": "None"},
                 {"array_job_id": {"set": true, "infinite": false, "number": 0},
                  "array_task_id": {"set": false, "infinite": false, "number": 0}, "array_task_string": "",
                  "job_id": 19, "job_state": ["RUNNING"], "name": "b", "nodes": "n1", "state_reason": "None"}]
                """
        )
        for (number, list) in [(38, old), (42, new)] {
            let jobs = SlurmDialect(number: number).jobs(try #require(list.array))
            #expect(
                Set(jobs.map(\.description)) == [
                    "job 17_0 pending: Resources", "job 17_3 pending: Resources", "job 17_4 pending: Resources",
                    "job 17_5 pending: Resources", "job 17_1 on n2", "job 19 on n1",
                ]
            )
            #expect(jobs.count == 6)
        }
    }

    @Test func aLongListOfTasksIsCutAndTheRestTakenToBeMeant() throws {
        #expect(SlurmJobNumber.tasks("7", most: 10) == [7])
        #expect(SlurmJobNumber.tasks("1-7:3,9-12", most: 10) == [1, 4, 7, 9])
        // Whether the last one is 6 or 60 nobody knows.
        #expect(SlurmJobNumber.tasks("0-2,4,6...", most: 8) == [0, 1, 2, 4, 5, 6, 7])
        #expect(SlurmJobNumber.tasks("...", most: 2) == [0, 1])
        let list = try JSON(
            parsing: """
                [{"array_job_id": 17, "array_task_id": null, "array_task_string": "1,3...", "job_id": 17,
                  "job_state": "PENDING", "name": "a"},
                 {"array_job_id": 17, "array_task_id": 2, "job_id": 18, "job_state": "COMPLETED", "name": "a"}]
                """
        )
        let jobs = SlurmDialect(number: 38).jobs(try #require(list.array))
        #expect(jobs.filter { $0.id.task == 2 }.map(\.states) == [["COMPLETED"]])
        #expect(jobs.count == SlurmArrays.most - 1)
    }

    @Test func anArrayIsAskedForInEveryWay() throws {
        let attempts = try (0..<3).map { _ in SlurmAttempt(try shop.attempt(["true"]), Self.settings(shop)) }
        let request = SlurmRequest(
            array: "array-1f",
            of: attempts,
            demand: attempts[0].request.demand,
            settings: Self.settings(shop)
        )
        for number in [38, 42] {
            let job = SlurmDialect(number: number).submission(request)["job"]
            #expect(job?["array"] == "0-2")
            #expect(job?["standard_output"]?.string == "\(shop.root)/array-1f/%a/slurm.log")
        }
        #expect(SlurmDialect(number: 42).submission(attempts[0].request)["job"]?["array"] == nil)
        let arguments = SlurmCommands.arguments(request)
        #expect(arguments.suffix(2) == ["--array=0-2", "\(shop.root)/\(attempts[0].specification.name)/array.sh"])
        #expect(!SlurmCommands.arguments(attempts[0].request).contains { $0.hasPrefix("--array") })
    }

    @Test func attemptsOfUnlikeDemandAreUnlike() throws {
        func demand(_ cpus: Double, _ seconds: Int, partition: String? = nil) throws -> SlurmDemand {
            var settings = Self.settings(shop)
            settings.partition = partition
            let attempt = try shop.attempt(["true"], resources: Resources(cpus: cpus), timeout: .seconds(seconds))
            return SlurmAttempt(attempt, settings).request.demand
        }
        // Limits of time are in minutes.
        #expect(try demand(1, 61) == demand(1, 100))
        #expect(try demand(1, 61) != demand(1, 121))
        #expect(try demand(1, 61) != demand(2, 61))
        #expect(try demand(1, 61) != demand(1, 61, partition: "gpu"))
    }

    @Test func linesOfTheCommandsAreRead() {
        let text = "17|PENDING||Resources|invoke-a-5-1\n18_3|RUNNING|n2|None|a|b\nnoise\n1_2_3|RUNNING|n2|None|c\n"
        let jobs = SlurmCommands.jobs(text)
        #expect(jobs.map(\.description) == ["job 17 pending: Resources", "job 18_3 on n2"])
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
        #expect(settings.attempt(ofJobNamed: settings.prefix + "array-5") == nil)
        #expect(settings.array(ofJobNamed: settings.prefix + "array-5") == "array-5")
        #expect(settings.array(ofJobNamed: "invoke-other-array-5") == nil)
        #expect(settings.array(ofJobNamed: settings.jobName(of: ours)) == nil)
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
