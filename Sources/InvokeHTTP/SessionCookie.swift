import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel

/// The cookie that holds a browser's session (RFC 6265). No script can read it, and other sites' pages can't use it.
struct SessionCookie {
    private let name: String

    /// Agents that share a host, on several ports, share its cookies too: each has a name of its own.
    init(of agent: Agent) { name = "invoke_session_\(agent.id.description.prefix(8))" }

    /// The session's token in a request; nil without one.
    func token(in request: Request) -> String? {
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0].trimmingSpaces == name { return parts[1].trimmingSpaces }
            }
        }
        return nil
    }

    /// `Set-Cookie` for a session that ends after `lifetime`; for one that has ended, without a token.
    func header(_ token: String?, lifetime: Duration, isSecure: Bool) -> HTTPField {
        let seconds = token == nil ? 0 : lifetime.components.seconds
        let secure = isSecure ? "; Secure" : ""
        return HTTPField(
            name: .setCookie,
            value: "\(name)=\(token ?? ""); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax\(secure)"
        )
    }

    /// What a cookie pays for has to come from our own pages, unless it only reads: browsers send cookies along with what
    /// other sites' pages make them send.
    /// - Throws: `forbidden`.
    static func checkOrigin(of request: Request) throws(Refusal) {
        if [.get, .head, .options].contains(request.method) { return }
        let isOurs =
            if let site = request.headers[.secFetchSite] {
                site == "same-origin"
            } else if let origin = request.headers[.origin].flatMap(URLComponents.init(string:)), let host = origin.host
            {
                request.head.authority == host + (origin.port.map { ":\($0)" } ?? "")
            } else {
                false
            }
        guard isOurs else {
            throw Refusal(
                .forbidden,
                "A session's cookie changes things only from the agent's own pages. Programs send `Authorization`."
            )
        }
    }
}
