import ArgumentParser
import Foundation
import InvokeModel
import InvokeTokens

/// `invoke-agent token issue-purchase`.
struct IssuePurchaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue-purchase",
        abstract: "Sign a purchase token: proof that somebody has paid for an asset.",
        discussion: """
            The token goes to the agent in the header Purchase-Token (for an operation) or as the `purchasetoken` of an \
            input asset. The agent has to know the issuer and his key set (tokens.issuers).

            Example:
              invoke-agent token issue-purchase --key market/KID.private.jwk \\
                --issuer https://market.example --asset did:dep:AGENT/ASSET \\
                --consumer ACCOUNT --uses 1 --expires 24h
            """
    )

    @Option(help: "The file of the private key, as create-key writes it.")
    var key: String

    @Option(help: "The issuer's name, as the agent knows it.")
    var issuer: String

    @Option(help: "The DID of the asset or operation: did:dep:, the agent's id, a slash, the asset's id.")
    var asset: String

    @Option(
        help: "The id of the account that may use the token. (default: whoever bears it, where the agent allows that)"
    )
    var consumer: String?

    @Option(help: "How many jobs the token pays for. (default: any number until it expires)")
    var uses: Int?

    @Option(help: "How long the token holds, such as 30m or 24h.")
    var expires: String = "24h"

    @Option(help: "The seller's own name for the purchase. (default: drawn)")
    var purchase: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        _ = try claims()
        guard !issuer.isEmpty else { throw ValidationError("--issuer must not be empty") }
    }

    func run() async throws {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: key)) else {
            throw ValidationError("--key: \(key) can't be read")
        }
        guard let jwk = try? JSON(parsing: Array(bytes)), let key = await SigningKey(jwk: jwk) else {
            throw ValidationError("--key: \(key) is not a private key as `token create-key` writes it")
        }
        let claims = try claims()
        let token = try key.sign(claims)
        Printer(output, View(id: "token", View.Column("Token", "token")))
            .print(["token": .string(token), "claims": claims.json])
    }

    private func claims() throws -> PurchaseClaims {
        guard let did = DID(asset), did.asset != nil else {
            throw ValidationError("--asset must be the whole DID of an asset: did:dep:<agent>/<asset>")
        }
        let account = consumer.flatMap { AccountID($0) }
        guard consumer == nil || account != nil else {
            throw ValidationError("--consumer must be the id of an account: 64 hexadecimal digits")
        }
        guard uses ?? 1 >= 1 else { throw ValidationError("--uses must be a whole number from 1") }
        guard let lifetime = Duration(text: expires), lifetime >= .seconds(1) else {
            throw ValidationError("--expires must be a duration such as 30m or 24h")
        }
        guard purchase != "" else { throw ValidationError("--purchase must not be empty") }
        return PurchaseClaims(
            issuer: issuer,
            audience: DID(agent: did.agent),
            subject: account,
            asset: did,
            purchase: purchase ?? Hex32.random().description,
            expires: Date(timeIntervalSinceNow: Double(lifetime.milliseconds) / 1000),
            uses: uses
        )
    }
}
