package import InvokeModel

extension DEPv1 {
    /// The agent's DID document: where each of its services is, by the types that clients look for (dep.md §6).
    ///
    /// `url` is where callers reach the agent, without a final slash.
    package static func document(of agent: DID, at url: String) -> JSON {
        let services = [
            ("DEP.Meta.v1", "/api/v1/meta"), ("DEP.Storage.v1", "/api/v1/assets"), ("DEP.Invoke.v1", "/api/v1/invoke"),
            ("DEP.Auth.v1", "/api/v1/auth"), ("DEP.Market.v1", "/api/v1/market"), ("DEP.Trust.v1", "/api/v1/trust"),
            ("DEP.Collection.v1", "/api/v1/collection"), ("DEP.Status", "/api/status"), ("DEP.DDO", "/api/ddo"),
        ]
        return [
            "@context": "https://www.w3.org/2019/did/v1",
            "id": .string(agent.description),
            "service": .array(
                services.map { ["type": .string($0), "serviceEndpoint": .string(url + $1)] }
            ),
        ]
    }

    /// What the agent tells of itself (DEP-11); `details` are of no standard.
    package static func status(name: String, description: String, details: JSON) -> JSON {
        [
            "name": .string(name), "description": .string(description), "api-versions": ["v1"],
            "custom": details,
        ]
    }
}
