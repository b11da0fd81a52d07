import InvokeModel
import NIOHTTP1

extension HTTPRequestHead {
    /// What RFC 9112 has a server refuse and the parser lets pass; nil for a sound request.
    ///
    /// - One `Host`, no more and no less, in HTTP/1.1 (3.2).
    /// - A body is sent plainly or in chunks; another coding would be taken for the content (6.1).
    /// - HTTP/1.0 knows no chunks, so who sends them there has other ideas of where the request ends (6.1).
    var fault: Refusal? {
        var hosts = 0
        for (name, value) in headers {
            // The lengths come first: this runs for every header of every request.
            switch name.utf8.count {
            case 4 where name.lowercased() == "host": hosts += 1
            case 17 where name.lowercased() == "transfer-encoding":
                guard version == .http1_1, value.lowercased() == "chunked" else {
                    return Refusal(
                        .invalidParameter,
                        "`Transfer-Encoding` can only be chunked, and only in HTTP/1.1."
                    )
                }
            default: break
            }
        }
        guard hosts == 1 || hosts == 0 && version != .http1_1 else {
            return Refusal(.invalidParameter, "The request has \(hosts) `Host` fields; it needs exactly one.")
        }
        return nil
    }

    /// Whether the sender wants to leave HTTP/1.1 after this request. The parser then takes nothing more.
    var asksToSwitch: Bool { method == .CONNECT || headers.contains(name: "upgrade") }

    /// Whether the sender keeps its body back until it is told to go on (RFC 9110, 10.1.1).
    var asksForLeave: Bool { headers.first(name: "expect")?.lowercased() == "100-continue" && version == .http1_1 }
}

extension Refusal {
    /// What bytes that are no HTTP are answered with (reliability promise E7).
    init(_ error: HTTPParserError, lineBytes: Int, limits: EdgeLimits) {
        guard error == .headerOverflow else {
            self.init(.invalidParameter, "This is no HTTP/1.1 request: \(error.reason). The connection ends here.")
            return
        }
        guard lineBytes <= limits.fieldBytes + "GET  HTTP/1.1\r".utf8.count else {
            self.init(.targetTooLong, "The request target is longer than \(limits.fieldBytes) bytes.")
            return
        }
        self.init(
            .headersTooLarge,
            "The headers are too large: all may have \(limits.headBytes) bytes, one \(limits.fieldBytes), and there "
                + "may be \(limits.fields)."
        )
    }
}

extension HTTPParserError {
    fileprivate var reason: String {
        switch self {
        case .invalidMethod: "the method is none that is known"
        case .invalidURL: "the request target has characters that need percent-encoding, or no path"
        case .invalidVersion, .invalidConstant: "the request line does not end with HTTP/1.1"
        case .invalidHeaderToken: "a header has a character that may not stand there"
        case .invalidContentLength, .unexpectedContentLength: "`Content-Length` is not one plain number"
        case .invalidChunkSize: "a chunk has no size in hexadecimal digits"
        case .invalidEOFState: "it ends too early"
        default: "where its lines or its body end is not clear"
        }
    }
}
