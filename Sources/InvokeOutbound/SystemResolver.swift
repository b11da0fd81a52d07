import Foundation
import Glibc

/// The name servers have given no answer: another time they may.
package struct NameServersSilent: Error {
    package init() {}
}

/// Looks up host names as the machine is configured to.
package enum SystemResolver {
    /// All IPv4 and IPv6 addresses of a name, the ones most likely to be reached first (RFC 6724).
    /// - Throws: `NameServersSilent`; `CancellationError`, when the lookup itself goes on and ends unheard.
    package static func addresses(of host: String) async throws -> [IPAddress] {
        let (answers, answer) = AsyncStream.makeStream(of: Result<[IPAddress], NameServersSilent>.self)
        // The C function blocks for as long as name servers are silent: it gets a thread of its own.
        Thread.detachNewThread {
            answer.yield(Result { () throws(NameServersSilent) in try lookUp(host) })
            answer.finish()
        }
        for await answer in answers { return try answer.get() }
        throw CancellationError()
    }

    private static func lookUp(_ host: String) throws(NameServersSilent) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var head: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &head)
        guard code != EAI_AGAIN else { throw NameServersSilent() }
        guard code == 0 else { return [] }
        defer { freeaddrinfo(head) }
        return sequence(first: head, next: { $0?.pointee.ai_next }).compactMap { entry in
            entry.flatMap { address(of: $0.pointee) }
        }
    }

    private static func address(of entry: addrinfo) -> IPAddress? {
        guard let socket = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET:
            let address = socket.loadUnaligned(as: sockaddr_in.self).sin_addr
            return withUnsafeBytes(of: address) { IPAddress(bytes: Array($0)) }
        case AF_INET6:
            let address = socket.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return withUnsafeBytes(of: address) { IPAddress(bytes: Array($0)) }
        default:
            return nil
        }
    }
}
