import ArgumentParser
import Foundation

/// The ceilings that are measured in Swift; `Benchmarks/bench.py` runs them beside the agent.
///
/// Each command prints one line of JSON.
@main
struct InvokeBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoke-bench",
        abstract: "Measures what this machine can do without the agent.",
        subcommands: [BareServer.self, RawInserts.self, BareSpawns.self]
    )
}

/// What keeps a ceiling from being measured.
struct NotMeasured: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One line of JSON on standard output.
func printLine(_ value: some Encodable) throws {
    FileHandle.standardOutput.write(try JSONEncoder().encode(value) + [0x0A])
}
