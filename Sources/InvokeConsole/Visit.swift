import Foundation
import HTTPTypes
import Hummingbird
import InvokeModel
import InvokeWire
import Mustache
import NIOCore

/// One request of a browser for a page.
struct Visit: Sendable {
    let request: Request
    /// Nil as long as nobody has logged in.
    let viewer: Account?
    /// The parameters of the address; empty ones count as absent.
    let query: Query
    private let parameters: Parameters
    private let files: ConsoleFiles
    private let fragments: Fragments
    private let api: Console.API

    init(
        _ request: Request,
        by visitor: Console.Visitor,
        parameters: Parameters,
        files: ConsoleFiles,
        fragments: Fragments
    ) {
        self.request = request
        (viewer, api) = visitor
        self.parameters = parameters
        self.files = files
        self.fragments = fragments
        query = Query(FormFields.read(request.uri.query ?? ""))
    }

    var path: String { request.uri.path }

    /// Path and query.
    var address: String { request.uri.string }

    func query(_ name: String) -> String? { query[name] }

    /// A part of the path, percent-decoded.
    func parameter(_ name: String) -> String {
        let text = parameters.get(name) ?? ""
        return text.removingPercentEncoding ?? text
    }

    /// What the API answers to a GET.
    /// - Throws: `Unanswered` for a refusal.
    func get(_ path: String) async throws -> JSON {
        let (response, bytes) = try await send(.get, path)
        let body = (try? JSON(parsing: bytes, limits: Self.limits)) ?? .null
        guard response.status == .ok else { throw Unanswered(status: response.status.code, body: body) }
        return body
    }

    /// The list that the API answers to a GET with: the member `name` of the answer, or the answer itself without a name.
    /// - Throws: `Unanswered` for a refusal.
    func answeredList(_ path: String, _ name: String?) async throws -> JSONList {
        let (response, bytes) = try await send(.get, path)
        guard response.status == .ok else {
            throw Unanswered(status: response.status.code, body: (try? JSON(parsing: bytes)) ?? .null)
        }
        return try JSONList(name, in: bytes)
    }

    /// What the API answers to a GET; nil for what there is not, or what the viewer may not see.
    func find(_ path: String) async throws -> JSON? {
        do {
            return try await get(path)
        } catch let unanswered as Unanswered where [403, 404].contains(unanswered.status) {
            return nil
        }
    }

    /// A text of the API that is not JSON, such as a log; nil for what there is not.
    func text(_ path: String) async throws -> String? {
        let (response, bytes) = try await send(.get, path)
        return response.status.code == 200 ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// Whether the viewer can read the content at a path, with its size in bytes and its SHA3-256; not a byte of it is read.
    func contentFacts(_ path: String) async throws -> StoredContent {
        let (response, _) = try await send(.head, path)
        guard response.status == .ok, let size = response.headers[.contentLength].flatMap({ Int($0) }) else {
            return response.status == .forbidden ? .unpaid : .none
        }
        return .here(size: size, hash: (response.headers[.eTag] ?? "").filter { $0 != "\"" })
    }

    /// Calls the API, for a form that works without scripts.
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: JSON? = nil
    ) async throws -> (response: Response, body: JSON) {
        let (response, bytes) = try await send(method, path, body)
        return (response, (try? JSON(parsing: bytes)) ?? .null)
    }

    /// Only admins see what this is called for.
    /// - Throws: `Unanswered`, as for a page that there is not.
    func needAdmin() throws {
        guard viewer != nil else { throw Unanswered(status: 401, body: .null) }
        guard viewer?.isAdmin == true else { throw Unanswered(status: 404, body: .null) }
    }

    /// Renders a template in the console's frame. `styles` and `scripts` are files of `static/`; below a page of a list of
    /// the API's, the partial `pager` leads to the other pages.
    func page(
        _ template: String,
        _ section: Section?,
        title: String,
        _ content: [String: Any] = [:],
        below list: JSON? = nil,
        styles: [String] = [],
        scripts: [String] = [],
        status: HTTPResponse.Status = .ok
    ) -> Response {
        var content = content
        if let list {
            content["first"] = query("cursor").map { _ in path + query.with("cursor", nil).text }
            content["next"] = list["next_cursor"]?.string.map { path + query.with("cursor", $0).text }
        }
        let text = text(template, section, title: title, content, styles: styles, scripts: scripts)
        return Self.response(ByteBuffer(string: text), status: status)
    }

    /// The text of a page in the console's frame.
    func text(
        _ template: String,
        _ section: Section?,
        title: String,
        _ content: [String: Any],
        styles: [String],
        scripts: [String]
    ) -> String {
        var context = content
        context["title"] = title
        context["static"] = "/ui/static/\(files.stamp)"
        context["styles"] = styles
        context["scripts"] = scripts
        context["here"] = Paths.escape(address)
        if let section { context["in"] = [section.rawValue: true] }
        if let viewer {
            context["viewer"] = [
                "name": viewer.username, "isAdmin": viewer.isAdmin, "isProvider": viewer.roles.contains(.provider),
            ]
        }
        return render(template, context)
    }

    func render(_ template: String, _ content: [String: Any]) -> String {
        files.templates.render(content, withTemplate: template) ?? ""
    }

    /// What a template has rendered for the viewer, of this input and of nothing else, in parts.
    func fragment(_ template: String, of input: ArraySlice<UInt8>, render: () -> [String]) -> [[UInt8]] {
        fragments.parts(Fragments.Key(viewer: viewer, template: template, input: input), render: render)
    }

    static func response(_ text: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: headers, body: ResponseBody(byteBuffer: text))
    }

    private static let headers: HTTPFields = [.contentType: "text/html; charset=utf-8"]

    /// For what the API answers.
    static var limits: JSONLimits { JSONLimits(depth: 64, nodes: 1_000_000, keyBytes: 1 << 16) }

    /// What the API takes a caller by.
    private static let credentials: [HTTPField.Name] =
        [.cookie, .authorization, .origin] + [HTTPField.Name("Sec-Fetch-Site")].compactMap(\.self)

    /// Calls the API as the browser would: from its address and, where the API does not know the viewer, with its
    /// credentials.
    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: JSON? = nil
    ) async throws -> (response: Response, bytes: [UInt8]) {
        var head = HTTPRequest(
            method: method,
            scheme: request.head.scheme,
            authority: request.head.authority,
            path: path
        )
        if viewer == nil || ![.get, .head].contains(method) {
            for name in Self.credentials { head.headerFields[values: name] = request.headers[values: name] }
        }
        if body != nil { head.headerFields[.contentType] = "application/json" }
        let buffer = body.map { ByteBuffer(bytes: $0.bytes()) } ?? ByteBuffer()
        let response = try await api(Request(head: head, body: RequestBody(buffer: buffer)))
        let collected = Collected()
        try await response.body.write(CollectingWriter(collected: collected))
        return (response, collected.bytes)
    }
}

/// What the API says of the content of an asset.
enum StoredContent {
    case here(size: Int, hash: String)
    /// It has a price that the viewer has not paid.
    case unpaid
    case none
}

/// The API has refused what a page asked for.
struct Unanswered: Error {
    let status: Int
    /// The refusal, as the API words it.
    let body: JSON
}

/// Takes in a body that is written.
private final class Collected {
    var bytes: [UInt8] = []
}

private struct CollectingWriter: ResponseBodyWriter {
    let collected: Collected

    mutating func write(_ buffer: ByteBuffer) async throws {
        collected.bytes.append(contentsOf: buffer.readableBytesView)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
