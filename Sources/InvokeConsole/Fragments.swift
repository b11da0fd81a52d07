import InvokeModel
import Synchronization

/// Rendered text, kept so that what has not changed is not rendered again.
///
/// At most `limit` bytes are kept, of what was shown last.
final class Fragments: Sendable {
    /// What a text is made of, all of it. Who looks belongs to it always, so nobody is shown what was made for another.
    struct Key: Hashable {
        let viewer: Account?
        let template: String
        let input: ArraySlice<UInt8>

        func hash(into hasher: inout Hasher) {
            hasher.combine(viewer?.id)
            hasher.combine(template)
            input.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    private let kept: Mutex<Kept>

    /// `limit` is in bytes.
    init(limit: Int = 4 << 20) { kept = Mutex(Kept(limit: limit)) }

    /// The text for this key, in parts; rendered if it is not kept.
    func parts(_ key: Key, render: () -> [String]) -> [[UInt8]] {
        if let parts = kept.withLock({ $0.find(key) }) { return parts }
        let parts = render().map { Array($0.utf8) }
        // The input may be a small part of a large answer, which need not stay.
        let key = Key(viewer: key.viewer, template: key.template, input: Array(key.input)[...])
        kept.withLock { $0.insert(key, parts) }
        return parts
    }
}

/// Two generations of texts: when the young ones fill half the room they become the old, and the old are dropped. What
/// is found among the old is young again.
private struct Kept {
    private let limit: Int
    private var young: [Fragments.Key: [[UInt8]]] = [:]
    private var old: [Fragments.Key: [[UInt8]]] = [:]
    /// Of the young, in bytes.
    private var size = 0

    init(limit: Int) { self.limit = limit }

    mutating func find(_ key: Fragments.Key) -> [[UInt8]]? {
        if let parts = young[key] { return parts }
        guard let (key, parts) = old.remove(at: key) else { return nil }
        insert(key, parts)
        return parts
    }

    mutating func insert(_ key: Fragments.Key, _ parts: [[UInt8]]) {
        // What the dictionary and the heap take besides is about 200 bytes.
        let cost = parts.reduce(key.input.count + 200) { $0 + $1.count }
        guard cost <= limit / 2, young.updateValue(parts, forKey: key) == nil else { return }
        size += cost
        guard size > limit / 2 else { return }
        (old, young, size) = (young, [:], 0)
    }
}

extension Dictionary {
    /// Takes out an entry, with the key as it was put in.
    fileprivate mutating func remove(at key: Key) -> Element? { index(forKey: key).map { remove(at: $0) } }
}
