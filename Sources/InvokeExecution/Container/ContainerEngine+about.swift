import AsyncHTTPClient
import InvokeModel
import NIOHTTP1

/// What an engine is and has.
struct EngineAbout {
    /// Such as `podman 4.3.1`.
    let version: String
    /// Whether its containers' root is the user who runs the engine.
    let isRootless: Bool
    let condition: EngineCondition

    /// Takes what the server calls itself, such as `Libpod/4.3.1 (linux)`, and the answer of `/info`.
    init(server: String, info: JSON) {
        let word = server.prefix { $0 != "/" }.lowercased()
        let version =
            (word == "libpod" ? "podman" : word) + " " + (info["ServerVersion"]?.string ?? "of unknown version")
        self.version = version
        isRootless = info["SecurityOptions"]?.array?.contains { $0.string?.hasPrefix("name=rootless") == true } ?? false
        condition = EngineCondition(
            version: version,
            cpus: info["NCPU"]?.number.map { .init(total: $0.double) },
            memory: info["MemTotal"]?.number.map { .init(total: $0.double) },
            demands: [
                .cpus: info["CpuCfsQuota"]?.bool == true ? .enforced : .ignored,
                .memory: info["MemoryLimit"]?.bool == true ? .enforced : .ignored,
                // podman takes no requests for devices by this API.
                .gpus: word == "docker" ? .enforced : .ignored,
                .timeout: .enforced,
                .network: .enforced,
            ]
        )
    }
}

extension ContainerEngine {
    /// - Throws: `EngineUnavailable` also when it refuses to tell.
    func about() async throws -> EngineAbout {
        do {
            return EngineAbout(server: try await greet(), info: try await ask("/info"))
        } catch let refusal as EngineRefusal {
            throw EngineUnavailable("The container engine at '\(socket)' does not tell what it is: \(refusal).")
        }
    }

    /// Asks whether the engine is there, which costs it next to nothing.
    /// - Returns: what it calls itself.
    @discardableResult
    func greet() async throws -> String {
        let response = try await open("/_ping", .GET, body: nil, within: Self.longestAnswerTime)
        return response.headers.first(name: "server") ?? "engine"
    }
}
