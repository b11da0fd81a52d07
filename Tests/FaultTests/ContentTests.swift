import AsyncHTTPClient
import Foundation
import InvokeModel
import InvokeTesting
import NIOCore
import Testing

/// Large contents and endless outputs go through the agent, not into it.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ContentTests {
    @Test func aLargeContentIsTakenInConstantMemory() async throws {
        let folder = try TemporaryFolder()
        let agent = try await AgentProcess.start(data: folder.path + "/data")
        let client = AgentClient(url: agent.url)
        let metadata: JSON = ["name": "large", "type": "dataset"]
        let id = try #require(try await client.send("POST", "/api/v1/meta/data", metadata).body.string)
        // Warm, so that what is measured is the content alone.
        _ = try await client.send("GET", "/health")
        let before = try agent.memory("VmHWM")
        let size = 256 << 20
        let chunk = ByteBuffer(repeating: 0x61, count: 1 << 20)
        let chunks = AsyncStream<ByteBuffer> { continuation in
            for _ in 0..<(size / chunk.readableBytes) { continuation.yield(chunk) }
            continuation.finish()
        }
        let body = HTTPClientRequest.Body.stream(chunks, length: .known(Int64(size)))
        let answer = try await client.send("PUT", "/api/v1/assets/\(id)", bytes: body, type: "application/octet-stream")
        #expect(answer.status == 200)
        #expect(try agent.memory("VmHWM") - before < 48 << 10, "KiB")

        var received = 0
        var request = HTTPClientRequest(url: "\(agent.url)/api/v1/assets/\(id)")
        request.setBasicAuth(username: "admin", password: AgentProcess.password)
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        for try await buffer in response.body { received += buffer.readableBytes }
        #expect(received == size)
        #expect(try agent.memory("VmHWM") - before < 64 << 10, "KiB")
    }

    @Test func endlessOutputIsReadAndDroppedInConstantMemory() async throws {
        let folder = try TemporaryFolder()
        let agent = try await AgentProcess.start(data: folder.path + "/data")
        let client = AgentClient(url: agent.url)
        let operation = try await client.registerWork("head -c 500000000 /dev/zero >&2; printf done")
        let before = try agent.memory("VmHWM")
        let job = try #require(try await client.invoke(operation, "x"))
        #expect(try await client.result(of: job)["result"]?["echo"] == "done")
        #expect(try agent.memory("VmHWM") - before < 48 << 10, "KiB")
        #expect(try await client.send("GET", "/jobs/\(job)/logs").bytes.count < 300 << 10)
    }
}
