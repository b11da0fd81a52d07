import Foundation
import HTTPTypes
import Hummingbird
import InvokeModel
import InvokeWire
import NIOCore

/// Login and logout.
enum LoginPages {
    static func add(to pages: Pages) {
        pages.get("/ui/login") { visit in login(visit, status: .ok) }
        pages.post("/ui/login") { visit in
            let form = try await visit.form()
            let credentials: JSON = [
                "username": .string(form["username"] ?? ""), "password": .string(form["password"] ?? ""),
            ]
            let (response, body) = try await visit.call(.post, "/session", credentials)
            guard response.status == .ok else {
                return login(visit, username: form["username"], refusal: body, status: response.status)
            }
            return onwards(to: next(after: visit), after: response)
        }
        pages.post("/ui/logout") { visit in
            let (response, body) = try await visit.call(.delete, "/session")
            guard response.status == .noContent else {
                throw Unanswered(status: response.status.code, body: body)
            }
            return onwards(to: "/ui", after: response)
        }
    }

    /// With the cookie that the API has set or taken away.
    private static func onwards(to path: String, after answer: Response) -> Response {
        var onwards = Response.seeOther(path)
        onwards.headers[values: .setCookie] = answer.headers[values: .setCookie]
        return onwards
    }

    private static func login(
        _ visit: Visit,
        username: String? = nil,
        refusal: JSON? = nil,
        status: HTTPResponse.Status
    ) -> Response {
        var content: [String: Any] = ["action": "/ui/login?next=\(Paths.escape(next(after: visit)))"]
        content["username"] = username
        if let refusal {
            content["message"] =
                status == .unauthorized ? "Username or password is wrong." : refusal["description"]?.string
        }
        return visit.page("login", nil, title: "Log in", content, status: status)
    }

    /// Where to go after the login: a page of ours, never another site's.
    private static func next(after visit: Visit) -> String {
        guard let next = visit.query("next"), next == "/ui" || next.hasPrefix("/ui/") || next.hasPrefix("/ui?"),
            !next.contains("\\"), !next.hasPrefix("/ui/login"), next.unicodeScalars.allSatisfy({ $0.value > 0x20 })
        else { return "/ui" }
        return next
    }
}

extension Visit {
    /// The fields of a form that the browser sent by itself.
    /// - Throws: `Unanswered` for a body of more than 64 KiB.
    func form() async throws -> Query {
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            bytes.append(contentsOf: buffer.readableBytesView)
            guard bytes.count <= 64 << 10 else { throw Unanswered(status: 413, body: .null) }
        }
        return Query(FormFields.read(String(decoding: bytes, as: UTF8.self)))
    }
}
