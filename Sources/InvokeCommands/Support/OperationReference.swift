import OrderedCollections
import InvokeClient
import InvokeModel

extension AgentClient {
    /// The operation that somebody means: by its DID or id, as `service/operation`, or by the name of a service that has one.
    func operation(meant text: String) async throws -> AgentOperation {
        if Hex32(text) != nil || DID(text) != nil { return try await operation(text) }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else {
            throw Failure(
                status: .notFound,
                message: "\"\(text)\" names no operation.",
                advice: "write its DID, or service/operation; see them: invoke-agent operation list"
            )
        }
        let operations = try await service(parts[0])["operations"]?.object ?? [:]
        let names = operations.keys.joined(separator: ", ")
        let wanted = parts.count == 2 ? parts[1] : operations.count == 1 ? operations.keys.first : nil
        guard let did = wanted.flatMap({ operations[$0]?["did"]?.string }) else {
            let near = wanted.flatMap { nearestName(to: $0, among: operations.keys) }
            throw Failure(
                status: .notFound,
                message: wanted.map { "the service \(parts[0]) has no operation \"\($0)\"; it has \(names)." }
                    ?? "the service \(parts[0]) has several operations: \(names).",
                advice: "write \(parts[0])/\(near ?? operations.keys.first ?? "operation")"
            )
        }
        return try await operation(did)
    }
}

extension View {
    static let operation = View(
        id: "did",
        Column("Service", "service"),
        Column("Operation", "name"),
        Column("Modes", "modes"),
        Column("Price", "price.amount"),
        Column("Currency", "price.currency"),
        Column("Description", "description", isProse: true)
    )
}
