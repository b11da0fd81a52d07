import Foundation
import InvokeTesting
import Testing

/// How the agent starts, and how it refuses to.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct StartTests {
    @Test func theFirstStartDrawsAPasswordThatOnlyItsUserCanRead() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        let agent = try await AgentProcess.start(data: data, environment: ["INVOKE_AGENT_ADMIN_PASSWORD": ""])
        let password = try String(contentsOfFile: data + "/admin-password", encoding: .utf8)
        #expect(password.count > 20)
        #expect(agent.log.contains(password.trimmingCharacters(in: .newlines)))
        for name in ["admin-password", "agent.key", "agent.sqlite", "agent.sqlite-wal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(data)/\(name)")[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: data)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func aSecondAgentOnTheSameDataIsRefused() async throws {
        let folder = try TemporaryFolder()
        let agent = try await AgentProcess.start(data: folder.path + "/data")
        let refusal = try await AgentProcess.refusal(data: folder.path + "/data")
        #expect(refusal.status == 75)
        #expect(refusal.errors.contains("already"))
        #expect(try await AgentClient(url: agent.url).send("GET", "/health").status == 200)
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        let folder = try TemporaryFolder()
        let agent = try await AgentProcess.start(data: folder.path + "/one")
        let port = try #require(agent.url.split(separator: ":").last.map(String.init))
        let refusal = try await AgentProcess.refusal(data: folder.path + "/two", options: ["--port", port])
        #expect(refusal.status == 75)
        #expect(refusal.errors.contains("port \(port)"))
    }

    @Test func anUnknownSettingIsRefusedWithTheNearestKnownOne() async throws {
        let folder = try TemporaryFolder()
        let variable = try await AgentProcess.refusal(
            data: folder.path + "/data",
            environment: ["INVOKE_AGENT_DATADIR": "x"]
        )
        #expect(variable.status == 78)
        #expect(variable.errors.contains("INVOKE_AGENT_DATA_DIR"))
        let file = folder.path + "/agent.yaml"
        try "log:\n  formt: json\n".write(toFile: file, atomically: true, encoding: .utf8)
        let member = try await AgentProcess.refusal(data: folder.path + "/data", options: ["--config", file])
        #expect(member.status == 78)
        #expect(member.errors.contains("log.format"))
        let value = try await AgentProcess.refusal(data: folder.path + "/data", options: ["--workers", "many"])
        #expect(value.status == 78)
        #expect(value.errors.contains("workers"))
    }

    @Test func aFileConfiguresTheAgentAndAnOptionWins() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/agent.yaml"
        try "public_catalogue: false\nworkers: 3\npublic_url: https://agent.example/\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        let closed = try await AgentProcess.start(data: folder.path + "/data", options: ["--config", file])
        #expect(try await Self.anonymousStatus(closed.url + "/services") == 401)
        closed.kill()
        let open = try await AgentProcess.start(
            data: folder.path + "/data",
            options: ["--config", file, "--public-catalogue", "true"]
        )
        #expect(try await Self.anonymousStatus(open.url + "/services") == 200)
    }

    private static func anonymousStatus(_ url: String) async throws -> UInt {
        try await AgentClient(url: url).anonymousStatus()
    }

    @Test func aFileThatIsNoDatabaseOfOursIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let text = Data("this is not a database, and somebody may want it back\n".utf8)
        try text.write(to: URL(fileURLWithPath: data + "/agent.sqlite"))
        let refusal = try await AgentProcess.refusal(data: data)
        #expect(refusal.status == 65)
        #expect(refusal.errors.contains("agent.sqlite"))
        #expect(FileManager.default.contents(atPath: data + "/agent.sqlite") == text)
    }

    @Test func aFolderThatCannotBeMadeIsNamed() async throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        let refusal = try await AgentProcess.refusal(data: folder.path + "/file/data")
        #expect(refusal.status == 73)
    }
}
