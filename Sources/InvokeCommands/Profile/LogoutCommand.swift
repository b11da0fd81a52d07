import OrderedCollections
import ArgumentParser
import InvokeClient

/// `invoke-agent logout`.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Revoke the token of a profile, and forget it.",
        discussion: """
            Example:
              invoke-agent logout
            """
    )

    @Option(help: "The profile. (default: the one in use)") var profile: String?

    func run() async throws {
        try await Failure.told {
            var profiles = try Profiles.read()
            guard let name = profile ?? profiles.used, let found = try profiles.profile(name), let token = found.token
            else { throw Failure(status: .notFound, message: "you are not logged in.") }
            let agent = try AgentClient(url: found.url, credentials: found.credentials)
            do { try await agent.revokeToken(token) } catch let refusal as AgentRefusal where refusal.status < 500 {
                // It has been revoked already, or its time is over.
            }
            profiles.profiles[name]?.token = nil
            try profiles.write()
        }
    }
}
