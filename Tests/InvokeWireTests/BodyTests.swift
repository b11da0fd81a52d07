import Foundation
import InvokeModel
import InvokeWire
import Testing

/// The bytes that callers and receivers get, to the letter.
@Suite struct BodyTests {
    private static let agent = Hex32(first32: Array(repeating: 0xAA, count: 32))
    private static let operation = Hex32(first32: Array(repeating: 0x0F, count: 32))
    private static let did = DID(agent: agent, asset: operation)

    private static func job(
        _ state: JobState,
        result: String? = nil,
        failure: JobFailure? = nil,
        progress: JobProgress? = nil
    ) -> Job {
        let created = Date(timeIntervalSince1970: 1_740_823_200)
        return Job(
            id: JobID(value: 408_812),
            operation: operation,
            operationName: "clean",
            serviceName: "tables",
            owner: 1,
            provider: 2,
            parent: nil,
            state: state,
            inputs: "{}",
            result: result,
            failure: failure,
            attempts: state == .scheduled ? 0 : 1,
            progress: progress,
            createdAt: created,
            startedAt: state == .scheduled ? nil : created + 1,
            endedAt: state.isTerminal ? created + 3 : nil,
            deadline: created + 300,
            claimableAt: state == .scheduled ? created : nil
        )
    }

    private static let failure = JobFailure(.operationFailed, "It ended with status 3.")
    private static let cancellation = JobFailure(.cancelled, "The job was cancelled.")

    @Test func aStartIsToldAsTheSeedSays() {
        #expect(String(decoding: DEP6.started(JobID(value: 408_812)), as: UTF8.self) == #"{"jobid":"408812"}"#)
    }

    private static func outcome(
        _ state: JobState,
        result: String? = nil,
        failure: JobFailure? = nil
    ) -> JobResult {
        JobResult(id: JobID(value: 408_812), owner: 1, state: state, result: result, failure: failure)
    }

