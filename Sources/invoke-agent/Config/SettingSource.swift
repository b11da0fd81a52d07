import ArgumentParser
import Foundation

/// What says how the agent is configured: a file, and options; the environment comes in between.
struct SettingSource: ParsableArguments {
    @Option(help: "A YAML file with settings.")
    var config: String?

    @OptionGroup(title: "Settings")
    var options: SettingOptions

    /// - Throws: `Stop.badConfiguration`.
    func settings() async throws -> Settings { try await Settings(layers()) }

    /// - Throws: `Stop.badConfiguration`.
    func layers() throws -> [SettingLayer] {
        try SettingLayer.all(
            flags: options.given,
            file: config,
            environment: ProcessInfo.processInfo.environment
        )
    }
}
