/// How an engine is: whether it can start attempts, and what it has to run them with.
package struct EngineCondition: Sendable, Hashable {
    /// Why nothing can be started, and what to do about it; nil when all is well.
    package let fault: String?
    /// What it says it is, such as `slurm 22.05.8`.
    package let version: String?
    package let cpus: Amount?
    /// Bytes.
    package let memory: Amount?
    package let gpus: Amount?
    /// What becomes of each demand of an operation.
    package let demands: [Demand: Treatment]

    package init(
        fault: String? = nil,
        version: String? = nil,
        cpus: Amount? = nil,
        memory: Amount? = nil,
        gpus: Amount? = nil,
        demands: [Demand: Treatment] = [:]
    ) {
        self.fault = fault
        self.version = version
        self.cpus = cpus
        self.memory = memory
        self.gpus = gpus
        self.demands = demands
    }

    /// How much there is of something, and how much of it is taken by anybody.
    package struct Amount: Sendable, Hashable {
        package let total: Double
        package let used: Double?

        package init(total: Double, used: Double? = nil) {
            self.total = total
            self.used = used
        }
    }

    /// What an operation may ask for.
    package enum Demand: String, Sendable, CaseIterable {
        case cpus, memory, gpus, timeout, network
    }

    package enum Treatment: String, Sendable {
        /// An attempt can't have more.
        case enforced
        /// It is started where there is as much; nobody looks afterwards.
        case scheduled
        case ignored
    }
}
