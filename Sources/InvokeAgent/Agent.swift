package import InvokeAssets
package import InvokeModel
package import InvokeOutbound
package import InvokeStore
package import InvokeWire

/// The one service layer: what all dialects ask for, who may ask for it, and what it costs.
///
/// It accepts and tells; it runs nothing. Work is handed over as rows of the store.
package final class Agent: Sendable {
    /// Names the agent, and every asset on it.
    package let id: AgentID
    package let store: Store
    package let contents: FileContentStore
    package let limits: AgentLimits
    let mint: TokenMint
    let key: AgentKey
    let outbound: OutboundGuard
    let tokens: TokenVerifiers
    let definitions: DefinitionReader
    let credentials = CredentialCache()
    let passwordTrials: PasswordTrials
    let catalogue = OperationCatalogue()
    let synchronousRuns = SynchronousRuns()
    let clock: any Clock<Duration>
    package let lifecycle = Lifecycle()

    package init(
        id: AgentID,
        store: Store,
        contents: FileContentStore,
        key: AgentKey,
        outbound: OutboundGuard,
        tokens: TokenVerifiers = TokenVerifiers(),
        definitions: DefinitionReader,
        limits: AgentLimits = AgentLimits(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.id = id
        self.store = store
        self.contents = contents
        self.key = key
        self.outbound = outbound
        self.tokens = tokens
        self.definitions = definitions
        self.limits = limits
        self.clock = clock
        mint = TokenMint(key: key)
        passwordTrials = PasswordTrials(most: limits.wrongPasswords)
    }

    /// The DID of an asset here.
    package func did(of asset: AssetID) -> DID { DID(agent: id, asset: asset) }
}

/// What the agent allows (reliability contract, section 1).
package struct AgentLimits: Sendable {
    /// How long an answer may be waited for in one call.
    package var longestWait: Duration = .seconds(50)
    package var jobLifetime: Duration = .seconds(300)
    package var longestJobLifetime: Duration = .seconds(24 * 3600)
    /// Jobs that may wait on the whole agent, and of one caller.
    package var waitingJobs = 10_000
    package var waitingJobsOfCaller = 500
    /// Jobs of a service that run at once, when its definition does not say.
    package var slots = 1
    /// The same for a service with an operation that a cluster is to run, by that cluster.
    package var clusterSlots: [Engine: Int] = [.slurm: 100, .kubernetes: 100]
    package var tokenLifetime: Duration = .seconds(90 * 24 * 3600)
    /// From a browser's login to the end of its session.
    package var sessionLifetime: Duration = .seconds(12 * 3600)
    /// Wrong passwords for one name from one address in a minute; 0 for any number.
    package var wrongPasswords = 10
    /// Bytes of one asset's content.
    package var contentBytes = 64 << 30
    /// Whether reading services, operations and metadata needs no credentials.
    package var isCataloguePublic = true
    /// What may run the operations of services that are registered.
    package var engines: Set<Engine> = [.process, .http]
    /// What the operator sets for the scripts of OSCAR's services.
    package var scripts = ScriptService.Rules()
    /// From the acceptance of a synchronous run to its end.
    package var longestRun: Duration = .seconds(300)
    /// Jobs on a page, as OSCAR's clients get them.
    package var scriptPage = 70
    /// Bytes of the body of a run or job of a script.
    package var scriptInput = 64 << 20
    /// Whether content is taken only for metadata that names its hash.
    package var requiresContentHash = false

    package init() {}
}
