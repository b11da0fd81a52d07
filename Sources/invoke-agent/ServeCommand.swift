import ArgumentParser

/// `invoke-agent serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the agent until it is told to stop.",
        discussion: """
            Every option can also be set in the environment (INVOKE_AGENT_DATA_DIR for --data-dir) or in the YAML file \
            of --config (data_dir); an option wins over the environment, and that over the file.

            The first line on standard output tells where the agent is, as JSON. Logs go to standard error. The first \
            start makes an admin account; its password is printed once and kept in <data-dir>/admin-password.

            Example:
              invoke-agent serve --data-dir /var/lib/invoke-agent --port 8191
            """
    )

    @OptionGroup
    var source: SettingSource

    func run() async throws {
        try await Stop.reported {
            let layers = try source.layers()
            let settings = try await Settings(layers)
            try await Wiring(settings, told: layers.values(of: settings)).serve()
        }
    }
}
