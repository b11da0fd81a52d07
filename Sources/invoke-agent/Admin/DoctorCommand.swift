import ArgumentParser
import Foundation
import InvokeCommands
import InvokeModel

/// `invoke-agent admin doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that an agent needs, and say how to mend what is wrong.",
        discussion: """
            Runs beside the agent or without it, and changes nothing. Give it the options, the environment and the file \
            that `serve` gets, and the user. Ends with 0 when nothing has failed, else with 1.

            Example:
              invoke-agent admin doctor --data-dir /var/lib/invoke-agent
            """
    )

    @Flag(help: "Measure every content again, and look at every row of the database.")
    var deep = false

    @OptionGroup(title: "Output")
    var output: OutputOptions

    @OptionGroup
    var source: SettingSource

    func run() async throws {
        let findings = await findings()
        let isHealthy = !findings.contains { $0.status == .failed }
        Printer(output, .finding).print(findings.map(\.json))
        if !isHealthy { throw ExitCode(1) }
    }

    private func findings() async -> [Finding] {
        do {
            let settings = try await source.settings()
            let examination = Examination(settings: settings, isDeep: deep)
            return [.ok("configuration", source.config.map { "\($0) and the environment are read" } ?? "is read")]
                + (await examination.findings())
        } catch {
            let reason = (error as? Stop)?.message ?? "\(error)"
            return [.failed("configuration", reason, "correct it; `invoke-agent config show` prints what is read")]
        }
    }
}

extension View {
    fileprivate static let finding = View(
        id: "name",
        Column("Status", "status"),
        Column("Check", "name"),
        Column("Seen", "seen"),
        Column("To mend it", "advice")
    )
}
