import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Services and operations as the agent keeps them.
@Suite(.timeLimit(.minutes(5))) struct ServiceTests {
    private func definition(version: String = "1.0.0", command: String = "cat", price: String = "0") -> JSON {
        let operation: JSON = [
            "inputs": ["in": ["type": "string"]], "outputs": ["out": ["type": "string"]],
            "run": ["engine": "process", "command": [.string(command)]],
            "price": ["amount": .string(price), "currency": "OCEAN"],
        ]
        return ["name": "tools", "version": .string(version), "operations": ["run": operation]]
    }

    private func code(_ body: () async throws -> some Sendable) async throws -> ErrorCode? {
        do {
            _ = try await body()
            return nil
        } catch let refusal as Refusal {
            return refusal.code
        }
    }

    @Test func anUnchangedOperationKeepsItsIDAndAChangedOneGetsAnother() async throws {
        let test = try await TestAgent()
        let provider = try await test.account("provider")
        let replace = { (definition: JSON) in
            try await test.agent.replaceService(named: "tools", with: definition, by: provider).operations[0].asset
        }
        let first = try await test.agent.register(definition(), by: provider).operations[0].asset
        #expect(try await replace(definition(version: "1.1.0")) == first)
        #expect(try await replace(definition(version: "1.1.0", price: "2")) == first)
        let changed = try await replace(definition(version: "2.0.0", command: "tac"))
        #expect(changed != first)
        // What a consumer has found stays invocable.
        #expect(try await test.agent.operation(first.description).operation.run.program?.command == ["cat"])
        #expect(try await test.agent.operation(changed.description).operation.run.program?.command == ["tac"])
    }

    @Test func anOperationIsFoundByEveryFormOfItsName() async throws {
        let test = try await TestAgent()
        let id = try await test.agent.register(definition(), by: test.account("provider")).operations[0].asset
        let did = "\(test.agent.did(of: id))"
        for text in ["\(id)", "0x\(id)", "\(id)".uppercased(), did, did + "#part", "did:op:\(test.agent.id)/\(id)"] {
            #expect(try await test.agent.operation(text).record.asset == id)
        }
        for text in ["", "run", "\(Hex32.random())", "did:dep:\(Hex32.random())/\(id)"] {
            #expect(try await code { try await test.agent.operation(text) } == .unknownOperation)
        }
    }

    @Test func aRetiredServiceIsGoneAndItsNameIsFree() async throws {
        let test = try await TestAgent()
        let provider = try await test.account("provider")
        let id = try await test.agent.register(definition(), by: provider).operations[0].asset
        #expect(try await code { try await test.agent.register(definition(), by: provider) } == .alreadyRegistered)
        #expect(try await test.agent.operation(id.description).record.asset == id)
        try await test.agent.retireService(named: "tools", by: provider)
        #expect(try await code { try await test.agent.operation(id.description) } == .unknownOperation)
        #expect(try await code { try await test.agent.service(named: "tools", for: provider) } == .unknownResource)
        #expect(try await code { try await test.agent.register(definition(), by: provider) } == nil)
    }

    @Test func onlyProvidersRegisterAndOnlyOwnersReplace() async throws {
        let test = try await TestAgent()
        let (provider, consumer) = (try await test.account("provider"), try await test.account("consumer"))
        #expect(try await code { try await test.agent.register(definition(), by: consumer) } == .forbidden)
        _ = try await test.agent.register(definition(), by: provider)
        _ = try await test.agent.createAccount(
            username: "rival",
            password: "rival-password",
            roles: [.provider],
            by: test.account("admin")
        )
        let rival = try await test.account("rival")
        let replaced = try await code {
            try await test.agent.replaceService(named: "tools", with: definition(), by: rival)
        }
        #expect(replaced == .forbidden)
        #expect(try await code { try await test.agent.retireService(named: "tools", by: rival) } == .forbidden)
        #expect(try await test.agent.service(named: "tools", for: rival).token == nil)
        #expect(try await test.agent.service(named: "tools", for: provider).token != nil)
    }

    @Test func aModeThatIsNotOfferedIsRefused() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("late", "printf x", ["modes: [async]"])
        let consumer = try await test.account("consumer")
        let sync = try await code {
            try await test.agent.invoke(
                operation,
                InvocationRequest(body: [:]) { _, place throws(Invalid) in throw Invalid(place, "no asset") },
                InvocationOptions(mode: .sync),
                by: consumer
            )
        }
        #expect(sync == .modeNotOffered)
        #expect(try await code { try await test.invoke(operation) } == nil)
    }

    @Test func badInputsMakeNoJob() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("echo", "printf x")
        #expect(try await code { try await test.invoke(operation, ["wrd": "x"]) } == .invalidInput)
        #expect(try await code { try await test.invoke(operation, ["word": 7]) } == .invalidInput)
        #expect(try await test.store.poolsWithWork().isEmpty)
    }
}
