import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire

extension Call {
    /// Starts a job from the body and headers that the seed and v1 share.
    func invoke(_ mode: Mode) async throws -> Acceptance {
        let caller = try account()
        try need(["application/json"])
        let request = try InvocationRequest(dep: try await body(limit: 1 << 20))
        var objections = Objections.first
        return try await agent.invoke(reference, request, try options(mode, &objections), by: caller)
    }

    /// What `invoke` would come to. Only what can't be read to its end is refused as ever.
    func dryRun(_ mode: Mode) async throws -> DryRun {
        let caller = try account()
        var objections = Objections.all
        if mode == .sync { try objections.noting { try wait(default: .zero) } }
        try objections.noting { try need(["application/json"]) }
        let body = try await body(limit: 1 << 20)
        let request = try objections.noting { try InvocationRequest(dep: body) }
        let options = try options(mode, &objections)
        return try await agent.dryRun(reference, request, options, by: caller, after: objections)
    }

    /// Whether the caller only wants to know what the call would come to: `?dryrun=1`.
    /// - Throws: `invalidParameter`.
    var isDryRun: Bool {
        get throws {
            switch query("dryrun") {
            case nil, "0", "false", "no": false
            case "", "1", "true", "yes": true
            case let text?:
                throw Refusal(
                    .invalidParameter,
                    "The query parameter \"dryrun\" takes 1, true or yes, or 0, false or no, not \"\(text.prefix(40))\"."
                )
            }
        }
    }

    /// The answer to a dry run, the same in every dialect.
    func answer(_ run: DryRun) -> Response {
        let dialect = Dialect(path: request.uri.path)
        return Response(json: run.body(did: agent.did, request: context.requestID, status: dialect.status))
    }

    /// How long the caller wants to wait: `?wait=30`, or `Prefer: wait=30` (RFC 7240).
    func wait(default defaultWait: Duration) throws -> Duration {
        if query("wait") != nil { return .seconds(try number("wait", in: 0...86_400, default: 0)) }
        let preferences = request.headers[values: .prefer].flatMap { $0.split(separator: ",") }
        let waits = preferences.map(\.trimmingSpaces).filter { $0.lowercased().hasPrefix("wait=") }
        guard let wait = waits.first else { return defaultWait }
        guard let seconds = Int(wait.dropFirst(5)), (0...86_400).contains(seconds) else {
            throw Refusal(
                .invalidParameter,
                "`Prefer: wait=` takes whole seconds, not \"\(wait.dropFirst(5).prefix(40))\"."
            )
        }
        return .seconds(seconds)
    }

    private func options(_ mode: Mode, _ objections: inout Objections) throws -> InvocationOptions {
        InvocationOptions(
            mode: mode,
            purchaseToken: header(.purchaseToken),
            lifetime: try objections.noting(lifetime) ?? nil,
            webhookURL: header(.webhookURL),
            webhookEvents: try objections.noting(webhookEvents) ?? nil,
            idempotencyKey: try objections.noting(idempotencyKey) ?? nil
        )
    }

    /// Quoted or bare, 1 to 255 visible ASCII characters.
    private func idempotencyKey() throws -> String? {
        guard let text = request.headers[.idempotencyKey]?.trimmingSpaces else { return nil }
        let isQuoted = text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
        let key = isQuoted ? String(text.dropFirst().dropLast()) : text
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Refusal(.invalidParameter, "`Idempotency-Key` takes 1 to 255 visible ASCII characters.")
        }
        return key
    }

    private func lifetime() throws -> Duration? {
        guard let text = header(.jobTimeout) else { return nil }
        guard let lifetime = Duration(text: text), lifetime > .zero else {
            throw Refusal(
                .invalidParameter,
                "`Job-Timeout` takes a duration such as 90s or 5m, not \"\(text.prefix(40))\"."
            )
        }
        return lifetime
    }

    private func webhookEvents() throws -> [String]? {
        guard let text = header(.webhookEvents) else { return nil }
        let known = JobState.allCases.filter(\.isTerminal).map { "job.\($0.rawValue)" }
        let events = text.split { $0 == "," || $0 == " " }.map(String.init)
        guard !events.isEmpty, events.allSatisfy(known.contains) else {
            throw Refusal(
                .invalidWebhook,
                "`Webhook-Events` takes \(known.joined(separator: ", ")), not \"\(text.prefix(80))\"."
            )
        }
        return events
    }
}
