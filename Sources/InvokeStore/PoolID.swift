package import InvokeModel

/// The jobs of a service that share slots and are claimed one after the other.
package struct PoolID: Sendable, Hashable {
    /// The service's row.
    package let service: Int64
    /// nil for the pool of all engines that have none of their own.
    package let engine: Engine?

    package init(service: Int64, engine: Engine? = nil) {
        self.service = service
        self.engine = engine
    }

    /// As rows name it.
    init(service: Int64, stored name: String) { self.init(service: service, engine: Engine(rawValue: name)) }

    var name: String { engine?.rawValue ?? "" }
}
