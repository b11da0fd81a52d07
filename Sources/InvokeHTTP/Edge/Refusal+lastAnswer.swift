import Foundation
import InvokeModel
import InvokeWire
import NIOCore
import NIOHTTP1

extension Refusal {
    /// The answer to what never became a request; the connection ends with it.
    var lastAnswer: (head: HTTPResponseHead, body: ByteBuffer) {
        let request = UUID().uuidString.lowercased()
        let body = ByteBuffer(bytes: body(status: code.status, request: request).bytes())
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: code.status))
        head.headers = [
            "Content-Type": "application/problem+json", "Content-Length": String(body.readableBytes),
            "Connection": "close", "X-Request-Id": request, "Cache-Control": "private, no-cache",
            "Date": Date().httpText,
        ]
        if let retryAfter { head.headers.add(name: "Retry-After", value: String(retryAfter)) }
        return (head, body)
    }
}
