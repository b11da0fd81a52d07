/// One thing a service can do: typed inputs and outputs, and the program between them.
package struct Operation: Sendable {
    package let name: String
    package let description: String?
    /// Words to find it by.
    package let tags: [String]
    package let modes: Set<Mode>
    /// In the order of their positions.
    package let inputs: [InputDeclaration]
    package let outputs: [OutputDeclaration]
    package let run: Run
    package let price: Price?

    package init(
        name: String,
        description: String?,
        tags: [String] = [],
        modes: Set<Mode>,
        inputs: [InputDeclaration],
        outputs: [OutputDeclaration],
        run: Run,
        price: Price?
    ) {
        self.name = name
        self.description = description
        self.tags = tags
        self.modes = modes
        self.inputs = inputs
        self.outputs = outputs
        self.run = run
        self.price = price
    }
}

/// What one use of an operation costs.
package struct Price: Sendable, Hashable {
    /// Decimal text, such as `0.50`.
    package let amount: String
    package let currency: String

    package init(amount: String, currency: String) {
        self.amount = amount
        self.currency = currency
    }

    /// A price of zero is no price.
    package var isFree: Bool { amount.allSatisfy { $0 == "0" || $0 == "." } }
}

/// What a provider registers.
package struct ServiceDefinition: Sendable {
    package let name: String
    package let version: String
    package let description: String?
    package let tags: [String]
    package let operations: [Operation]
    package let pool: PoolLimits
    /// The document itself, as it was registered.
    package let source: JSON

    package init(
        name: String,
        version: String,
        description: String?,
        tags: [String],
        operations: [Operation],
        pool: PoolLimits,
        source: JSON
    ) {
        self.name = name
        self.version = version
        self.description = description
        self.tags = tags
        self.operations = operations
        self.pool = pool
        self.source = source
    }
}

extension Operation {
    /// The assets among the inputs of a job, each once.
    package func assets(among inputs: JSON, on agent: AgentID) -> [AssetID] {
        self.inputs.filter(\.takesAssets).reduce(into: []) { assets, input in
            guard let did = inputs[input.name]?["did"]?.string, let asset = DID.localAsset(did, on: agent),
                !assets.contains(asset)
            else { return }
            assets.append(asset)
        }
    }
}

/// How much of a service runs and waits at a time: in one pool, or in one for each engine.
package struct PoolLimits: Sendable, Hashable {
    /// Jobs that run at the same time, by whatever engine; nil for the agent's default.
    package let concurrency: Int?
    /// Jobs that run at the same time by each engine that has a pool of its own; empty for one pool for all.
    package let engines: [Engine: Int]
    /// Jobs that may wait.
    package let queue: Int

    package init(concurrency: Int?, engines: [Engine: Int] = [:], queue: Int) {
        self.concurrency = concurrency
        self.engines = engines
        self.queue = queue
    }

    /// The pool of what an engine is to run: the engine's own, or nil for the one for all.
    package func pool(of engine: Engine?) -> Engine? { engine.flatMap { engines[$0] == nil ? nil : $0 } }

    /// Jobs of a pool that run at the same time.
    package func slots(of pool: Engine?, default: Int) -> Int {
        pool.flatMap { engines[$0] } ?? concurrency ?? `default`
    }

    /// Jobs of all pools that run at the same time.
    package func slots(default: Int) -> Int {
        engines.isEmpty ? concurrency ?? `default` : engines.values.reduce(0, +)
    }
}
