import HTTPTypes
import Hummingbird
import HummingbirdTesting
import InvokeConsole
import InvokeModel
import NIOCore
import Testing

@Suite struct PageTests {
    /// A page of an API that knows nobody and answers everything so.
    private func page(
        _ path: String,
        api status: HTTPResponse.Status,
        _ body: JSON = .null
    ) async throws -> TestResponse {
        let console = try Console()
        let responder = CallbackResponder { (request: Request, context: BasicRequestContext) in
            try await console.respond(to: request, context.coreContext, context.logger) {
                (
                    nil,
                    { _ in Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes()))) }
                )
            }
        }
        return try await Application(responder: responder).test(.router) {
            try await $0.execute(uri: path, method: .get)
        }
    }

    @Test func whoHasToLogInIsSentBackAfterwards() async throws {
        let answer = try await page("/ui/jobs?state=failed", api: .unauthorized)
        #expect(answer.status == .seeOther)
        #expect(answer.headers[.location] == "/ui/login?next=%2Fui%2Fjobs%3Fstate%3Dfailed")
    }

    @Test(arguments: [HTTPResponse.Status.forbidden, .notFound])
    func whatACallerMayNotSeeDoesNotExist(status: HTTPResponse.Status) async throws {
        let answer = try await page("/ui/jobs", api: status)
        #expect(answer.status == .notFound)
        #expect(String(buffer: answer.body).contains("There is no such page"))
    }

    @Test func aRefusalIsToldInItsOwnWordsWithNoMarkupInThem() async throws {
        let answer = try await page("/ui/jobs", api: .serviceUnavailable, ["description": "<b>Come back</b> later."])
        #expect(answer.status == .serviceUnavailable)
        #expect(String(buffer: answer.body).contains("&lt;b&gt;Come back&lt;/b&gt; later."))
    }
}
