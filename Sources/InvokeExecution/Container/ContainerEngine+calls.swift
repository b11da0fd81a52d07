import InvokeModel
import NIOCore
import NIOHTTP1

extension ContainerEngine {
    /// A container by its name; nil when there is none.
    func container(_ name: String) async throws -> ContainerState? {
        do {
            return ContainerState(try await ask("/containers/\(name)/json"))
        } catch let refusal as EngineRefusal where refusal.status == 404 {
            return nil
        }
    }

    /// The containers that have a label, in whatever state: their names' labels.
    func labels(ofContainersWith label: String) async throws -> [(id: String, labels: JSON)] {
        let filters: JSON = ["label": [.string(label)]]
        let answer = try await ask("/containers/json?all=1&filters=\(Self.encoded(filters.text))")
        return (answer.array ?? []).compactMap { container in
            guard let id = container["Id"]?.string, let labels = container["Labels"] else { return nil }
            return (id, labels)
        }
    }

    func create(_ name: String, _ definition: JSON) async throws {
        try await ask("/containers/create?name=\(name)", .POST, body: definition)
    }

    /// One that runs already is fine.
    func start(_ name: String) async throws { try await ask("/containers/\(name)/start", .POST) }

    /// Returns at the end of the container.
    func wait(for name: String) async throws {
        try await ask("/containers/\(name)/wait?condition=not-running", .POST, within: Self.unlimited)
    }

    /// Sends the polite signal and after the grace the final one; one that has ended is fine.
    func stop(_ name: String, grace: Duration) async throws {
        let seconds = grace.wholeSeconds
        try await ask("/containers/\(name)/stop?t=\(seconds)", .POST, within: .seconds(Int64(seconds) + 60))
    }

    /// One that is gone already is fine.
    func remove(_ name: String) async throws {
        do {
            try await ask("/containers/\(name)?force=true&v=true", .DELETE)
        } catch let refusal as EngineRefusal where refusal.status == 404 {}
    }
}

extension Duration {
    /// Rounded up, because some who count in seconds take none for at once.
    var wholeSeconds: Int { Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0) }
}
