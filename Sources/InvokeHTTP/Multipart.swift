import InvokeModel
import NIOCore

/// The one form of `multipart/form-data` (RFC 7578) that uploads use: the bytes of one named part.
enum Multipart {
    /// The boundary that a content type names.
    static func boundary(of contentType: String) -> String? {
        for parameter in contentType.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1).map(\.trimmingSpaces)
            guard parts.count == 2, parts[0].lowercased() == "boundary" else { continue }
            let value = parts[1].hasPrefix("\"") ? String(parts[1].dropFirst().prefix { $0 != "\"" }) : parts[1]
            return (1...70).contains(value.utf8.count) ? value : nil
        }
        return nil
    }

    /// The bytes of the first part with a name, as they arrive; the other parts are read and dropped.
    struct File<Body: AsyncSequence>: AsyncSequence where Body.Element == ByteBuffer {
        typealias Element = ByteBuffer
        typealias Failure = any Error

        private let name: String
        private let body: Body
        private let boundary: String

        init(named name: String, in body: Body, boundary: String) {
            self.name = name
            self.body = body
            self.boundary = boundary
        }

        func makeAsyncIterator() -> Iterator {
            Iterator(body: body.makeAsyncIterator(), reader: PartReader(name: name, boundary: boundary))
        }

        struct Iterator: AsyncIteratorProtocol {
            private var body: Body.AsyncIterator
            private var reader: PartReader

            fileprivate init(body: Body.AsyncIterator, reader: PartReader) {
                self.body = body
                self.reader = reader
            }

            @concurrent mutating func next() async throws -> ByteBuffer? {
                while true {
                    if let bytes = try reader.next() { return bytes }
                    if reader.isAtEnd {
                        while try await body.next() != nil {}
                        return nil
                    }
                    guard let buffer = try await body.next() else { throw reader.unexpectedEnd }
                    reader.add(buffer)
                }
            }
        }
    }
}

/// Takes a multipart body apart, holding no more of it than a boundary or a part's header takes.
private struct PartReader {
    private enum State {
        /// Before the first boundary, or in a part that nobody asked for.
        case skipping, header, file, done
    }

    private struct Boundary {
        let isLast: Bool
    }

    private let name: String
    private let delimiter: [UInt8]
    private var buffer: [UInt8]
    private var state = State.skipping
    private let maximumHeader = 16 << 10

    init(name: String, boundary: String) {
        self.name = name
        delimiter = Array("\r\n--\(boundary)".utf8)
        // So that the first boundary, which may open the body, looks like all others.
        buffer = Array("\r\n".utf8)
    }

    var isAtEnd: Bool { state == .done }

    var unexpectedEnd: Refusal {
        switch state {
        case .skipping: malformed("has no part named `\(name)`")
        case .header, .file, .done: malformed("ends in the middle of a part")
        }
    }

    mutating func add(_ bytes: ByteBuffer) { buffer.append(contentsOf: bytes.readableBytesView) }

    /// The next bytes of the file; nil when more has to be added first, or at the end.
    mutating func next() throws -> ByteBuffer? {
        while true {
            switch state {
            case .done: return nil
            case .skipping:
                let (_, boundary) = takeToBoundary()
                guard let boundary else { return nil }
                guard !boundary.isLast else { throw malformed("has no part named `\(name)`") }
                state = .header
            case .header:
                guard try readHeader() else { return nil }
            case .file:
                let (bytes, boundary) = takeToBoundary()
                if boundary != nil { state = .done }
                return bytes.isEmpty ? nil : ByteBuffer(bytes: bytes)
            }
        }
    }

    /// Takes the bytes before the next boundary, and the boundary too when it is here as a whole.
    private mutating func takeToBoundary() -> (bytes: [UInt8], boundary: Boundary?) {
        guard let start = buffer.firstRange(of: delimiter), buffer.count >= start.upperBound + 2 else {
            // The end of what is here may be the beginning of a boundary and the two bytes after it.
            let safe = max(0, buffer.count - delimiter.count - 1)
            defer { buffer.removeFirst(safe) }
            return (Array(buffer[..<safe]), nil)
        }
        let after = buffer[start.upperBound..<start.upperBound + 2]
        defer { buffer.removeFirst(start.upperBound) }
        return (Array(buffer[..<start.lowerBound]), Boundary(isLast: after.elementsEqual("--".utf8)))
    }

    private mutating func readHeader() throws -> Bool {
        guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else {
            guard buffer.count <= maximumHeader else { throw malformed("has a part whose header is too long") }
            return false
        }
        let header = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
        buffer.removeFirst(end.upperBound)
        state = isWanted(header) ? .file : .skipping
        return true
    }

    private func isWanted(_ header: String) -> Bool {
        header.split(separator: "\r\n").contains { line in
            line.lowercased().hasPrefix("content-disposition:")
                && line.split(separator: ";").map(\.trimmingSpaces).contains {
                    $0 == "name=\"\(name)\"" || $0 == "name=\(name)"
                }
        }
    }

    private func malformed(_ reason: String) -> Refusal {
        Refusal(.invalidInput, "The multipart body \(reason).")
    }
}
