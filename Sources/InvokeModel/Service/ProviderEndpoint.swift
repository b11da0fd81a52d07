/// Where a provider takes the jobs of an operation that it runs itself.
package struct ProviderEndpoint: Sendable, Hashable {
    /// As it was registered; judged by the outbound guard then, and before every call.
    package let url: String
    /// The longest that one attempt may take, the wait for a job that the provider has taken on included; nil for the
    /// time that the job has.
    package let timeout: Duration?
    /// Further attempts after no answer, 429 or 5xx, where these are more than the agent makes by itself.
    package let retries: Int

    package init(url: String, timeout: Duration? = nil, retries: Int = 0) {
        self.url = url
        self.timeout = timeout
        self.retries = retries
    }
}
