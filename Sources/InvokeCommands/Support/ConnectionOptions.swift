import ArgumentParser
import Foundation
import InvokeClient

/// Which agent a command speaks to, and as whom.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The agent's address. (INVOKE_URL; default: the profile's)", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("The profile to use. (INVOKE_PROFILE; default: the one in use)", valueName: "name"))
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "An account's name; its password is asked for, or taken from INVOKE_PASSWORD. (INVOKE_USERNAME)",
            valueName: "name"
        )
    )
    var user: String?

    /// The agent that a command line, the environment and the profiles name, in this order.
    func agent() throws -> AgentClient {
        let environment = ProcessInfo.processInfo.environment
        let chosen = try Profiles.read().profile(profile ?? environment["INVOKE_PROFILE"])
        let address = url ?? environment["INVOKE_URL"] ?? chosen?.url ?? Self.defaultURL
        // A profile's secret is for the profile's agent.
        let isProfiles = address == chosen?.url
        return try AgentClient(
            url: address,
            credentials: try credentials(environment) ?? (isProfiles ? chosen?.credentials : nil),
            userAgent: "invoke-agent-cli"
        )
    }

    /// Who the user is, where that is known.
    func username() throws -> String? {
        let environment = ProcessInfo.processInfo.environment
        return try user ?? environment["INVOKE_USERNAME"]
            ?? Profiles.read().profile(profile ?? environment["INVOKE_PROFILE"])?.username
    }

    static let defaultURL = "http://127.0.0.1:8191"

    private func credentials(_ environment: [String: String]) throws -> AgentCredentials? {
        if let name = user ?? environment["INVOKE_USERNAME"] {
            if let password = environment["INVOKE_PASSWORD"] { return .password(username: name, password: password) }
            guard Terminal.canAsk, let password = Terminal.askSecret("Password of \(name)") else {
                throw Failure(
                    status: .notAllowed,
                    message: "there is no password for \(name).",
                    advice: "set INVOKE_PASSWORD, or log in once: invoke-agent login --user \(name)"
                )
            }
            return .password(username: name, password: password)
        }
        return environment["INVOKE_TOKEN"].map { .token($0) }
    }
}
