import Foundation
import InvokeOutbound
import Logging
import NIOPosix

/// The keys of one issuer.
///
/// A file is read at every use, so what is in it counts at once. What came from a URL is kept for an hour and asked for
/// again when a token names a key that is not in it; but not within ten seconds, whatever strangers send.
actor IssuerKeys {
    private let issuer: TokenIssuer
    private let client: OutboundClient
    private let outbound: OutboundGuard
    private let patience: Duration
    private let now: @Sendable () -> Date
    private let logger: Logger
    private var kept: (keys: KeySet, at: Date)?
    private var lastTry: Date?
    private var lastTryFailed = false
    private var loading: Task<Void, Never>?

    private static let lifetime: TimeInterval = 3600
    private static let pause: TimeInterval = 10

    init(
        of issuer: TokenIssuer,
        client: OutboundClient,
        outbound: OutboundGuard,
        patience: Duration,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.issuer = issuer
        self.client = client
        self.outbound = outbound
        self.patience = patience
        self.now = now
        self.logger = logger
    }

    /// - Returns: nil when the issuer has no such key.
    /// - Throws: `undecided` when his keys can't be read.
    func key(_ kid: String) async throws(TokenFault) -> TokenKey? {
        switch issuer.keys {
        case .file(let path):
            guard let keys = await read(path) else { throw fault }
            return keys[kid]
        case .url(let url):
            if let key = current?[kid] { return key }
            await load(url)
            guard let keys = current else { throw fault }
            if keys[kid] == nil, lastTryFailed { throw fault }
            return keys[kid]
        }
    }

    /// The keys that were fetched within the last hour.
    private var current: KeySet? {
        kept.flatMap { now().timeIntervalSince($0.at) < Self.lifetime ? $0.keys : nil }
    }

    private var fault: TokenFault {
        .undecided("The keys of the issuer \(issuer.name) can't be read at the moment.")
    }

    /// Fetches the keys, once for all who wait for them.
    private func load(_ url: OutboundURL) async {
        if loading == nil, lastTry.map({ now().timeIntervalSince($0) >= Self.pause }) ?? true {
            lastTry = now()
            loading = Task {
                let keys = await fetch(url)
                if let keys { kept = (keys, now()) }
                lastTryFailed = keys == nil
                loading = nil
            }
        }
        await loading?.value
    }

    private func fetch(_ url: OutboundURL) async -> KeySet? {
        do throws(OutboundFault) {
            let request = OutboundRequest(.get, headers: [("accept", "application/json")])
            let answer = try await client.send(request, to: url, through: outbound, within: patience)
            guard answer.status == 200, answer.isWhole, let keys = await KeySet(answer.body) else {
                throw OutboundFault(reason: "HTTP \(answer.status) without a key set of at most 64 KiB.")
            }
            return keys
        } catch {
            warn(error.reason)
            return nil
        }
    }

    private func read(_ path: String) async -> KeySet? {
        let bytes = try? await NIOThreadPool.singleton.runIfActive {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            return try file.read(upToCount: KeySet.maximumBytes + 1).map(Array.init) ?? []
        }
        let keys: KeySet? = if let bytes { await KeySet(bytes) } else { nil }
        if keys == nil {
            warn(bytes == nil ? "The file can't be read." : "The file is not a key set of at most 64 KiB.")
        }
        return keys
    }

    private func warn(_ reason: String) {
        logger.warning(
            "the keys of a token issuer can't be read",
            metadata: ["issuer": "\(issuer.name)", "reason": "\(reason)"]
        )
    }
}
