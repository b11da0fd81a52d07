import Crypto
import Foundation
import InvokeModel
import InvokeOutbound
import InvokeTesting
import InvokeTokens
import Logging
import OrderedCollections
import Synchronization

/// Somebody who sells an asset of an agent and signs tokens with keys of his own, as his own program would.
final class Market: Sendable {
    enum Signer: Sendable {
        case ed25519(Curve25519.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
    }

    static let name = "https://market.example"

    let folder: TemporaryFolder
    let use = TokenUse(agent: .random(), asset: .random(), operation: .random(), consumer: .random())
    let ed25519 = Signer.ed25519(Curve25519.Signing.PrivateKey())
    let p256 = Signer.p256(P256.Signing.PrivateKey())
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    /// Publishes both keys in a file.
    init() throws {
        folder = try TemporaryFolder()
        try publish(Market.keySet(["ed": ed25519, "es": p256]))
    }

    var now: Date { time.withLock { $0 } }
    func advance(by seconds: TimeInterval) { time.withLock { $0 += seconds } }

    var file: String { folder.path + "/keys.json" }

    func publish(_ keySet: String) throws {
        try Data(keySet.utf8).write(to: URL(fileURLWithPath: file))
    }

    /// A verifier that trusts this market.
    func verifier(
        keys: KeyLocation? = nil,
        bearers: Bool = false,
        outbound: OutboundGuard? = nil,
        patience: Duration = .seconds(30)
    ) throws -> SignedTokenVerifier {
        SignedTokenVerifier(
            issuers: [TokenIssuer(name: Self.name, keys: keys ?? .file(file), allowsBearers: bearers)],
            client: .forTests,
            outbound: try outbound ?? OutboundGuard(allowing: ["127.0.0.0/8"]),
            patience: patience,
            now: { [self] in now },
            logger: .silent
        )
    }

    /// What a good token says, with changes; a nil takes a claim out.
    func claims(_ changes: KeyValuePairs<String, JSON?> = [:]) -> JSON {
        var claims: OrderedDictionary<String, JSON> = [
            "iss": .string(Self.name), "aud": .string("did:dep:\(use.agent)"),
            "sub": .string(use.consumer.description), "asset": .string("did:dep:\(use.agent)/\(use.asset)"),
            "purchase": "order 1", "jti": "token 1", "exp": seconds(60),
        ]
        for (name, value) in changes { claims[name] = value }
        return .object(claims)
    }

    /// A time from now, as claims write it.
    func seconds(_ fromNow: Int) -> JSON { .number(JSONNumber(Int(now.timeIntervalSince1970) + fromNow)) }

    /// A token signed with the Ed25519 key, called `ed`, unless another is named.
    func token(_ claims: JSON? = nil, by signer: Signer? = nil, header: JSON? = nil) throws -> String {
        let signer = signer ?? ed25519
        let header = header ?? ["alg": .string(signer.algorithm), "kid": .string(signer.kid)]
        return try Market.token(header, claims ?? self.claims()) { try signer.signature(of: $0) }
    }

    static func token(_ header: JSON, _ payload: JSON, sign: ([UInt8]) throws -> Data) rethrows -> String {
        let signed = base64url(header.bytes()) + "." + base64url(payload.bytes())
        return signed + "." + base64url(Array(try sign(Array(signed.utf8))))
    }

    /// Keys of kinds that are not ours stand between ours.
    static func keySet(_ keys: KeyValuePairs<String, Signer>) -> String {
        let ours = keys.map { #"{"kid":"\#($0.key)",\#($0.value.jwk)}"# }
        let others = [#"{"kid":"rsa","kty":"RSA","n":"AQAB","e":"AQAB"}"#, #"{"kid":"s","kty":"oct","k":"AA"}"#]
        return #"{"keys":[\#((others + ours).joined(separator: ","))]}"#
    }

    static func base64url(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension Market.Signer {
    var algorithm: String { if case .p256 = self { "ES256" } else { "EdDSA" } }
    var kid: String { if case .p256 = self { "es" } else { "ed" } }

    func signature(of message: [UInt8]) throws -> Data {
        switch self {
        case .ed25519(let key): try key.signature(for: message)
        case .p256(let key): try key.signature(for: message).rawRepresentation
        }
    }

    /// The public half.
    var bytes: [UInt8] {
        switch self {
        case .ed25519(let key): Array(key.publicKey.rawRepresentation)
        case .p256(let key): Array(key.publicKey.rawRepresentation)
        }
    }

    fileprivate var jwk: String {
        switch self {
        case .ed25519: #""kty":"OKP","crv":"Ed25519","x":"\#(Market.base64url(bytes))""#
        case .p256:
            #""kty":"EC","crv":"P-256","x":"\#(Market.base64url(Array(bytes.prefix(32))))","#
                + #""y":"\#(Market.base64url(Array(bytes.suffix(32))))""#
        }
    }
}

extension OutboundClient {
    static let forTests = OutboundClient(userAgent: "test", connectTimeout: .seconds(3), logger: .silent)
}

extension Logger {
    static var silent: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

extension TokenVerifier {
    /// Why a token is refused; nil when it is taken.
    func fault(_ token: String, for use: TokenUse) async -> TokenFault? {
        do throws(TokenFault) {
            _ = try await verify(token, for: use)
            return nil
        } catch {
            return error
        }
    }
}

extension TokenFault {
    var isInvalid: Bool { if case .invalid = self { true } else { false } }
    var isUndecided: Bool { if case .undecided = self { true } else { false } }
}
