import HTTPTypes
import Hummingbird
import InvokeExecution
import InvokeHTTP
import InvokeModel
import Logging
import Synchronization

/// Where the pods and nodes of all tests fetch the files of their attempts, and bring back what came of them.
actor TransferServer {
    static let shared = TransferServer()

    private let routes = Mutex<[String: AttemptRoutes]>([:])
    private var serving: Task<String, any Error>?

    /// The server's address, once it serves the attempts below a root too.
    func url(serving transfers: AttemptTransfers, of root: String) async throws -> String {
        routes.withLock { $0[root] = AttemptRoutes(transfers) }
        let serving = self.serving ?? Task { try await self.serve() }
        self.serving = serving
        return try await serving.value
    }

    private func serve() async throws -> String {
        let router = Router()
        router.get("/attempts/{attempt}/inputs") { request, context in
            let place = request.uri.queryParameters["place"].map(String.init) ?? ""
            let attempt = try context.parameters.require("attempt")
            return try await self.first { try await $0.inputs(of: attempt, for: place, request.headers) }
        }
        router.put("/attempts/{attempt}/outputs") { request, context in
            let attempt = try context.parameters.require("attempt")
            return try await self.first { try await $0.take(request.body, of: attempt, request.headers) }
        }
        router.put("/attempts/{attempt}/log/{stream}") { request, context in
            let (attempt, stream) = (
                try context.parameters.require("attempt"), try context.parameters.require("stream")
            )
            let offset = request.uri.queryParameters["from"].map(String.init) ?? ""
            return try await self.first {
                try await $0.hear(request.body, of: attempt, stream: stream, from: offset, request.headers)
            }
        }
        let (ports, told) = AsyncStream<Int>.makeStream()
        let host = variable("INVOKE_TEST_KUBERNETES_HOST") ?? "127.0.0.1"
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: 0)),
            onServerRunning: { channel in told.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "transfers", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        Task { try await application.run() }
        for await port in ports { return "http://\(host):\(port)" }
        throw CancellationError()
    }

    /// The answer of those whose attempt it is.
    private nonisolated func first(_ ask: (AttemptRoutes) async throws -> Response) async throws -> Response {
        for routes in routes.withLock({ Array($0.values) }) {
            do {
                return try await ask(routes)
            } catch let refusal as Refusal where refusal.code == .unknownResource {
                continue
            } catch let refusal as Refusal {
                return Response(status: HTTPResponse.Status(code: refusal.code.status))
            }
        }
        return Response(status: .notFound)
    }
}
