import InvokeModel
import OrderedCollections

extension PoolLimits {
    /// Reads what a definition says of its pool: one number for all engines, or one for each.
    init(reading pool: JSON) {
        let concurrency = pool["concurrency"]
        self.init(
            concurrency: concurrency?.int,
            engines: (concurrency?.object ?? [:]).reduce(into: [:]) { engines, slots in
                if let engine = Engine(rawValue: slots.key) { engines[engine] = slots.value.int }
            },
            queue: pool["queue"]?.int ?? 1000
        )
    }

    /// Jobs of a service that may run at once where one machine runs or calls them.
    private static let mostOnOneMachine = 256

    /// What does not fit the engines that a definition's operations name.
    func violations(by engines: Set<Engine>) -> [Violation] {
        let place = "#/pool/concurrency"
        if let concurrency, concurrency > Self.mostOnOneMachine, !engines.allSatisfy(\.isCluster) {
            let detail = "must be at most \(Self.mostOnOneMachine) unless all operations name only slurm and kubernetes"
            return [Violation(place, detail)]
        }
        return self.engines.keys.filter { !engines.contains($0) }.map(\.rawValue).sorted().map {
            Violation("\(place)/\($0)", "must be an engine of an operation; none of them names \($0)")
        }
    }
}
