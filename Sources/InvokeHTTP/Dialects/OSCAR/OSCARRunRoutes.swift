import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeAssets
import InvokeModel
import InvokeStore
import InvokeWire
import NIOCore
import OrderedCollections
import Synchronization

/// Calling scripts (oscar.md §7, §8): what a body is, its bytes decide, whatever its type says.
enum OSCARRunRoutes {
    static func add(to routes: Routes) {
        routes.post("/run/{name}", .open, answers: []) { call in
            let (script, caller) = try await admit(call)
            let isDryRun = try call.isDryRun
            let body = try await call.body(limit: call.agent.limits.scriptInput)
            if isDryRun { return call.answer(try await call.agent.dryRun(script, body, mode: .sync, by: caller)) }
            let start = ContinuousClock.now
            let wait = RunWait(call.agent, call.context)
            let event: JSON = ["http": call.requestFacts(body.count)]
            let job = try await call.agent.run(script, body, event: event, by: caller, started: wait.begin)
            var response = try await answer(to: call, script, job)
            response.headers[.xDuration] = String(describing: (ContinuousClock.now - start) / .seconds(1))
            return response
        }
        routes.post("/job/{name}", .open, answers: []) { call in
            let (script, caller) = try await admit(call)
            let isDryRun = try call.isDryRun
            let body = try await call.body(limit: call.agent.limits.scriptInput)
            let notice = BucketNotice(body)
            if isDryRun {
                guard let notice else {
                    return call.answer(try await call.agent.dryRun(script, body, mode: .async, by: caller))
                }
                return call.answer(try await call.agent.dryRun(script, notice, by: caller))
            }
            let jobs: [JobID]
            if let notice {
                jobs = try await call.agent.schedule(script, notice, by: caller)
            } else {
                jobs = [try await call.agent.schedule(script, body, event: nil, mode: .async, by: caller)]
            }
            let log = "/system/logs/\(script.record.name)"
            // An event that is none of the service's is taken, and starts nothing.
            guard let first = jobs.first else { return Response(status: .created, headers: [.location: log]) }
            var response = Response(oscar: OSCAR.started(jobs, script.record.name), status: .created)
            response.headers[.location] = "\(log)/\(OSCAR.name(of: first, script.record.name))"
            return response
        }
    }

    private static func admit(_ call: Call) async throws -> (RegisteredScript, Account) {
        try await call.agent.admit(
            call.request.headers[.authorization],
            from: call.context.place,
            toScript: call.parameter("name")
        )
    }

    private static func answer(to call: Call, _ script: RegisteredScript, _ job: Job?) async throws -> Response {
        guard let job else {
            let advice = "The script had not ended in time; POST to /job for longer ones.\n"
            return Response(text: advice, status: .gatewayTimeout)
        }
        switch (job.state, job.failure) {
        case (.succeeded, _):
            let content = try await call.agent.output(of: job)
            guard let content, content.asset.facts.contentType != OSCAR.printedType else {
                return Response(printed: try await log(call, script, job))
            }
            return answer(to: call, with: content)
        case (_, let failure?) where failure.code == .deadlinePassed:
            return Response(text: "Killed process.\n", status: .requestTimeout)
        case (_, let failure?) where failure.text.hasPrefix(OSCAR.exitStatusPrefix):
            let status = failure.text.prefix { $0 != "\n" }
            let log = try await log(call, script, job)
            return Response(printed: Array("\(status)\n".utf8) + log, status: .internalServerError)
        case (_, let failure):
            return Response(text: (failure?.text ?? "The job was lost.") + "\n", status: .internalServerError)
        }
    }

    /// What the script has printed, with the agent's own lines where the service asks for them.
    private static func log(_ call: Call, _ script: RegisteredScript, _ job: Job) async throws -> [UInt8] {
        try await call.agent.log(of: job, level: script.script.logLevel, timestamps: false) + [0x0A]
    }

    /// A file in base64, in one line; as it is, for whoever asks for bytes.
    private static func answer(to call: Call, with content: ReadableContent) -> Response {
        let isRaw = call.request.headers[values: .accept].contains { $0.contains("application/octet-stream") }
        let (agent, hash, size) = (call.agent, content.content.hash, content.content.size)
        // A multiple of three, so that the pieces of base64 make one.
        let step = 3 << 18
        let body = ResponseBody { writer in
            for start in stride(from: 0, to: size, by: step) {
                let bytes = try await agent.contents.bytes(of: hash, start..<min(size, start + step))
                let piece = isRaw ? ByteBuffer(bytes: bytes) : ByteBuffer(bytes: Data(bytes).base64EncodedData())
                try await writer.write(piece)
            }
            if !isRaw { try await writer.write(ByteBuffer(string: "\n")) }
            try await writer.finish(nil)
        }
        var response = Response(
            status: .ok,
            headers: [.contentType: isRaw ? "application/octet-stream" : "text/plain; charset=utf-8"],
            body: body
        )
        if isRaw {
            let name = (content.asset.facts.name ?? "output").unicodeScalars.map { scalar in
                (0x20...0x7E).contains(scalar.value) && scalar != "\"" ? Character(scalar) : "_"
            }
            response.headers[.contentDisposition] = "attachment; filename=\"\(String(name))\""
            response.headers[.contentLength] = String(size)
        }
        return response
    }
}

extension Response {
    /// What a script has printed, whatever bytes these are.
    fileprivate init(printed bytes: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(bytes: bytes, contentType: "text/plain; charset=utf-8", status: status)
    }
}

/// Ends the job of a run whose client goes away.
private final class RunWait: Sendable {
    private let agent: Agent
    private let context: AgentContext

    init(_ agent: Agent, _ context: AgentContext) {
        self.agent = agent
        self.context = context
    }

    @Sendable func begin(_ job: JobID) {
        let watch = AbandonmentWatch { [agent] in Task { try? await agent.abandon(job) } }
        let watching = context.channel.eventLoop.makePromise(of: Void.self)
        context.channel.triggerUserOutboundEvent(watch, promise: watching)
        // A connection that has ended already tells nobody.
        watching.futureResult.whenFailure { _ in watch.action() }
    }
}

extension Call {
    /// What a script is told of the request that runs it; never its credentials.
    fileprivate func requestFacts(_ length: Int) -> JSON {
        var facts: [(String, JSON)] = [
            ("method", .string(request.method.rawValue)), ("path", .string(request.uri.path)),
            ("query", .string(request.uri.query ?? "")), ("content-length", .string(String(length))),
        ]
        facts += request.headers.filter { !Self.untold.contains($0.name) }.prefix(50).map {
            ($0.name.rawName.lowercased(), .string($0.value))
        }
        return .object(OrderedDictionary(facts) { first, _ in first })
    }

    private static let untold: Set<HTTPField.Name> = [.authorization, .cookie, .proxyAuthorization]
}

extension HTTPField.Name {
    fileprivate static let xDuration = HTTPField.Name("X-Duration-Seconds") ?? .server
}
