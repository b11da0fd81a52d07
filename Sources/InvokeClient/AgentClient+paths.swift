import InvokeModel

extension AgentClient {
    /// A query of names and values, with its question mark; empty for none.
    static func text(of query: [(name: String, value: String)]) -> String {
        guard !query.isEmpty else { return "" }
        return "?" + query.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }

    /// A path of plain segments, of which none can become two.
    static func path(_ segments: String...) -> String { segments.map { "/" + PercentEncoding.encode($0) }.joined() }

    /// Sends a JSON document, or nothing, and reads the one that comes back.
    func json(
        _ method: String,
        _ path: String,
        headers: [(name: String, value: String)] = [],
        _ body: JSON? = nil,
        timeout: Duration = .seconds(90)
    ) async throws -> JSON {
        var headers = headers
        if body != nil { headers.append(("content-type", "application/json")) }
        return try await send(method, path, headers: headers, body: body?.bytes(), timeout: timeout).json()
    }

    func pages(
        _ path: String,
        _ member: String,
        _ query: [(name: String, value: String)] = [],
        size: Int
    ) -> AgentPages {
        AgentPages(client: self, path: path, member: member, query: query, size: size)
    }
}
