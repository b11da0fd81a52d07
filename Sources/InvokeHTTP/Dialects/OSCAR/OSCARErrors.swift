import HTTPTypes
import Hummingbird
import InvokeModel

/// The OSCAR dialect's errors: a status, and one line of text where there is something to say (oscar.md §1, W12 and W13).
enum OSCARErrors {
    static func answer(to refusal: Refusal) -> Response {
        var response: Response
        switch refusal.code {
        case .unauthenticated:
            response = Response(status: .unauthorized)
            response.headers[.wwwAuthenticate] = #"Basic realm="Authorization Required""#
        case .unknownResource, .unknownJob: response = Response(status: .notFound)
        default:
            let status = HTTPResponse.Status(code: Dialect.oscar.status(of: refusal))
            response = Response(text: refusal.message + "\n", status: status)
        }
        switch refusal.code {
        case .bodyTooLarge, .requestTimeout, .draining: response.headers[.connection] = "close"
        default: break
        }
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}

extension Response {
    /// A plain text, as OSCAR's clients show it.
    init(text: String, status: HTTPResponse.Status = .ok) {
        self.init(bytes: text.utf8, contentType: "text/plain; charset=utf-8", status: status)
    }

    /// JSON as OSCAR's clients expect it to be labelled.
    init(oscar json: JSON, status: HTTPResponse.Status = .ok) {
        self.init(bytes: json.bytes(), contentType: "application/json; charset=utf-8", status: status)
    }
}
