import Foundation

/// Who makes a request: an account of `TestAgent`, or nobody.
enum Caller: String, CaseIterable {
    case admin, provider, consumer, other, nobody

    /// The `Authorization` header; nil without credentials.
    var authorization: String? { self == .nobody ? nil : Self.basic(rawValue, "\(rawValue)-password") }

    static func basic(_ username: String, _ password: String) -> String {
        "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()
    }
}
