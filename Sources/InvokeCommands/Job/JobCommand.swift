import ArgumentParser
import Foundation
import InvokeClient
import InvokeModel

/// `invoke-agent job`: what has been invoked.
struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Follow, read, end and repeat jobs.",
        subcommands: [
            JobListCommand.self, JobShowCommand.self, JobWatchCommand.self, JobWaitCommand.self,
            JobResultCommand.self, JobLogsCommand.self, JobCancelCommand.self, JobRetryCommand.self,
            JobExplainCommand.self, JobRemoveCommand.self,
        ]
    )
}
