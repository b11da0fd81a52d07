import ArgumentParser
import Foundation
import InvokeClient

/// Why a command can't do what it was told, and what to do next.
struct Failure: Error {
    let status: ExitStatus
    let message: String
    var details: [String] = []
    var advice: String?

    /// Tells it on standard error, in one way for all commands.
    func tell() {
        Terminal.tell("invoke-agent: \(Terminal.plain(message))")
        for detail in details { Terminal.tell("  \(Terminal.plain(detail))") }
        if let advice { Terminal.tell("Next: \(advice)") }
    }
}

extension Failure {
    /// Runs a command; what goes wrong is told, and becomes the status that the program ends with.
    static func told(_ command: () async throws -> Void) async throws {
        do { try await command() } catch {
            guard let failure = Failure(telling: error) else { throw error }
            failure.tell()
            throw failure.status.code
        }
    }

    /// - Returns: nil for what has been told already, or is the parser's to tell.
    private init?(telling error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let refusal as AgentRefusal: self.init(refusal)
        case let fault as AgentUnreachable:
            self.init(
                status: .unreachable,
                message: "no agent answers at \(fault.url): \(fault.reason).",
                advice: "start one with `invoke-agent serve`, or name yours with --url, INVOKE_URL or a profile"
            )
        case is AgentAnswerFault:
            self.init(status: .agentFault, message: "what answers there is not an agent.", advice: "check --url")
        case let fault as AgentContentFault:
            self.init(
                status: .failure,
                message: "the content of \(fault.asset) was damaged on the way; nothing was kept.",
                advice: "try again"
            )
        case let error as CocoaError:
            let path = (error.userInfo[NSFilePathErrorKey] as? String).map { "\($0): " } ?? ""
            self.init(status: .failure, message: path + error.localizedDescription)
        default: return nil
        }
    }
}

extension Failure {
    /// What an agent has refused; `given` are the values of the call, by the names that faults have for them.
    init(_ refusal: AgentRefusal, given: [String: String] = [:], advice: String? = nil) {
        status = ExitStatus(refusal)
        // A message that is made of its faults would tell them twice.
        let isList =
            !refusal.violations.isEmpty && refusal.violations.allSatisfy { refusal.message.contains($0.detail) }
        message = isList ? "the agent has refused this:" : refusal.message
        details = refusal.violations.map { violation in
            let name = violation.pointer.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            let value = given[name].map { ", not \"\($0.prefix(60))\"" } ?? ""
            return Self.text(violation.pointer, violation.detail, line: violation.line) + value
        }
        self.advice = advice ?? Self.advice(refusal)
    }

    /// One fault of a document, and where it is.
    static func text(_ pointer: String, _ detail: String, line: Int?) -> String {
        guard let line else { return "\(pointer): \(detail)" }
        return pointer == "#" ? "line \(line): \(detail)" : "line \(line), \(pointer): \(detail)"
    }

    private static func advice(_ refusal: AgentRefusal) -> String? {
        switch (refusal.status, refusal.code) {
        case (_, 8001): "see your jobs: invoke-agent job list"
        case (_, 8003): "see what it costs: invoke-agent listing list; order it: invoke-agent purchase create LISTING"
        case (404, 8112): "see what there is with `list` in the place of the verb"
        case (_, 8105): "see what there is: invoke-agent operation list"
        case (401, _): "log in: invoke-agent login"
        case (403, _): "see who you are and what you may: invoke-agent account show"
        case (429, _), (503, _): refusal.retryAfter.map { "try again in \($0) s" }
        case (500..., _): refusal.requestID.map { "tell the operator this request's id: \($0)" }
        default: nil
        }
    }
}

extension ExitStatus {
    init(_ refusal: AgentRefusal) {
        switch (refusal.status, refusal.code) {
        case (_, 8003), (402, _): self = .unpaid
        case (_, 8001), (404, _): self = .notFound
        case (401, _), (403, _): self = .notAllowed
        case (429, _), (503, _), (507, _): self = .tryLater
        case (500..., _): self = .agentFault
        default: self = .refused
        }
    }
}
