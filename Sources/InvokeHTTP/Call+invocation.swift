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
        return try await agent.invoke(reference, request, try options(mode), by: caller)
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

    private func options(_ mode: Mode) throws -> InvocationOptions {
        InvocationOptions(
            mode: mode,
            purchaseToken: header(.purchaseToken),
            lifetime: try lifetime(),
            webhookURL: header(.webhookURL),
            webhookEvents: try webhookEvents(),
            idempotencyKey: try idempotencyKey()
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
