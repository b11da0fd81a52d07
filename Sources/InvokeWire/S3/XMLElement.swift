/// An element of the simple XML that S3 speaks: elements within each other, or text; no attributes but the namespace.
package struct XMLElement: Sendable, Hashable {
    package let name: String
    package var children: [XMLElement]
    package var text: String

    package init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
        children = []
    }

    package init(_ name: String, _ children: [XMLElement]) {
        self.name = name
        self.children = children
        text = ""
    }

    /// The text of the first child of a name.
    package subscript(_ name: String) -> String? { children.first { $0.name == name }?.text }

    /// A whole document in S3's namespace.
    package func document() -> [UInt8] {
        var text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
        write(into: &text, namespace: name == "Error" ? "" : #" xmlns="http://s3.amazonaws.com/doc/2006-03-01/""#)
        return Array(text.utf8)
    }

    private func write(into text: inout String, namespace: String = "") {
        text += "<\(name)\(namespace)>"
        for scalar in self.text.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&#34;"
            case "\u{9}", "\u{A}", "\u{D}": text += "&#x\(String(scalar.value, radix: 16, uppercase: true));"
            // XML has no way to say these.
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        for child in children { child.write(into: &text) }
        text += "</\(name)>"
    }
}
