import OrderedCollections
import ArgumentParser

/// `invoke-agent profile remove`.
struct ProfileRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget a profile.",
        discussion: """
            Example:
              invoke-agent profile remove market
            """
    )

    @Argument(help: "The profile's name.") var name: String

    func run() async throws {
        try await Failure.told {
            var profiles = try Profiles.read()
            _ = try profiles.profile(name)
            profiles.profiles[name] = nil
            if profiles.used == name { profiles.used = nil }
            try profiles.write()
        }
    }
}
