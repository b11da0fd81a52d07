import Foundation

/// The content of a file as a text carries it (oscar.md §7): JSON text is the content itself, any other text is base64.
package enum FileContent {
    /// Reads a text, deciding by its first byte that is not white space.
    ///
    /// Base64 is that of the standard alphabet; white space in it does not count, and padding may be left out.
    /// - Throws: what is wrong with it, at `pointer`.
    package static func bytes(of text: some Collection<UInt8>, at pointer: String) throws(Invalid) -> [UInt8] {
        switch text.first(where: { !isSpace($0) }) {
        case nil: return []
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""):
            let bytes = Array(text)
            guard isJSON(bytes) else { throw Invalid(pointer, "begins as JSON does and is none") }
            return bytes
        default:
            var letters = text.filter { !isSpace($0) }
            while letters.last == UInt8(ascii: "=") { letters.removeLast() }
            letters += Array(repeating: UInt8(ascii: "="), count: (4 - letters.count % 4) % 4)
            guard let bytes = Data(base64Encoded: Data(letters)) else {
                throw Invalid(pointer, "is neither JSON nor base64; encode it, as with `base64 FILE`")
            }
            return Array(bytes)
        }
    }

    /// The same for the body of a request.
    /// - Throws: `invalidInput`.
    package static func checked(_ body: [UInt8]) throws(Refusal) -> [UInt8] {
        do { return try bytes(of: body, at: "#") } catch {
            throw Refusal(.invalidInput, "The body " + (error.violations.first?.detail ?? "can't be read"))
        }
    }

    /// It is passed on as it came, so our own reader need not take it: members may come twice.
    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        if (try? JSON(parsing: bytes)) != nil { return true }
        return String(validating: bytes, as: UTF8.self) != nil
            && (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
