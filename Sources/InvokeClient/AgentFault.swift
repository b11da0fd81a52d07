import Foundation
import InvokeModel

/// Why a call of an agent has come to nothing.
public protocol AgentFault: Error, Sendable {}

/// The agent has said no.
public struct AgentRefusal: AgentFault, Hashable {
    /// One thing that is wrong with what was sent.
    public struct Violation: Sendable, Hashable {
        /// Where: a JSON pointer as a URI fragment, such as `#/text`.
        public let pointer: String
        /// The line of the definition that was sent, from 1; nil where there is none.
        public let line: Int?
        /// What is wrong there.
        public let detail: String
    }

    /// The HTTP status.
    public let status: Int
    /// The agent's error code, such as 8003 for what is not paid; nil when the answer is not the agent's.
    public let code: Int?
    /// What is wrong, as a sentence.
    public let message: String
    /// Every fault found, 20 at most.
    public let violations: [Violation]
    /// Seconds after which to try again.
    public let retryAfter: Int?
    /// Names the request in the agent's log.
    public let requestID: String?

    init(status: Int, body: [UInt8], retryAfter: String?) {
        self.status = status
        self.retryAfter = retryAfter.flatMap { Int($0) }
        let problem = try? JSON(parsing: body)
        code = problem?["errorcode"]?.int
        message = problem?["description"]?.string ?? "The answer was \(status), and not an agent's."
        violations = (problem?["errors"]?.array ?? []).compactMap { error in
            guard let pointer = error["pointer"]?.string, let detail = error["detail"]?.string else { return nil }
            return Violation(pointer: pointer, line: error["line"]?.int, detail: detail)
        }
        requestID = problem?["instance"]?.string?.split(separator: ":").last.map(String.init)
    }
}

/// There is no agent, or no way to it.
public struct AgentUnreachable: AgentFault, Hashable {
    /// Where the agent should be.
    public let url: String
    /// Why there is no answer.
    public let reason: String
}

/// What came back is not what an agent answers.
public struct AgentAnswerFault: AgentFault, Hashable {}

/// A content is not what its asset says it is: it was damaged on the way.
public struct AgentContentFault: AgentFault, Hashable {
    /// The asset's id or DID.
    public let asset: String
}
