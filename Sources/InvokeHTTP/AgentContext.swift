package import Hummingbird
import InvokeModel
import NIOCore

/// What belongs to one request.
package struct AgentContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Names the request in answers and logs: a UUID.
    package let requestID: String
    /// The connection that the request came by.
    let channel: any Channel
    /// Whom the request is answered to without credentials of its own: a page asks for the visitor who has proven his. No
    /// request that came by a connection has one.
    var visitor: Account?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = RequestID.next()
        channel = source.channel
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
    /// OSCAR: `/system`, `/run` and `/job`, which answer in its own words.
    case oscar

    /// The seed's own table lists 200, 201, 400, 401, 500 and 503, hence 400 for what others say with 403 and 404. Where
    /// OSCAR's differs from the catalogue's, its clients go by OSCAR's.
    func status(of refusal: Refusal) -> Int {
        switch (self, refusal.code) {
        case (.seed, .unknownJob), (.seed, .notPaid), (.oscar, .conflict): 400
        case (.oscar, .queueFull): 429
        default: refusal.code.status
        }
    }
}
