package import InvokeModel
package import InvokeStore
package import OrderedCollections

extension Agent {
    /// An account's collections by name, in the order that things were added.
    package func collections(of caller: Account) async throws -> OrderedDictionary<String, [CollectionItem]> {
        try await store.collections(of: caller.id)
    }

    /// The assets in one collection; none in one that nothing was added to.
    /// - Throws: `invalidParameter` for a name that is empty or longer than 200 characters.
    package func collection(_ name: String, of caller: Account) async throws -> [CollectionItem] {
        try Self.check(collection: name)
        return try await store.collections(of: caller.id)[name] ?? []
    }

    /// Adds assets to a collection, which begins with its first. What an id names may be on another agent.
    /// - Returns: those that were not in it.
    /// - Throws: `invalidParameter` for a name that is empty or longer than 200 characters.
    package func add(_ items: [CollectionItem], to name: String, of caller: Account) async throws -> [CollectionItem] {
        try Self.check(collection: name)
        return try await store.add(items, toCollection: name, of: caller.id)
    }

    /// Removes assets from a collection, which ends with its last.
    /// - Returns: those that were in it.
    /// - Throws: as `add`.
    package func remove(_ items: [CollectionItem], from name: String, of caller: Account) async throws
        -> [CollectionItem]
    {
        try Self.check(collection: name)
        return try await store.remove(items, fromCollection: name, of: caller.id)
    }

    private static func check(collection name: String) throws {
        guard (1...200).contains(name.unicodeScalars.count) else {
            throw Refusal(.invalidParameter, "The name of a collection has 1 to 200 characters.")
        }
    }
}
