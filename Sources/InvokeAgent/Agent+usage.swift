package import InvokeModel
import InvokeStore
package import InvokeWire

/// How much the services of scripts are used.
extension Agent {
    /// Within a time, of one service or of all that the caller may see.
    package func scriptUsage(
        of service: String? = nil,
        in period: OSCAR.Period,
        for caller: Account
    ) async throws -> [OSCAR.Usage] {
        let own = Set(try await scripts(for: caller).map(\.name))
        return try await store.scriptUsage(of: service, from: period.start, to: period.end)
            .filter { caller.isAdmin || own.contains($0.service) }
            .map { usage in
                OSCAR.Usage(
                    service: usage.service,
                    account: usage.account,
                    runs: usage.runs,
                    jobs: usage.jobs,
                    cpuHours: usage.running / .seconds(3600) * usage.cpus
                )
            }
    }

    /// The latest calls of all scripts, newest first.
    package func scriptCalls() async throws -> [OSCAR.LoggedCall] {
        try await store.scriptCalls(limit: 200).map { call in
            OSCAR.LoggedCall(
                service: call.service,
                account: call.account,
                isRun: call.isRun,
                state: call.state,
                acceptedAt: call.acceptedAt,
                endedAt: call.endedAt
            )
        }
    }
}
