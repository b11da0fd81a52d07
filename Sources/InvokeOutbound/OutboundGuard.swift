package import InvokeModel

/// Decides which URLs of other people the agent may call, so that nobody reaches into its own network through it
/// (reliability promise S4).
///
/// `check` judges the text, for admission. `resolve` judges every address behind it, before each call; the call has to
/// go to an address of its answer, because a second lookup may be answered differently.
package struct OutboundGuard: Sendable {
    /// Finds all addresses of a host name.
    package typealias Resolver = @Sendable (_ host: String) async throws -> [IPAddress]

    private let networks: [Network]
    private let hosts: Set<String>
    private let addresses: Resolver

    /// - Parameters:
    ///   - entries: the operator's exceptions (`outbound.allow`): networks (`127.0.0.0/8`), addresses, and host names
    ///     (`hooks.lan`, wherever they lead). Plain http is for them only.
    ///   - resolver: replaced in tests.
    /// - Throws: `AllowListFault` for an entry that is none of these.
    package init(
        allowing entries: [String],
        resolver: @escaping Resolver = SystemResolver.addresses(of:)
    ) throws(AllowListFault) {
        var networks: [Network] = []
        var hosts: Set<String> = []
        for entry in entries {
            if let network = Network(entry) {
                networks.append(network)
            } else if let host = OutboundURL.Host.canonicalName(entry) {
                hosts.insert(host)
            } else {
                throw AllowListFault(entry: entry)
            }
        }
        self.networks = networks
        self.hosts = hosts
        addresses = resolver
    }

    /// Judges the text of a URL; asks nobody.
    /// - Throws: `invalidWebhook` for what is not a plain absolute URL; `blockedURL` for one that can't be allowed
    ///   whatever its name leads to.
    package func check(_ text: String) throws(Refusal) -> OutboundURL {
        let url = try OutboundURL(text)
        switch url.host {
        case .address(let address):
            guard mayReach(address, through: url) else { throw refusal(of: url) }
        case .name(let name):
            // With networks allowed, only the addresses of the name can tell.
            guard url.scheme == .https || hosts.contains(name) || !networks.isEmpty else { throw refusal(of: url) }
        }
        return url
    }

    /// Finds the addresses behind a URL, all of which have to be allowed.
    /// - Throws: a fault that is blocked, the same for a name that is not known as for one that leads inside, so that
    ///   nobody can explore internal names; one that is not when no name can be looked up at the moment.
    package func resolve(_ url: OutboundURL) async throws(OutboundFault) -> ResolvedURL {
        let found: [IPAddress]
        switch url.host {
        case .address(let address): found = [address]
        case .name(let name):
            do { found = try await addresses(name) } catch is NameServersSilent {
                throw OutboundFault(reason: "Names of hosts can't be looked up at the moment.")
            } catch {
                throw blocked(url)
            }
        }
        guard let first = found.first, found.allSatisfy({ mayReach($0, through: url) }) else { throw blocked(url) }
        return ResolvedURL(url: url, first: first, others: Array(found.dropFirst()))
    }

    private func mayReach(_ address: IPAddress, through url: OutboundURL) -> Bool {
        if case .name(let name) = url.host, hosts.contains(name) { return true }
        if networks.contains(where: { $0.contains(address) }) { return true }
        return url.scheme == .https && address.isGlobalUnicast
    }

    private func blocked(_ url: OutboundURL) -> OutboundFault {
        OutboundFault(reason: refusal(of: url).message, isBlocked: true)
    }

    private func refusal(of url: OutboundURL) -> Refusal {
        let rule =
            url.scheme == .https
            ? "it has to lead to public addresses only"
            : "plain http is not for public addresses, use https"
        return Refusal(
            .blockedURL,
            "The agent may not call \(url.endpoint): \(rule), unless the agent's operator allows it (outbound.allow)."
        )
    }
}
