import ArgumentParser

/// `invoke-agent profile use`.
struct ProfileUseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use",
        abstract: "Use a profile from now on.",
        discussion: """
            Example:
              invoke-agent profile use market
            """
    )

    @Argument(help: "The profile's name.") var name: String

    func run() async throws {
        try await Failure.told {
            var profiles = try Profiles.read()
            _ = try profiles.profile(name)
            profiles.used = name
            try profiles.write()
        }
    }
}
