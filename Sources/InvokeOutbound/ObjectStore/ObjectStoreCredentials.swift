/// What lets a client into an object store.
package struct ObjectStoreCredentials: Sendable, Hashable {
    package let accessKey: String
    package let secretKey: String
    package let region: String

    package init(accessKey: String, secretKey: String, region: String = "us-east-1") {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.region = region
    }
}
