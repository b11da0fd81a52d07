import ArgumentParser
import InvokeModel

/// `invoke-agent profile list`.
struct ProfileListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the profiles; never their secrets.",
        discussion: """
            Example:
              invoke-agent profile list
            """
    )

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        try await Failure.told {
            let profiles = try Profiles.read()
            let rows = profiles.profiles.map { name, profile -> JSON in
                [
                    "name": .string(name), "url": .string(profile.url),
                    "user": profile.username.map(JSON.string) ?? .null,
                    "logged_in": .bool(profile.token != nil), "used": .bool(name == profiles.used),
                ]
            }
            Printer(output, .profile).print(rows)
        }
    }
}

extension View {
    static let profile = View(
        id: "name",
        Column("Profile", "name"),
        Column("Agent", "url"),
        Column("Account", "user"),
        Column("Logged in", "logged_in"),
        Column("In use", "used")
    )
}
