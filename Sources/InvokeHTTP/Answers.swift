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
    private let ranges: [Substring]

    /// - Parameter values: the header's values; none for a caller who takes anything.
    init(_ values: [String]) {
        isEmpty = values.isEmpty
        ranges = values.flatMap { $0.split(separator: ",") }.compactMap { range in
            let parts = range.split(separator: ";").map { $0.drop { $0 == " " } }
            // A quality of zero means "not this".
            let isRefused = parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
            return isRefused ? nil : parts.first.map { Substring($0.lowercased().trimmingSpaces) }
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
        let space: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(drop(while: space).reversed().drop(while: space).reversed())
    }
}
