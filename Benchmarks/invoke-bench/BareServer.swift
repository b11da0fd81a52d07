import ArgumentParser
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Hummingbird with two routes that do nothing but what HTTP and JSON cost: the ceiling for the agent's own routes.
struct BareServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves /invokeasync/{id} and /jobs/result/{id} with fixed answers, on any free port of loopback."
    )

    @Argument(help: "A JSON file with the answers `accept` and `read`, each of status, headers and body.")
    var answers: String

    func run() async throws {
        let answers = try JSONDecoder().decode(Answers.self, from: Data(contentsOf: URL(fileURLWithPath: answers)))
        let (accepted, read) = (try answers.accept.prepared, try answers.read.prepared)
        let router = Router()
        router.post("/invokeasync/{id}") { request, context in
            _ = try await request.decode(as: Inputs.self, context: context)
            return accepted.response
        }
        router.get("/jobs/result/{id}") { _, _ in read.response }
        var logger = Logger(label: "invoke-bench")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                try? printLine(["event": "ready", "url": "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"])
            },
            logger: logger
        )
        try await application.runService()
    }
}

/// What the load scripts send.
private struct Inputs: Decodable {
    let text: String
}

private struct Answers: Decodable {
    let accept: Answer
    let read: Answer
}

private struct Answer: Decodable {
    let status: Int
    let headers: [String: String]
    let body: String

    var prepared: PreparedAnswer {
        get throws {
            var fields = HTTPFields()
            for (name, value) in headers {
                guard let name = HTTPField.Name(name) else { throw NotMeasured("\(name) is not a header name") }
                fields[name] = value
            }
            return PreparedAnswer(
                status: HTTPResponse.Status(code: status),
                headers: fields,
                body: ByteBuffer(string: body)
            )
        }
    }
}

/// An answer that costs nothing to make.
private struct PreparedAnswer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: ByteBuffer

    var response: Response { Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body)) }
}
