import InvokeModel

/// An absolute http or https URL in canonical spelling, made by `OutboundGuard.check`, or from one that was.
package struct OutboundURL: Sendable, Hashable, CustomStringConvertible {
    package enum Scheme: String, Sendable {
        case http, https
    }

    package enum Host: Sendable, Hashable, CustomStringConvertible {
        /// Lower case, without a final dot.
        case name(String)
        case address(IPAddress)

        /// As in a URL: an IPv6 address is in brackets.
        package var description: String {
            switch self {
            case .name(let name): name
            case .address(let address): address.isIPv6 ? "[\(address)]" : address.description
            }
        }
    }

    package let scheme: Scheme
    package let host: Host
    package let port: Int
    /// Path and query; begins with a slash.
    package let target: String

    /// Scheme, host and port: what one server is known by. The port is left out where the scheme implies it.
    package var endpoint: String { "\(scheme.rawValue)://\(authority)" }

    /// Host and port, as `Host` names the server; the port is left out where the scheme implies it.
    var authority: String { "\(host)" + (port == (scheme == .https ? 443 : 80) ? "" : ":\(port)") }

    package var description: String { endpoint + target }

    /// The longest URL that is taken, in bytes.
    package static let maximumLength = 2048

    /// Reads the one plain spelling of a URL. Spellings that readers of URLs disagree on are refused, not repaired.
    /// - Throws: `invalidWebhook` with what is wrong and how to write it; `blockedURL` for a port that is not allowed.
    init(_ text: String) throws(Refusal) {
        try Self.checkCharacters(text)
        var rest = Substring(text)
        if rest.removePrefix("https://") {
            scheme = .https
        } else if rest.removePrefix("http://") {
            scheme = .http
        } else {
            throw .malformedURL("must begin with https://")
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        let tail = rest[end...]
        target = tail.hasPrefix("/") ? String(tail) : "/" + tail
        guard !authority.contains("@") else { throw .malformedURL("must not hold a user name or password") }
        let (host, port) = try Self.split(authority)
        self.host = try Host(host)
        self.port = try port.map { text throws(Refusal) in try Self.port(text) } ?? (scheme == .https ? 443 : 80)
    }

    private init(_ url: OutboundURL, target: String) {
        (scheme, host, port) = (url.scheme, url.host, url.port)
        self.target = target
    }

    /// The same server, asked for something else.
    func asked(for target: RequestTarget) -> OutboundURL { OutboundURL(self, target: target.text) }

    /// The characters of RFC 3986 only. Others (spaces, line ends, backslashes, digits of other scripts) are read
    /// differently by different programs.
    private static func checkCharacters(_ text: String) throws(Refusal) {
        guard text.utf8.count <= maximumLength else { throw .malformedURL("is longer than \(maximumLength) bytes") }
        guard !text.utf8.contains(0x23) else { throw .malformedURL("must not have a fragment (#…)") }
        let marks = Array("-._~:/?[]@!$&'()*+,;=%".utf8)
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: marks.contains(byte)
            }
        }
        guard isPlain else {
            throw .malformedURL("has a character that must be percent-encoded, or a host not in ASCII (xn--…)")
        }
        let escapes = text.split(separator: "%", omittingEmptySubsequences: false).dropFirst()
        guard escapes.allSatisfy({ $0.prefix(2).count == 2 && $0.prefix(2).allSatisfy(\.isHexDigit) }) else {
            throw .malformedURL("has a % that two hexadecimal digits don't follow")
        }
    }

    private static func split(_ authority: Substring) throws(Refusal) -> (host: Substring, port: Substring?) {
        let hostEnd: Substring.Index
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { throw .malformedURL("has an unclosed [") }
            hostEnd = authority.index(after: bracket)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        let host = authority[..<hostEnd]
        let rest = authority[hostEnd...]
        guard !host.isEmpty else { throw .malformedURL("has no host") }
        if rest.isEmpty { return (host, nil) }
        guard rest.hasPrefix(":") else { throw .malformedURL("has text after its [address]") }
        return (host, rest.dropFirst())
    }

    /// 443, 80, and what needs no privilege to listen on: services below 1024 (mail, name service, remote shells) read
    /// requests as commands, and no webhook receiver lives there.
    private static func port(_ text: Substring) throws(Refusal) -> Int {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text.utf8.first != 0x30, let port = Int(text), port <= 65535
        else { throw .malformedURL("has a port that is not a number from 1 to 65535") }
        guard port == 443 || port == 80 || port >= 1024 else {
            throw Refusal(.blockedURL, "Port \(port) may not be called: only 443, 80, and 1024 and above.")
        }
        return port
    }
}

extension OutboundURL.Host {
    fileprivate init(_ text: Substring) throws(Refusal) {
        if text.hasPrefix("[") {
            guard let address = IPAddress(text.dropFirst().dropLast()), text.utf8.contains(0x3A) else {
                throw .malformedURL("has brackets around what is not an IPv6 address without a zone")
            }
            self = .address(address)
        } else if let address = IPAddress(text) {
            self = .address(address)
        } else {
            self = .name(try Self.name(text))
        }
    }

    /// Reads a name of letters, digits, `-` and `_`. The last label begins with a letter: otherwise some resolvers read
    /// the host as a number, an IPv4 address in disguise.
    fileprivate static func name(_ text: Substring) throws(Refusal) -> String {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.first != 0x2D && label.utf8.last != 0x2D
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                    default: false
                    }
                }
        }
        guard isPlain, text.utf8.count <= 253 else {
            throw .malformedURL("has a host that is not a plain name, an IPv4 address or an IPv6 address in brackets")
        }
        guard let first = labels.last?.first, first.isLetter else {
            throw .malformedURL("has a host that ends like a number; write an IPv4 address as four decimal numbers")
        }
        return text.lowercased()
    }

    /// The canonical spelling of a host name.
    /// - Returns: nil for what is not a plain name.
    static func canonicalName(_ text: String) -> String? {
        try? name(Substring(text))
    }
}

extension Refusal {
    fileprivate static func malformedURL(_ what: String) -> Refusal {
        Refusal(.invalidWebhook, "The URL \(what).")
    }
}

extension Substring {
    /// Drops an ASCII prefix in any case.
    /// - Returns: whether it was there.
    fileprivate mutating func removePrefix(_ prefix: String) -> Bool {
        guard utf8.count >= prefix.utf8.count, self.prefix(prefix.count).lowercased() == prefix else { return false }
        removeFirst(prefix.count)
        return true
    }
}
