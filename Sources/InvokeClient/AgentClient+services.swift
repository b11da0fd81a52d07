public import InvokeModel
import OrderedCollections

/// Services and what they offer.
extension AgentClient {
    /// The services, oldest first.
    public func services(pageSize: Int = 50) -> AgentPages { pages("/services", "services", size: pageSize) }

    /// A service and the DIDs of its operations; with its token for its owner.
    public func service(_ name: String) async throws -> JSON { try await json("GET", Self.path("services", name)) }

    /// Registers a service by its definition: JSON or YAML, as `schemas/service-definition.schema.json` has it.
    public func registerService(_ definition: [UInt8]) async throws -> JSON {
        try await send("POST", "/services", headers: [Self.yaml], body: definition).json()
    }

    /// Puts a new definition in the place of a service's present one.
    public func updateService(_ name: String, _ definition: [UInt8]) async throws -> JSON {
        try await send("PUT", Self.path("services", name), headers: [Self.yaml], body: definition).json()
    }

    /// Retires a service: nobody can invoke it any more, its jobs and results stay.
    public func removeService(_ name: String) async throws {
        _ = try await send("DELETE", Self.path("services", name))
    }

    /// The operations that can be invoked, oldest first.
    public func operations(pageSize: Int = 50) -> AgentPages { pages("/operations", "operations", size: pageSize) }

    /// An operation by its DID or id.
    public func operation(_ reference: String) async throws -> AgentOperation {
        AgentOperation(json: try await json("GET", Self.path("operations", reference)))
    }

    /// YAML, of which JSON is a part.
    private static var yaml: (name: String, value: String) { ("content-type", "application/yaml") }
}

/// What can be invoked.
public struct AgentOperation: Sendable, Hashable {
    /// The document, as the agent sent it.
    public let json: JSON

    /// An operation as a list of them tells it.
    public init(json: JSON) { self.json = json }

    /// What names it everywhere.
    public var did: String { json["did"]?.string ?? "" }
    /// Its name within its service.
    public var name: String { json["name"]?.string ?? "" }
    /// The name of its service.
    public var service: String { json["service"]?.string ?? "" }
    /// Its inputs, in their order.
    public var inputs: [Input] {
        (json["inputs"]?.object ?? [:]).map { Input(name: $0.key, json: $0.value) }
            .sorted { $0.position < $1.position }
    }
    /// Whether it can be invoked without waiting for its end.
    public var isAsync: Bool { json["modes"]?.array?.contains("async") ?? false }
    /// What a use costs, as decimal text; nil for what is free.
    public var price: (amount: String, currency: String)? {
        guard let amount = json["price"]?["amount"]?.string, let currency = json["price"]?["currency"]?.string else {
            return nil
        }
        return (amount, currency)
    }

    /// A named, typed input.
    public struct Input: Sendable, Hashable {
        /// What calls name it.
        public let name: String
        /// Its declaration.
        public let json: JSON

        /// `asset`, `string` or `json`.
        public var type: String { json["type"]?.string ?? "" }
        /// Whether every call must give it.
        public var isRequired: Bool { json["required"]?.bool ?? true }
        /// Its place among the inputs, from 0.
        public var position: Int { json["position"]?.int ?? 0 }
        /// The media type of an asset's content.
        public var contentType: String? { json["content_type"]?.string }
    }
}
