/// What speaks against a request, as its check finds it.
///
/// The first thing ends the check of a real request; that of a dry run goes on and finds everything.
package struct Objections: Sendable {
    /// Each once, in the order in which they were found.
    package private(set) var refusals: [Refusal] = []
    private let findsAll: Bool

    private init(findsAll: Bool) { self.findsAll = findsAll }

    /// For a real request.
    package static var first: Objections { Objections(findsAll: false) }
    /// For a dry run.
    package static var all: Objections { Objections(findsAll: true) }

    /// - Throws: the refusal itself, unless all are to be found.
    package mutating func note(_ refusal: Refusal) throws(Refusal) {
        guard findsAll else { throw refusal }
        if !refusals.contains(refusal) { refusals.append(refusal) }
    }

    /// Makes one check.
    /// - Returns: what it gives; nil when it refuses and all refusals are to be found.
    @discardableResult
    package mutating func noting<Value>(_ check: () throws -> Value) throws -> Value? {
        do { return try check() } catch let refusal as Refusal {
            try note(refusal)
            return nil
        }
    }
}
