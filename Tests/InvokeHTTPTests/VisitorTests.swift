import HTTPTypes
import Hummingbird
import HummingbirdTesting
import InvokeHTTP
import InvokeTesting
import Testing

extension HTTPTests {
    /// What the console is answered for those who visit it.
    @Suite(.timeLimit(.minutes(5))) struct VisitorTests {
        /// An agent whose pages are what its API answers to their visitor, asked without credentials.
        private func test(_ use: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
            let test = try await TestAgent()
            let server = Server(
                agent: test.agent,
                profile: test.profile,
                sandboxProblem: nil,
                console: { request, _, visitor in
                    let path = String(request.uri.path.dropFirst("/ui".count))
                    let head = HTTPRequest(method: request.method, scheme: nil, authority: nil, path: path)
                    return try await visitor().api(Request(head: head, body: request.body))
                }
            )
            let responder = try server.responder()
            let pages = CallbackResponder { try await responder.respond(to: $0, context: $1) }
            try await Application(responder: pages).test(.router) { try await use($0) }
        }

        @Test func aPageReadsWhatItsVisitorMayReadAndNothingElse() async throws {
            try await test { client in
                let admin = try await client.ask(.get, "/ui/configuration", as: .admin)
                #expect(admin.status == 200)
                let consumer = try await client.ask(.get, "/ui/configuration", as: .consumer)
                #expect(consumer.status == 403)
                let wrong = ["Authorization": Caller.basic("admin", "wrong-password")]
                let mistaken = try await client.ask(.get, "/ui/configuration", headers: wrong)
                #expect(mistaken.status == 401)
                for path in ["/ui/configuration", "/configuration"] {
                    let nobody = try await client.ask(.get, path)
                    #expect(nobody.status == 401)
                }
            }
        }

        @Test func aPageChangesNothingWithoutCredentialsInItsOwnCall() async throws {
            try await test { client in
                let fromPage = try await client.ask(.post, "/ui/webhooks/secret", as: .admin)
                #expect(fromPage.status == 401)
                let direct = try await client.ask(.post, "/webhooks/secret", as: .admin)
                #expect(direct.status == 200)
            }
        }
    }
}
