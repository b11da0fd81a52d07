import Hummingbird
import InvokeModel

/// Groups of accounts that trust each other. No standard says how one is made, and this agent has none (dep.md §11).
enum TrustRoutes {
    static func add(to routes: Routes) {
        routes.get("/api/v1/trust/groups", .account) { _ in Response(json: []) }
    }
}
