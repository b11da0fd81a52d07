package import struct Foundation.Date
package import InvokeModel
package import InvokeOutbound

/// What it takes to call the endpoints of providers.
package struct ProviderCalls: Sendable {
    /// The headers that sign what is sent to an account; nil when there is no such account.
    package typealias Signer =
        @Sendable (_ id: String, _ body: [UInt8], _ account: Int64) async throws -> [(name: String, value: String)]?
    /// The path, with its query, under which a provider gets an input's content until a time.
    package typealias InputPath = @Sendable (_ input: String, _ job: JobID, _ until: Date) -> String

    /// Bytes of one answer.
    package static let longestAnswer = 1 << 20

    let outbound: OutboundGuard
    let client: OutboundClient
    let publicURL: @Sendable () async throws -> String
    let sign: Signer
    let completionToken: @Sendable (JobID) -> String
    let inputPath: InputPath

    /// `client` must read `longestAnswer` bytes; `publicURL` is where this agent is reached, without a final slash.
    package init(
        outbound: OutboundGuard,
        client: OutboundClient,
        publicURL: @escaping @Sendable () async throws -> String,
        sign: @escaping Signer,
        completionToken: @escaping @Sendable (JobID) -> String,
        inputPath: @escaping InputPath
    ) {
        self.outbound = outbound
        self.client = client
        self.publicURL = publicURL
        self.sign = sign
        self.completionToken = completionToken
        self.inputPath = inputPath
    }
}
