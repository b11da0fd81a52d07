/// The name a writer most likely meant, or nil when none is near: at most one edit for short names, two for names
/// of six characters or more, where a swap of neighbours is one edit.
package func nearestName(to name: String, among names: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    guard wanted.count <= 64 else { return nil }
    let furthest = wanted.count < 6 ? 1 : 2
    var best: (name: String, edits: Int)?
    for candidate in names.prefix(200) where candidate != name {
        let scalars = Array(candidate.lowercased().unicodeScalars.prefix(70))
        guard abs(scalars.count - wanted.count) <= furthest else { continue }
        let edits = edits(from: wanted, to: scalars)
        if edits <= furthest, edits < best?.edits ?? .max { best = (candidate, edits) }
    }
    return best?.name
}

/// The Damerau-Levenshtein distance (optimal string alignment).
private func edits(from one: [Unicode.Scalar], to other: [Unicode.Scalar]) -> Int {
    var older: [Int] = []
    var last = Array(0...other.count)
    for row in 0..<one.count {
        var current = [row + 1]
        for column in 0..<other.count {
            var least = min(current[column], last[column + 1]) + 1
            least = min(least, last[column] + (one[row] == other[column] ? 0 : 1))
            if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                least = min(least, older[column - 1] + 1)
            }
            current.append(least)
        }
        older = last
        last = current
    }
    return last[other.count]
}
