import Foundation
import InvokeClient

/// Has a service with one input of its own run a text, and prints what becomes of it: `swift-client SERVICE TEXT`.
@main
struct Client {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let agent = try AgentClient(
            url: environment["INVOKE_URL"] ?? "http://127.0.0.1:8191",
            credentials: .password(
                username: environment["INVOKE_USERNAME"] ?? "admin",
                password: environment["INVOKE_PASSWORD"] ?? ""
            )
        )
        let (service, text) = (CommandLine.arguments[1], CommandLine.arguments[2])
        for try await operation in agent.operations() where operation["service"]?.string == service {
            let operation = AgentOperation(json: operation)
            let job = try await agent.invoke(operation.did, inputs: [operation.inputs[0].name: .string(text)])
            let ended = try await agent.follow(job) { event in print(event.name, event.data["status"]?.string ?? "") }
            print(ended.outputs.values.first?.string ?? ended.failure ?? "")
        }
    }
}
