import Foundation

/// Who calls an agent.
public enum AgentCredentials: Sendable, Hashable {
    /// An account's name and password.
    case password(username: String, password: String)
    /// A token of an account, as `AgentClient.createToken` gives it.
    case token(String)

    var header: String {
        switch self {
        case .password(let username, let password):
            "Basic \(Data("\(username):\(password)".utf8).base64EncodedString())"
        case .token(let token): "Bearer \(token)"
        }
    }
}
