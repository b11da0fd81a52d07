/// An object store of somebody else's, which a service takes objects from or puts them into. Secret.
package struct StorageProvider: Sendable, Hashable {
    /// Its kind and what the service calls it: `minio.lab`.
    package let name: String
    /// Scheme, host and port.
    package let endpoint: String
    package let region: String
    /// Whether the store has to prove who it is.
    package let verify: Bool
    package let accessKey: String
    package let secretKey: String

    /// The agent's own store, as definitions name it.
    package static let own = "minio.default"

    package init(
        name: String,
        endpoint: String,
        region: String,
        verify: Bool,
        accessKey: String,
        secretKey: String
    ) {
        self.name = name
        self.endpoint = endpoint
        self.region = region
        self.verify = verify
        self.accessKey = accessKey
        self.secretKey = secretKey
    }
}
