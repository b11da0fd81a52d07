import CConsoleFiles
import Crypto
import Mustache

/// The templates, styles and scripts that the program carries.
struct ConsoleFiles: Sendable {
    let templates: MustacheLibrary
    /// Styles and scripts by their path below `static/`.
    let statics: [String: [UInt8]]
    /// Changes with every change of a style or script, so that browsers may keep them for good: 16 hexadecimal digits.
    let stamp: String

    /// - Throws: when a template can't be parsed.
    init() throws {
        var templates: [String: MustacheTemplate] = [:]
        var statics: [String: [UInt8]] = [:]
        var hash = SHA256()
        for file in Self.carried {
            if file.path.hasPrefix("templates/") {
                let name = file.path.dropFirst("templates/".count).dropLast(".mustache".count)
                templates[String(name)] = try MustacheTemplate(string: String(decoding: file.bytes, as: UTF8.self))
            } else {
                statics[String(file.path.dropFirst("static/".count))] = file.bytes
                hash.update(data: Array(file.path.utf8) + [0] + file.bytes)
            }
        }
        self.templates = MustacheLibrary(templates: templates)
        self.statics = statics
        stamp = hash.finalize().prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// All files, by their paths below `Sources/InvokeConsole`.
    package static var carried: [(path: String, bytes: [UInt8])] {
        (0..<console_file_count).compactMap { index in
            guard let file = console_file_at(index) else { return nil }
            let bytes = UnsafeBufferPointer(start: file.pointee.bytes, count: file.pointee.count)
            return (String(cString: file.pointee.path), Array(bytes))
        }
    }

    static func contentType(of path: String) -> String {
        switch path.split(separator: ".").last {
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "text/plain; charset=utf-8"
        }
    }
}
