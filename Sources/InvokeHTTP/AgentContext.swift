import Foundation
package import Hummingbird
package import InvokeModel

/// What belongs to one request.
package struct AgentContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Names the request in answers and logs: a UUID.
    package let requestID: String
    /// Who calls; nil without credentials.
    package var caller: Account?
    /// Whose error table answers.
    package var dialect: Dialect = .agent

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = UUID().uuidString.lowercased()
    }
}

/// Whose words an answer is in.
package enum Dialect: Sendable {
    /// Our own routes.
    case agent
    /// The raw DEP-6: `/invoke`, `/invokeasync`, `/jobs/result`.
    case seed
    /// DEP v1: everything under `/api`.
    case v1

    /// The seed's own table lists 200, 201, 400, 401, 500 and 503, hence 400 for what others say with 403 and 404.
    func status(of refusal: Refusal) -> Int {
        switch (self, refusal.code) {
        case (.seed, .unknownJob), (.seed, .notPaid): 400
        default: refusal.code.status
        }
    }
}
