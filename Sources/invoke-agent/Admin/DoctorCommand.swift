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

    @Option(help: "text or json.")
    var output: ReportFormat = .text

    @OptionGroup
    var source: SettingSource

    func run() async throws {
        let findings = await findings()
        let isHealthy = !findings.contains { $0.status == .failed }
        switch output {
        case .text: print(Self.text(findings))
        case .json:
            let answer: JSON = ["healthy": .bool(isHealthy), "checks": .array(findings.map(\.json))]
            print(answer.text)
        }
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

    private static func text(_ findings: [Finding]) -> String {
        let rows = findings.flatMap { finding in
            [[finding.status.rawValue, finding.name, finding.seen]]
                + (finding.advice.map { [["", "", "► \($0)"]] } ?? [])
        }
        return Table(rows).text
    }
}
