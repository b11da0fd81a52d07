import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeWire

/// The cluster as OSCAR's clients see it (oscar.md §13).
struct OSCARSystemRoutes {
    private let profile: AgentProfile

    init(_ profile: AgentProfile) { self.profile = profile }

    func add(to routes: Routes) {
        routes.get("/system/info", .account) { _ in Response(oscar: OSCAR.info(version: profile.version)) }
        routes.get("/system/config", .account) { call in
            try call.account().need(.admin)
            return Response(oscar: OSCAR.configuration)
        }
    }
}
