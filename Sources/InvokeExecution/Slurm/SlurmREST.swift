import AsyncHTTPClient
import Glibc
import InvokeModel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Talks to a cluster through its slurmrestd.
final class SlurmREST: SlurmController {
    private let address: String
    private let login: SlurmLogin?
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// What the other side speaks, once it is known.
        var dialect: SlurmDialect?
        /// The last list of jobs, and as of when it is.
        var jobs: (list: [SlurmJob], asOf: Int)?
    }

    /// The address is `http://host:port`, `https://host:port` or `unix:/path/of/socket`.
    init(address: String, login: SlurmLogin?, logger: Logger) {
        self.address = address
        self.login = login
        self.logger = logger
    }

    func submit(_ request: SlurmRequest) async throws -> Int {
        let dialect = try await dialect()
        let answer = try await ask(.POST, dialect.root + "/job/submit", body: dialect.submission(request).bytes())
        // What a later version doesn't know it leaves out, and says so here alone.
        for warning in answer.body["warnings"]?.array ?? [] {
            logger.warning("Slurm left out a part of a job", metadata: ["warning": "\(warning.text)"])
        }
        let job = answer.body["job_id"]?.int ?? 0
        guard let complaint = answer.complaints.first else {
            guard job > 0 else { throw SlurmFault.unanswered(unreadable(answer)) }
            return job
        }
        // 22.05 takes what no node can run, and lets it wait for ever.
        if job > 0 { try? await cancel(SlurmJobNumber(job)) }
        throw Self.fault(complaint, of: address, demand: "\(request.demand)")
    }

    func jobs() async throws -> [SlurmJob] {
        let dialect = try await dialect()
        let known = state.withLock { $0.jobs }
        let since = known.map { "?update_time=\($0.asOf)" } ?? ""
        let answer = try await ask(.GET, dialect.root + "/jobs/" + since)
        if let known, answer.tellsNoChange { return known.list }
        guard answer.status == 200, answer.complaints.isEmpty, let jobs = answer.body["jobs"]?.array else {
            throw SlurmFault.away(refusal(answer))
        }
        let list = dialect.jobs(jobs)
        // An empty answer to a question for changes is not taken for an empty cluster.
        state.withLock { $0.jobs = list.isEmpty ? nil : answer.asOf.map { (list, $0) } }
        guard list.isEmpty, known != nil else { return list }
        return try await self.jobs()
    }

    func cancel(_ job: SlurmJobNumber) async throws {
        let answer = try await ask(.DELETE, try await dialect().root + "/job/\(job)")
        // It is not there any more, or it has ended.
        if let complaint = answer.complaints.first, ![2017, 2021].contains(complaint.number) {
            throw SlurmFault.away(refusal(answer))
        }
    }

    func cluster() async throws -> SlurmCluster {
        let dialect = try await dialect()
        let answer = try await ask(.GET, dialect.root + "/nodes/")
        guard answer.status == 200, answer.complaints.isEmpty else { throw SlurmFault.away(refusal(answer)) }
        var cluster = SlurmCluster(version: answer.version)
        for node in answer.body["nodes"]?.array ?? [] { cluster.add(dialect.node(node)) }
        return cluster
    }
}

extension SlurmREST {
    /// Tells what was refused for ever from what may go better later.
    private static func fault(_ complaint: SlurmAnswer.Complaint, of address: String, demand: String) -> SlurmFault {
        let text = "Slurm at \(address) refuses a job of \(demand): \(complaint.text) (\(complaint.number))."
        // Limits of an account are often those of the moment.
        let isForEver = (2000..<3000).contains(complaint.number) && !complaint.text.contains("policy")
        if isForEver || complaint.number == 9001 { return .refused(text) }
        return complaint.number == -1 && !complaint.text.contains("connect") ? .unanswered(text) : .away(text)
    }

    /// The first version that the other side has a route of.
    private func dialect() async throws -> SlurmDialect {
        if let dialect = state.withLock({ $0.dialect }) { return dialect }
        for dialect in SlurmDialect.known {
            let answer = try await ask(.GET, dialect.root + "/ping/")
            if [401, 403].contains(answer.status) { throw SlurmFault.away(refusal(answer)) }
            guard answer.status != 404 else { continue }
            state.withLock { $0.dialect = dialect }
            return dialect
        }
        throw SlurmFault.away("slurmrestd at \(address) speaks none of v0.0.38 and v0.0.40 to v0.0.45.")
    }

    private func ask(_ method: HTTPMethod, _ path: String, body: [UInt8] = []) async throws(SlurmFault) -> SlurmAnswer {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let login {
            request.headers.add(name: "X-SLURM-USER-TOKEN", value: try login.read())
            if let user = login.user { request.headers.add(name: "X-SLURM-USER-NAME", value: user) }
        }
        if !body.isEmpty {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        do {
            let response = try await Self.http.execute(request, timeout: Self.patience)
            let buffer = try await response.body.collect(upTo: Self.longestAnswer)
            let bytes = Array(buffer.readableBytesView)
            return SlurmAnswer(
                status: Int(response.status.code),
                body: (try? JSON(parsing: bytes, limits: Self.limits)) ?? .null,
                text: String(decoding: bytes.prefix(200), as: UTF8.self)
            )
        } catch {
            let text = "slurmrestd at \(address) doesn't answer: \(error). Is it running, and may the agent reach it?"
            throw Self.wasSent(error) ? .unanswered(text) : .away(text)
        }
    }

    /// Whether the other side may have got the request, or a part of it.
    private static func wasSent(_ error: any Error) -> Bool {
        switch error {
        case is NIOConnectionError: false
        case let error as IOError:
            ![EACCES, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENOENT].contains(error.errnoCode)
        case let error as HTTPClientError: error != .connectTimeout
        default: true
        }
    }

    /// As URLs write it: the path of a socket is the host there.
    private var base: String {
        guard address.hasPrefix("unix:") else { return address.hasSuffix("/") ? String(address.dropLast()) : address }
        let path = address.dropFirst("unix:".count)
        return "http+unix://"
            + path.utf8.map { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(Unicode.Scalar(byte))
                default: "%" + CollectionOfOne(byte).hexadecimal
                }
            }.joined()
    }

    private func unreadable(_ answer: SlurmAnswer) -> String {
        "slurmrestd at \(address) answers with status \(answer.status) and no job: \(answer.text)"
    }

    /// What an answer says that does not do what was asked for.
    private func refusal(_ answer: SlurmAnswer) -> String {
        let complaint = answer.complaints.first
        let words = complaint.map { "\($0.text) (\($0.number))" } ?? answer.text
        // A wrong token is noticed by the controller only, as 1007.
        let isStranger = [401, 403, 511].contains(answer.status) || complaint?.number == 1007
        let advice = isStranger ? " Is the token of the right user, and still valid?" : ""
        return "Slurm at \(address) answers with status \(answer.status): \(words).\(advice)"
    }

    /// A controller that is away is told of after 18 seconds.
    private static let patience = TimeAmount.seconds(60)
    private static let longestAnswer = 512 << 20
    private static let limits = JSONLimits(depth: 64, nodes: 50_000_000, keyBytes: 1 << 20)

    /// The connections of all clusters, which live as long as the program.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // Who asks hears at once that nobody is there, and asks again himself.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(10)
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()
}
