import Foundation
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWebhooks
import InvokeWorkers
import Logging

extension TestAgent {
    /// What its workers call providers with.
    static func calls(of agent: Agent, _ outbound: OutboundGuard) -> ProviderCalls {
        let signer = WebhookSigner(secret: agent.webhookSecret(of:generation:))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return ProviderCalls(
            outbound: outbound,
            client: OutboundClient(
                userAgent: "test",
                connectTimeout: .seconds(3),
                readBytes: ProviderCalls.longestAnswer,
                logger: logger
            ),
            publicURL: { "https://agent.example" },
            sign: { try await signer.headers(id: $0, body: $1, account: $2, in: agent.store, at: Date()) },
            completionToken: agent.completionToken(of:),
            inputPath: agent.inputPath(_:of:until:)
        )
    }

    /// Registers a service of one operation that the provider runs at a URL, and gives the operation's id.
    ///
    /// Its inputs are the string `word`, the json `more` and the asset `table`, all optional. `run` are further members of
    /// its run in YAML; without `outputs`, the output is the string `said`.
    package func endpoint(
        _ url: String,
        run: String = "",
        outputs: String = "said: {type: string}",
        name: String = "remote"
    ) async throws -> String {
        try await register(
            """
            name: \(name)
            version: 1.0.0
            operations:
              run:
                inputs:
                  word: {type: string, required: false, default: none}
                  more: {type: json, required: false}
                  table: {type: asset, required: false}
                outputs: {\(outputs)}
                run: {engine: http, url: "\(url)"\(run.isEmpty ? "" : ", " + run)}
            """
        ).operations[0].asset.description
    }
}
