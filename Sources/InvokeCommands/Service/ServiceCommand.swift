import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent service`: what a provider offers.
struct ServiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Make, register and look after services.",
        subcommands: [
            ServiceInitCommand.self, ServiceValidateCommand.self, ServiceRegisterCommand.self,
            ServiceUpdateCommand.self,
            ServiceListCommand.self, ServiceShowCommand.self, ServiceTokenCommand.self, ServiceRemoveCommand.self,
        ]
    )
}

extension View {
    static let service = View(
        id: "name",
        Column("Service", "name"),
        Column("Version", "version"),
        Column("Owner", "owner"),
        Column("Updated", "updated")
    )
    static let registeredService = View(
        id: "service.name",
        Column("Service", "service.name"),
        Column("Version", "service.version"),
        Column("DID", "service.did")
    )
}
