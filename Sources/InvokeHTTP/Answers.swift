import HTTPTypes
import Hummingbird
import InvokeModel
import NIOCore

extension Response {
    /// A JSON answer in one buffer, so that head and body leave in one write: some clients close the connection after
    /// what they got with the head (dep.md §16).
    init(json: JSON, status: HTTPResponse.Status = .ok) {
        self.init(bytes: json.bytes(), contentType: "application/json", status: status)
    }

    init(bytes: some Collection<UInt8>, contentType: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}

/// What a caller takes (`Accept`).
struct AcceptHeader {
    private let ranges: [String]

    /// - Parameter values: the header's values; none for a caller who takes anything.
    init(_ values: [String]) {
        isEmpty = values.isEmpty
        ranges = values.flatMap { $0.split(separator: ",") }.compactMap { range in
            let parts = range.split(separator: ";").map(\.trimmingSpaces)
            // A quality of zero means "not this".
            let isRefused = parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
            return isRefused ? nil : parts.first?.lowercased()
        }
    }

    private let isEmpty: Bool

    func admits(_ type: String) -> Bool {
        guard !isEmpty else { return true }
        let family = type.prefix { $0 != "/" } + "/*"
        return ranges.contains { $0 == "*/*" || $0 == type || $0 == family }
    }
}

extension StringProtocol {
    var trimmingSpaces: String {
        let text = Substring(self)
        let isKept: (UInt8) -> Bool = { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        guard let first = text.utf8.firstIndex(where: isKept), let last = text.utf8.lastIndex(where: isKept) else {
            return ""
        }
        return String(text[first...last])
    }
}
