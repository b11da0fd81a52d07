import OrderedCollections
import ArgumentParser
import Foundation
import InvokeClient

/// `invoke-agent login`.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in to an agent, and keep a token for it in a profile.",
        discussion: """
            The password is asked for, or taken from INVOKE_PASSWORD, and not kept. The token is kept in a file that only \
            you may read, works for 90 days, and is revoked by `invoke-agent logout`.

            Example:
              invoke-agent login --url http://127.0.0.1:8191 --user admin
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions

    func run() async throws {
        try await Failure.told {
            var profiles = try Profiles.read()
            let environment = ProcessInfo.processInfo.environment
            let name = connection.profile ?? environment["INVOKE_PROFILE"] ?? profiles.used ?? "default"
            let known = profiles.profiles[name]
            var connection = connection
            connection.profile = nil
            connection.url = connection.url ?? environment["INVOKE_URL"] ?? known?.url
            connection.user = connection.user ?? environment["INVOKE_USERNAME"] ?? known?.username
            if connection.user == nil, Terminal.canAsk { connection.user = Terminal.ask("Account") }
            guard let user = connection.user, !user.isEmpty else {
                throw Failure(
                    status: .notAllowed,
                    message: "nobody has said who logs in.",
                    advice: "invoke-agent login --user NAME"
                )
            }
            let agent = try connection.agent()
            let token = try await agent.createToken()
            profiles.profiles[name] = Profiles.Profile(url: agent.url, username: user, token: token)
            profiles.used = name
            try profiles.write()
            Terminal.tell("Logged in to \(agent.url) as \(user), profile \(name).")
        }
    }
}
