/// What a regular expression says, before it becomes a program.
indirect enum PatternNode: Sendable {
    case empty
    case scalar(ScalarSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// `most` is nil for any number of times.
    case repeated(PatternNode, least: Int, most: Int?)

    /// How many instructions the node becomes, at most; never more than a million, whatever it says.
    ///
    /// Every node counts for one at least, so that repeating nothing is not free.
    var size: Int {
        let size =
            switch self {
            case .empty, .scalar, .assertion: 1
            case .sequence(let parts): parts.reduce(0) { $0 + $1.size }
            case .choice(let branches): branches.reduce(-2) { $0 + $1.size + 2 }
            case .repeated(let body, let least, let most):
                if let most {
                    least * body.size + (most - least) * (body.size + 1)
                } else {
                    (least + 1) * body.size + 2
                }
            }
        return min(max(size, 1), 1_000_000)
    }
}

/// A condition on a position of the text, which takes no scalar.
enum PatternAssertion: Sendable {
    case start, end, boundary, notBoundary

    /// Whether it holds between two neighbours; nil is the edge of the text.
    func holds(between previous: UInt32?, and next: UInt32?) -> Bool {
        switch self {
        case .start: previous == nil
        case .end: next == nil
        case .boundary: Self.isWord(previous) != Self.isWord(next)
        case .notBoundary: Self.isWord(previous) == Self.isWord(next)
        }
    }

    private static func isWord(_ value: UInt32?) -> Bool { value.map(ScalarSet.word.contains) ?? false }
}
