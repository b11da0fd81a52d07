import ArgumentParser
import Foundation
import InvokeCommands
import InvokeModel

/// `invoke-agent config show`.
struct ShowConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print every setting, its value, and where that came from.",
        discussion: """
            Give it the options, the environment and the file that `serve` gets: it reads them as the agent would, and \
            refuses what the agent would refuse (exit 78). Secrets are shown as ********.

            Example:
              invoke-agent config show --config /etc/invoke-agent.yaml
            """
    )

    @OptionGroup(title: "Output")
    var output: OutputOptions

    @OptionGroup
    var source: SettingSource

    func run() async throws {
        try await Stop.reported {
            let settings = try await source.settings()
            let values = try source.layers().values(of: settings)
            Printer(output, .setting).print(values.map(\.json))
        }
    }
}

extension View {
    fileprivate static let setting = View(
        id: "key",
        Column("Setting", "key"),
        Column("Value", "value"),
        Column("From", "origin")
    )
}

/// One line of the answer.
struct ShownSetting {
    let setting: Setting
    /// Nil where there is none; of a secret, not the secret.
    let text: String?
    let origin: String

    var json: JSON {
        ["key": .string(setting.rawValue), "value": text.map(JSON.string) ?? .null, "origin": .string(origin)]
    }
}

extension [SettingLayer] {
    /// All settings in the order of their declaration, each from the first layer that has it.
    func values(of settings: Settings) -> [ShownSetting] {
        Setting.allCases.map { setting in
            let layer = first { $0.values[setting] != nil }
            let text = layer?.values[setting] ?? settings.derived(setting)
            return ShownSetting(
                setting: setting,
                text: setting.isSecret && text?.isEmpty == false ? "********" : text,
                origin: (layer?.origin ?? .builtIn).text(of: setting)
            )
        }
    }
}

extension Settings {
    /// What holds when nobody says anything, where that depends on the machine or on other settings.
    fileprivate func derived(_ setting: Setting) -> String? {
        switch setting {
        case .publicURL: fixedURL
        case .workers: String(workers)
        case .corsOrigins: corsOrigins.isEmpty ? nil : corsOrigins.sorted().joined(separator: ",")
        default: nil
        }
    }
}