    private static let bodiesOfTheSeed: [(JobResult, String)] = [
        (outcome(.scheduled), #"{"jobid":"408812","status":"scheduled"}"#),
        (outcome(.running), #"{"jobid":"408812","status":"inprogress"}"#),
        (
            outcome(.succeeded, result: #"{"n":"1","clean":{"did":"d"}}"#),
            #"{"jobid":"408812","status":"completed","result":{"n":"1","clean":{"did":"d"}}}"#
        ),
        (outcome(.succeeded, result: "{}"), #"{"jobid":"408812","status":"completed","result":{}}"#),
        (
            outcome(.failed, failure: failure),
            #"{"jobid":"408812","status":"error","errorcode":8005,"description":"It ended with status 3."}"#
        ),
        (
            outcome(.cancelled, failure: cancellation),
            #"{"jobid":"408812","status":"error","errorcode":8208,"description":"The job was cancelled."}"#
        ),
        (
            outcome(.failed, failure: JobFailure(.operationFailed, "It said \"no\".")),
            #"{"jobid":"408812","status":"error","errorcode":8005,"description":"It said \"no\"."}"#
        ),
    ]

    @Test(arguments: bodiesOfTheSeed)
    func aJobIsToldInTheWordsOfTheSeed(job: JobResult, body: String) {
        #expect(String(decoding: DEP6.body(of: job), as: UTF8.self) == body)
    }

    private static let ids = #"{"job-id":"408812","jobid":"408812","jobId":"408812","status":"#
    private static let origin = #""operation":"\#(did)","operation_name":"clean","service":"tables","attempts":1,"#
    private static let start = #""created":"2025-03-01T10:00:00Z","started":"2025-03-01T10:00:01Z","#
    private static let end = #""ended":"2025-03-01T10:00:03Z","deadline":"2025-03-01T10:05:00Z"}"#
    private static let waiting = #"""
        "scheduled","operation":"\#(did)","operation_name":"clean","service":"tables","attempts":0,"created":"2025-03-01T10:00:00Z",\#
        "deadline":"2025-03-01T10:05:00Z"}
        """#
    private static let half = #""progress":{"percent":40,"text":"half"},"#
    private static let failed = #"""
        "failed","errorcode":8005,"description":"It ended with status 3.",\#
        "error":{"errorcode":8005,"description":"It ended with status 3."},
        """#
    private static let cancelled = #"""
        "cancelled","errorcode":8208,"description":"The job was cancelled.",\#
        "error":{"errorcode":8208,"description":"The job was cancelled."},
        """#
    private static let bodiesOfV1: [(Job, String)] = [
        (job(.scheduled), waiting),
        (job(.running), #""running",\#(origin)\#(start)"deadline":"2025-03-01T10:05:00Z"}"#),
        (
            job(.running, progress: JobProgress(percent: 40, text: "half")),
            #""running",\#(origin)\#(half)\#(start)"deadline":"2025-03-01T10:05:00Z"}"#
        ),
        (
            job(.succeeded, result: #"{"n":"1"}"#),
            #""succeeded","outputs":{"n":"1"},"results":{"n":"1"},"result":{"n":"1"},\#(origin)\#(start)\#(end)"#
        ),
        (
            job(.succeeded, result: "{}"),
            #""succeeded","outputs":{},"results":{},"result":{},\#(origin)\#(start)\#(end)"#
        ),
        (job(.failed, failure: failure), "\(failed)\(origin)\(start)\(end)"),
        (job(.cancelled, failure: cancellation), "\(cancelled)\(origin)\(start)\(end)"),
    ]

    @Test(arguments: bodiesOfV1)
    func aJobIsToldInTheWordsOfV1(job: Job, body: String) throws {
        #expect(try DEPv1.body(of: job, operation: Self.did).text == Self.ids + body)
    }

    @Test func numbersOfAResultKeepTheirDigits() throws {
        let job = Self.job(.succeeded, result: #"{"n":1.50,"m":12345678901234567890}"#)
        let body = try DEPv1.body(of: job, operation: Self.did)
        #expect(body["result"]?.text == #"{"n":1.50,"m":12345678901234567890}"#)
    }

    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00Z"), (1_740_823_203, "2025-03-01T10:00:03Z"),
        (1_740_823_203.999, "2025-03-01T10:00:03Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
    ])
    func aTimeIsWrittenInWholeSecondsOfUTC(seconds: Double, text: String) {
        #expect(JSON(time: Date(timeIntervalSince1970: seconds)) == .string(text))
    }

    private func payload(_ job: Job) throws -> JSON {
        let url = "https://agent.example/jobs/408812"
        let bytes = try WebhookPayload.bytes(of: job, operation: Self.did, resultURL: url)
        #expect(bytes.count <= WebhookPayload.maximumBytes)
        return try JSON(parsing: bytes)
    }

    private static let head =
        #""timestamp":"2025-03-01T10:00:03Z","data":{"jobid":"408812","operation":"\#(did)","status":"#
    private static let link = #""sequence":1,"result_url":"https://agent.example/jobs/408812""#

    private static let payloads: [(Job, String)] = [
        (
            job(.succeeded, result: #"{"n":"1"}"#),
            #"{"type":"job.succeeded",\#(head)"succeeded",\#(link),"result":{"n":"1"}}}"#
        ),
        (
            job(.failed, failure: failure),
            #"{"type":"job.failed",\#(head)"failed",\#(link),"errorcode":8005,"description":"\#(failure.text)"}}"#
        ),
        (
            job(.cancelled, failure: cancellation),
            #"""
            {"type":"job.cancelled",\#(head)"cancelled",\#(link),"errorcode":8208,\#
            "description":"The job was cancelled."}}
            """#
        ),
    ]

    @Test(arguments: payloads)
    func aWebhookIsToldTheEndOfAJob(job: Job, body: String) throws {
        #expect(try payload(job).text == body)
    }

    @Test func aResultGoesWithTheWebhookAsLongAsAllFits() throws {
        let empty = try payload(Self.job(.succeeded, result: #"{"n":""}"#)).bytes().count
        let room = WebhookPayload.maximumBytes - empty
        func result(_ length: Int) -> String { #"{"n":"\#(String(repeating: "x", count: length))"}"# }
        #expect(try payload(Self.job(.succeeded, result: result(room)))["data"]?["result"] != nil)
        let tooLarge = try payload(Self.job(.succeeded, result: result(room + 1)))
        #expect(tooLarge["data"]?["result"] == nil)
        #expect(tooLarge["data"]?["result_url"] == "https://agent.example/jobs/408812")
        #expect(try payload(Self.job(.succeeded, result: result(100_000)))["data"]?["result"] == nil)
    }

    @Test func aRefusalIsAProblemDocumentWithTheMembersOfDEP6() {
        let refusal = Refusal(.unknownJob, "There is no job \"7\".")
        let body = refusal.body(status: 400, request: "11111111-2222-3333-4444-555555555555").text
        let expected = #"""
            {"errorcode":8001,"description":"There is no job \"7\".","type":"urn:invoke-agent:error:unknown-job",\#
            "title":"No such job","status":400,"detail":"There is no job \"7\".",\#
            "instance":"urn:uuid:11111111-2222-3333-4444-555555555555"}
            """#
        #expect(body == expected)
    }

    @Test func violationsAndTheWaitAreToldWithARefusal() {
        var refusal = Refusal(.invalidInput, [Violation("#/a/did", "is required"), Violation("#/b", "is unknown")])
        refusal.retryAfter = 5
        let body = refusal.body(status: 400, request: "r")
        let errors = ##"[{"pointer":"#/a/did","detail":"is required"},{"pointer":"#/b","detail":"is unknown"}]"##
        #expect(body["errors"]?.text == errors)
        #expect(body["retry_after"] == 5)
        #expect(body["detail"] == body["description"])
    }

    @Test func atMostTwentyViolationsAreTold() {
        let refusal = Refusal(.invalidInput, (0..<30).map { Violation("#/\($0)", "is unknown") })
        #expect(refusal.body(status: 400, request: "r")["errors"]?.array?.count == 20)
    }
}
