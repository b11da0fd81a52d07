import Foundation
import Hummingbird
import InvokeAgent
import InvokeStore

/// `GET /metrics`: how things stand, as Prometheus text (reliability promise O4).
enum MetricsRoute {
    static func add(to routes: Routes, version: String) {
        routes.get("/metrics", .local, answers: ["text/plain"]) { call in
            let text = MetricsText(
                try await call.agent.store.figures(),
                ProcessFigures.now,
                now: call.agent.store.now,
                isDraining: call.agent.lifecycle.isDraining,
                version: version
            )
            return Response(
                bytes: Array(text.description.utf8),
                contentType: "text/plain; version=0.0.4; charset=utf-8"
            )
        }
    }
}

/// The figures in the words of Prometheus; labels are fixed words.
private struct MetricsText: CustomStringConvertible {
    private(set) var description = ""

    init(_ figures: StoreFigures, _ process: ProcessFigures, now: Date, isDraining: Bool, version: String) {
        let oldest = figures.oldestWaiting.map { max(0, now.timeIntervalSince($0)) } ?? 0
        let lag = figures.nextDelivery.map { max(0, now.timeIntervalSince($0)) } ?? 0
        let totals = figures.totals
        gauge("jobs_waiting", "Jobs that wait to be run, or to be run again.", figures.waiting)
        gauge("jobs_oldest_waiting_seconds", "How long ago the oldest of them was accepted.", oldest)
        gauge("jobs_running", "Attempts that run.", figures.running)
        counter("attempts_retried_total", "Attempts after which the job was to be tried again.", totals.retries)
        counter("leases_expired_total", "Attempts that nobody had renewed in time.", totals.rescues)
        counter("stale_endings_total", "Endings refused because another one stood already.", totals.staleEndings)
        counter("jobs_pruned_total", "Ended jobs removed for their age.", totals.pruned)
        counter("store_commits_total", "Transactions that reached the disk.", totals.commits)
        gauge("store_wal_bytes", "Size of the write-ahead log.", figures.walBytes)
        gauge("webhooks_pending", "Deliveries that have not arrived yet.", figures.pendingDeliveries)
        gauge("webhooks_dead", "Deliveries that were given up, as long as they are kept.", figures.deadDeliveries)
        gauge("webhooks_lag_seconds", "How long the delivery that is due first has been due.", lag)
        gauge("process_resident_bytes", "Memory that the agent's process holds.", process.residentBytes)
        gauge("process_open_descriptors", "Files and connections that it holds open.", process.descriptors)
        gauge("draining", "1 while the agent is shutting down.", isDraining ? 1 : 0)
        add("info", "gauge", "The program.", #"{version="\#(version)"} 1"#)
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
        add(name, "gauge", help, " \(value)")
    }

    private mutating func counter(_ name: String, _ help: String, _ value: Int) {
        add(name, "counter", help, " \(value)")
    }

    private mutating func add(_ name: String, _ type: String, _ help: String, _ value: String) {
        let name = "invoke_agent_\(name)"
        description += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(name)\(value)\n"
    }
}
