import Foundation

/// What browsers send of a form, in a query or a body (WHATWG's URL Standard, section 5): a blank is a `+`.
package enum FormFields {
    /// The fields in their order, the empty ones, too.
    package static func read(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(decoded)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    private static func decoded(_ part: Substring) -> String {
        let text = String(part).replacing("+", with: " ")
        return text.removingPercentEncoding ?? text
    }
}
