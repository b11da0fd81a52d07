import OrderedCollections
import Testing

@testable import InvokeModel

@Suite struct JSONListTests {
    @Test(arguments: 0..<300)
    func elementsAreThoseThatTheParserReads(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let elements = (0..<Int.random(in: 0...5, using: &random)).map { _ in JSON.random(depth: 3, using: &random) }
        var members: OrderedDictionary<String, JSON> = ["before": .random(depth: 2, using: &random)]
        members["items"] = .array(elements)
        members["after"] = .random(depth: 2, using: &random)
        let text = JSON.object(members).spaced(using: &random)

        let list = try JSONList("items", in: Array(text.utf8))
        #expect(try list.elements.map { try JSON(parsing: $0) } == elements, "\(text)")
        #expect(list.elements.allSatisfy { $0.first != 0x20 && $0.last != 0x20 }, "\(text)")
        members["items"] = []
        #expect(list.rest == .object(members), "\(text)")

        let bare = JSON.array(elements).spaced(using: &random)
        #expect(try JSONList(nil, in: Array(bare.utf8)).elements.map { try JSON(parsing: $0) } == elements, "\(bare)")
    }

    @Test func aListIsNotTakenForAnotherOfItsName() throws {
        let text = #"{"a":{"items":[1]},"b":"\"items\":[2]","items":[3]}"#
        #expect(try JSONList("items", in: Array(text.utf8)).elements.map(Array.init) == [Array("3".utf8)])
    }

    @Test(arguments: [
        "", "{}", "[]", "1", #"{"other":[]}"#, #"{"items":{}}"#, #"{"items":1}"#, #"{"items":[1"#, #"{"items":["a"#,
        #"{"items":["a\"#, #"{"items":[1 2]}"#, #"{"items":[1]"#, #"{"items":[1],}"#, #"{"items"#, #"{"items":[,]}"#,
    ])
    func whatHasNoSuchListIsRefused(text: String) {
        #expect(throws: JSONFault.self) { try JSONList("items", in: Array(text.utf8)) }
    }
}

extension JSON {
    fileprivate static func random(depth: Int, using random: inout some RandomNumberGenerator) -> JSON {
        let words = ["", "a", "\"", "\\", "\\\"", "{", "}]", ",", ":", "[1,2]", "\n", "\u{1F600}", "items"]
        switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .number(JSONNumber(.random(in: -999...999, using: &random)))
        case 3: return .string((0..<3).compactMap { _ in words.randomElement(using: &random) }.joined())
        case 4, 5:
            return .array(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in .random(depth: depth - 1, using: &random) }
            )
        default:
            let names = Set((0..<3).compactMap { _ in words.randomElement(using: &random) }).sorted()
            return .object(
                OrderedDictionary(uniqueKeysWithValues: names.map { ($0, .random(depth: depth - 1, using: &random)) })
            )
        }
    }

    /// The document as text with white space wherever it may stand.
    fileprivate func spaced(using random: inout some RandomNumberGenerator) -> String {
        func space() -> String { ["", "", " ", "\n", "\t \r\n"].randomElement(using: &random) ?? "" }
        let text =
            switch self {
            case .array(let elements):
                "[" + space() + elements.map { $0.spaced(using: &random) }.joined(separator: ",") + "]"
            case .object(let members):
                "{" + space()
                    + members.map { JSON.string($0).text + space() + ":" + $1.spaced(using: &random) }
                    .joined(separator: "," + space()) + "}"
            default: text
            }
        return space() + text + space()
    }
}
