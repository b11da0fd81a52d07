package import InvokeModel
import InvokeStore
import InvokeWire

extension Agent {
    /// Makes the account that the older agents' clients are tried with, unless there is one of that name.
    package func makeDemoUser() async throws {
        guard try await store.account(named: "Aladdin") == nil else { return }
        _ = try await store.createAccount(
            username: "Aladdin",
            publicID: .random(),
            passwordHash: try await Password.hash("OpenSesame"),
            roles: Set(Role.allCases)
        )
    }

    /// The demo operations, registered when they are first asked for.
    package func importDemo(by caller: Account) async throws -> RegisteredService {
        let definition = try JSON(yaml: PackageResources.demo_yaml)
        let name = definition["name"]?.string ?? ""
        if try await store.service(named: name) != nil { return try await service(named: name, for: caller) }
        return try await register(definition, by: caller)
    }
}
