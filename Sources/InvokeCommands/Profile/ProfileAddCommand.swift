import OrderedCollections
import ArgumentParser
import InvokeClient

/// `invoke-agent profile add`.
struct ProfileAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Keep an agent under a name, and use it from now on.",
        discussion: """
            Example:
              invoke-agent profile add market --url https://agent.example
              invoke-agent login
            """
    )

    @Argument(help: "The name.") var name: String
    @Option(help: "The agent's address.") var url: String
    @Option(help: "The name of your account there.") var user: String?

    func run() async throws {
        try await Failure.told {
            var profiles = try Profiles.read()
            let agent = try AgentClient(url: url)
            // Another agent must never be sent this one's token.
            let token = profiles.profiles[name].flatMap { $0.url == agent.url ? $0.token : nil }
            profiles.profiles[name] = Profiles.Profile(url: agent.url, username: user, token: token)
            profiles.used = name
            try profiles.write()
        }
    }
}
