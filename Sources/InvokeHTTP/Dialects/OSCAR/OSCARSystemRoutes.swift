import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire

/// The cluster as OSCAR's clients see it (oscar.md §13).
struct OSCARSystemRoutes {
    private let profile: AgentProfile

    init(_ profile: AgentProfile) { self.profile = profile }

    func add(to routes: Routes) {
        routes.get("/system/info", .account) { _ in Response(oscar: OSCAR.info(version: profile.version)) }
        routes.get("/system/config", .account) { call in
            try call.account().need(.admin)
            let store = call.agent.objectStore
            return Response(
                oscar: OSCAR.configuration(
                    storeURL: profile.url(),
                    accessKey: store.accessKey,
                    secretKey: store.secretKey
                )
            )
        }
        routes.get("/system/status", .account) { call in
            try call.account().need(.admin)
            let (load, objects) = (try await call.agent.store.load(), try await call.agent.store.objectFigures())
            return Response(
                oscar: OSCAR.status(
                    MachineFigures.now,
                    started: profile.startedAt,
                    jobs: (waiting: load.waiting, running: load.running),
                    objects: (buckets: objects.buckets, objects: objects.objects)
                )
            )
        }
        routes.get("/system/logs", .account) { call in
            try call.account().need(.admin)
            return Response(oscar: OSCAR.accessLog(try await call.agent.scriptCalls()))
        }
        routes.get("/system/metrics", .account) { call in
            let period = try period(call)
            let usage = try await call.agent.scriptUsage(in: period, for: try call.account())
            let services = try await call.agent.scripts(for: try call.account()).count
            return Response(oscar: OSCAR.summary(usage, services: services, period))
        }
        routes.get("/system/metrics/breakdown", .account, answers: []) { call in
            let word = call.query("group_by") ?? OSCAR.Grouping.service.rawValue
            guard let grouping = OSCAR.Grouping(rawValue: word) else {
                throw Refusal(.invalidParameter, "`group_by` is service, user or country.")
            }
            let period = try period(call)
            let usage = try await call.agent.scriptUsage(in: period, for: try call.account())
            switch call.query("format") ?? "json" {
            case "json":
                let users = call.oscarFlag("include_users")
                return Response(oscar: OSCAR.breakdown(usage, by: grouping, includesUsers: users, period))
            case "csv":
                let table = OSCAR.breakdownTable(usage, by: grouping)
                return Response(bytes: table.utf8, contentType: "text/csv; charset=utf-8")
            default: throw Refusal(.invalidParameter, "`format` is json or csv.")
            }
        }
        routes.get("/system/metrics/{name}", .account) { call in
            let name = call.parameter("name")
            _ = try await call.agent.script(named: name, for: try call.account())
            let period = try period(call)
            let usage = try await call.agent.scriptUsage(of: name, in: period, for: try call.account())
            return Response(oscar: try OSCAR.metrics(of: name, usage, period, only: call.query("metric")))
        }
    }

    private func period(_ call: Call) throws(Refusal) -> OSCAR.Period {
        try OSCAR.Period(start: call.query("start"), end: call.query("end"), now: call.agent.store.now)
    }
}
