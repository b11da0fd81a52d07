import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import OrderedCollections

/// What the test suites of the older agents' clients begin with (dep.md §11); only where the agent is there to be tried.
enum DemoRoutes {
    static func add(to routes: Routes) {
        routes.post("/api/v1/admin/import-demo") { call in
            let caller = try call.account()
            try caller.need(.admin)
            guard call.query("id") == "operations" else {
                throw Refusal(.invalidParameter, "The query parameter \"id\" must be \"operations\".")
            }
            let service = try await call.agent.importDemo(by: caller)
            let operations = service.operations.map { operation in
                // "Tokenize Text" can't be a name of ours.
                (operation.name.replacing("-", with: " "), JSON.string(call.agent.did(of: operation.asset).description))
            }
            return Response(json: ["invokables": .object(OrderedDictionary(uniqueKeysWithValues: operations))])
        }
    }
}
