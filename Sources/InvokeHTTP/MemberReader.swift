import Foundation
import InvokeModel
import InvokeWire
import OrderedCollections

/// Reads the members of a small body by name and reports everything that is wrong with it at once.
struct MemberReader {
    private let members: OrderedDictionary<String, JSON>
    private var read: Set<String> = []
    private(set) var violations: [Violation] = []

    /// - Throws: `invalidInput` for a body that is no object.
    init(_ body: JSON) throws(Refusal) {
        guard let members = body.object else {
            throw Refusal(.invalidInput, [Violation("#", "must be an object, not \(body.noun)")])
        }
        self.members = members
    }

    /// A member, nil when it is absent or `null`.
    mutating func value(_ name: String) -> JSON? {
        read.insert(name)
        return members[name].flatMap { $0 == .null ? nil : $0 }
    }

    /// A text that has to be there.
    mutating func string(_ name: String) -> String {
        guard let text = optionalString(name) else {
            if value(name) == nil { add(name, "is required") }
            return ""
        }
        return text
    }

    mutating func optionalString(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else {
            add(name, "must be a string, not \(value.noun)")
            return nil
        }
        return text
    }

    /// One of the words of a type.
    mutating func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String, of type: Word.Type) -> Word? {
        guard let text = optionalString(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            add(name, "must be one of \(Word.words), not \"\(text.prefix(40))\"")
            return nil
        }
        return word
    }

    /// A list of words of a type.
    mutating func strings<Word: RawRepresentable<String> & CaseIterable>(_ name: String, of type: Word.Type) -> [Word] {
        guard let value = value(name) else {
            add(name, "is required")
            return []
        }
        let words = value.array?.map { $0.string.flatMap(Word.init(rawValue:)) } ?? [nil]
        guard !words.contains(where: { $0 == nil }) else {
            add(name, "must be a list of \(Word.words)")
            return []
        }
        return words.compactMap { $0 }
    }

    mutating func int(_ name: String) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.int else {
            add(name, "must be a whole number")
            return nil
        }
        return number
    }

    mutating func object(_ name: String) -> JSON? {
        guard let value = value(name) else { return nil }
        guard value.object != nil else {
            add(name, "must be an object, not \(value.noun)")
            return nil
        }
        return value
    }

    /// A moment such as `2026-01-31T10:00:00Z`.
    mutating func time(_ name: String) -> Date? {
        guard let text = optionalString(name) else { return nil }
        guard let time = Date(iso8601: text) else {
            add(name, "must be a time such as 2026-01-31T10:00:00Z")
            return nil
        }
        return time
    }

    /// 64 hexadecimal digits.
    mutating func id(_ name: String) -> Hex32? {
        guard let text = optionalString(name) else { return nil }
        guard let id = Hex32(text) else {
            add(name, "must be 64 hexadecimal digits")
            return nil
        }
        return id
    }

    mutating func add(_ name: String, _ detail: String) { violations.append(Violation(pointer("#", name), detail)) }

    /// - Parameters:
    ///   - code: what a body is refused with.
    ///   - ignored: members that clients send back and that mean nothing here.
    /// - Throws: a refusal naming everything that was wrong, unknown members included.
    mutating func finish(as code: ErrorCode = .invalidInput, ignoring ignored: Set<String> = []) throws(Refusal) {
        for name in members.keys where !read.contains(name) && !ignored.contains(name) {
            let known = read.sorted().map { "`\($0)`" }.joined(separator: ", ")
            add(name, "unknown member; this takes \(known)")
        }
        guard violations.isEmpty else { throw Refusal(code, violations) }
    }
}

extension RawRepresentable<String> where Self: CaseIterable {
    fileprivate static var words: String { allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ") }
}
