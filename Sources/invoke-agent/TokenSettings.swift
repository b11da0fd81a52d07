import Foundation
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeTokens
import InvokeWire
import Logging
import OrderedCollections

/// Whose purchase tokens the agent takes, beside the purchases made on it.
struct TokenSettings: Sendable {
    private let issuers: (file: String, entries: [Entry])?
    private let checker: (url: String, secret: [UInt8])?

    /// One member of the file of `tokens.issuers`.
    private struct Entry {
        let name: String
        let keys: String
        let allowsBearers: Bool
    }

    /// - Throws: `Stop.badConfiguration` for a file that is not as it should be, and for a checker without its secret.
    init(issuers file: String?, checker url: String?, secret: String?) throws {
        issuers = try file.map { file in (file, try Self.entries(of: file)) }
        let key = secret.flatMap(MessageSignature.secret)
        guard (secret == nil) == (key == nil) else {
            throw Stop.badConfiguration(
                "the setting \"\(Setting.tokenCheckerSecret.rawValue)\" must be whsec_ and the base64 of 24 to 64 bytes"
            )
        }
        guard (url == nil) == (key == nil) else {
            throw Stop.badConfiguration(
                "the settings \"\(Setting.tokenChecker.rawValue)\" and \"\(Setting.tokenCheckerSecret.rawValue)\" go together"
            )
        }
        checker = if let url, let key { (url, key) } else { nil }
    }

    /// Those who decide about tokens, asked as the guard allows.
    /// - Throws: `Stop.badConfiguration` for a URL that may not be called.
    func verifiers(
        _ outbound: OutboundGuard,
        now: @escaping @Sendable () -> Date,
        _ logger: Logger
    ) throws -> TokenVerifiers {
        let client = OutboundClient(
            userAgent: "invoke-agent/\(agentVersion)",
            connectTimeout: .seconds(3),
            logger: logger
        )
        let issuers = try trusted(by: outbound)
        let signed = SignedTokenVerifier(issuers: issuers, client: client, outbound: outbound, now: now, logger: logger)
        let external = try asked(by: outbound).map { url, secret in
            ExternalTokenVerifier(
                url: url,
                secret: secret,
                client: client,
                outbound: outbound,
                now: now,
                logger: logger
            )
        }
        return TokenVerifiers(signed: issuers.isEmpty ? nil : signed, external: external)
    }

    /// The issuers, their URLs judged by the guard.
    private func trusted(by outbound: OutboundGuard) throws -> [TokenIssuer] {
        guard let issuers else { return [] }
        return try issuers.entries.map { entry in
            let keys: KeyLocation
            if entry.keys.contains("://") {
                keys = .url(try Self.check(entry.keys, outbound, in: issuers.file))
            } else {
                // A path is seen from where the file is.
                let folder = URL(fileURLWithPath: issuers.file).deletingLastPathComponent()
                keys = .file(URL(fileURLWithPath: entry.keys, relativeTo: folder).path)
            }
            return TokenIssuer(name: entry.name, keys: keys, allowsBearers: entry.allowsBearers)
        }
    }

    /// Who is asked about other tokens, and the secret that signs the questions.
    private func asked(by outbound: OutboundGuard) throws -> (url: OutboundURL, secret: [UInt8])? {
        try checker.map { checker in
            let place = "the setting \"\(Setting.tokenChecker.rawValue)\""
            return (try Self.check(checker.url, outbound, in: place), checker.secret)
        }
    }

    private static func check(_ url: String, _ outbound: OutboundGuard, in place: String) throws -> OutboundURL {
        do { return try outbound.check(url) } catch { throw Stop.badConfiguration("\(place): \(error.message)") }
    }

    private static func entries(of file: String) throws -> [Entry] {
        func wrong(_ reason: String) -> Stop { .badConfiguration("\(file): \(reason)") }
        let document: JSON
        do {
            document = try JSON(yaml: Array(Data(contentsOf: URL(fileURLWithPath: file))))
        } catch let refusal as Refusal {
            throw wrong(refusal.message)
        } catch {
            throw wrong("can't be read: \(error.localizedDescription)")
        }
        guard let listed = document.array else { throw wrong("must be a list of issuers") }
        let entries = try listed.enumerated().map { number, value in
            guard let members = value.object else { throw wrong("item \(number + 1) must have `issuer` and `keys`") }
            let known = ["issuer", "keys", "bearer"]
            if let unknown = members.keys.first(where: { !known.contains($0) }) {
                let advice = nearestName(to: unknown, among: known).map { " Did you mean \"\($0)\"?" } ?? ""
                throw wrong("item \(number + 1) has an unknown member \"\(unknown)\".\(advice)")
            }
            guard let name = members["issuer"]?.string, let keys = members["keys"]?.string, !name.isEmpty, !keys.isEmpty
            else { throw wrong("item \(number + 1) must have the texts `issuer` and `keys`") }
            guard let bearer = members["bearer"] else { return Entry(name: name, keys: keys, allowsBearers: false) }
            guard let bearer = bearer.bool else { throw wrong("item \(number + 1): `bearer` must be true or false") }
            return Entry(name: name, keys: keys, allowsBearers: bearer)
        }
        guard Set(entries.map(\.name)).count == entries.count else { throw wrong("names an issuer twice") }
        return entries
    }
}
