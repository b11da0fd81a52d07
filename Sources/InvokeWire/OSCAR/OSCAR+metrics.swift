package import Foundation
package import InvokeModel
import OrderedCollections

extension OSCAR {
    /// A time that figures are of, as the query says it.
    package struct Period: Sendable {
        package let start: Date
        package let end: Date

        /// The last day where nothing is said.
        /// - Throws: `invalidParameter` for what is no time, and for an end before its start.
        package init(start: String?, end: String?, now: Date) throws(Refusal) {
            self.end = try Self.time(end, "end") ?? now
            self.start = try Self.time(start, "start") ?? self.end.addingTimeInterval(-24 * 3600)
            guard self.start <= self.end else {
                throw Refusal(.invalidParameter, "`end` is before `start`.")
            }
        }

        private static func time(_ text: String?, _ name: String) throws(Refusal) -> Date? {
            guard let text else { return nil }
            guard let time = Date(iso8601: text) else {
                throw Refusal(.invalidParameter, "`\(name)` takes a time such as 2026-01-31T10:00:00Z.")
            }
            return time
        }

        var members: OrderedDictionary<String, JSON> {
            ["start": .string(start.formatted(.iso8601)), "end": .string(end.formatted(.iso8601))]
        }
    }

    /// What one account has asked of one service.
    package struct Usage: Sendable {
        package let service: String
        package let account: String
        package let runs: Int
        package let jobs: Int
        package let cpuHours: Double

        package init(service: String, account: String, runs: Int, jobs: Int, cpuHours: Double) {
            self.service = service
            self.account = account
            self.runs = runs
            self.jobs = jobs
            self.cpuHours = cpuHours
        }
    }

    /// The figures of all services together.
    package static func summary(_ usage: [Usage], services: Int, _ period: Period) -> JSON {
        let users = OrderedSet(usage.map(\.account))
        var members = period.members
        members["totals"] = [
            "services_count_active": .number(JSONNumber(Set(usage.map(\.service)).count)),
            "services_count_total": .number(JSONNumber(services)),
            "cpu_hours_total": .number(usage.cpuHours), "gpu_hours_total": 0,
            "requests_count_total": .number(usage.requests),
            "requests_count_sync": .number(usage.total(\.runs)), "requests_count_async": .number(usage.total(\.jobs)),
            "requests_count_exposed": 0, "countries_count": 0, "countries": [],
            "users_count": .number(JSONNumber(users.count)), "users": .array(users.map(JSON.string)),
        ]
        members["sources"] = sources
        return .object(members)
    }

    /// The figures of one service; of one metric where one is asked for.
    /// - Throws: `invalidParameter` for a metric that there is not.
    package static func metrics(
        of service: String,
        _ usage: [Usage],
        _ period: Period,
        only metric: String?
    ) throws(Refusal) -> JSON {
        let values: OrderedDictionary<String, JSONNumber> = [
            "cpu-hours": usage.cpuHours, "gpu-hours": JSONNumber(0),
            "requests-sync-per-service": usage.total(\.runs), "requests-async-per-service": usage.total(\.jobs),
            "requests-exposed-per-service": JSONNumber(0),
            "users-per-service": JSONNumber(Set(usage.map(\.account)).count),
        ]
        func body(_ metric: String, _ value: JSONNumber) -> OrderedDictionary<String, JSON> {
            var members: OrderedDictionary<String, JSON> = ["metric": .string(metric), "value": .number(value)]
            if metric.hasSuffix("-hours") { members["unit"] = "hours" }
            members["sources"] = sources
            return members
        }
        guard let metric else {
            var members: OrderedDictionary<String, JSON> = ["service_name": .string(service)]
            members.merge(period.members) { first, _ in first }
            members["metrics"] = .array(values.map { .object(body($0.key, $0.value)) })
            return .object(members)
        }
        guard let value = values[metric] else {
            throw Refusal(.invalidParameter, "`metric` is one of \(values.keys.joined(separator: ", ")).")
        }
        var members: OrderedDictionary<String, JSON> = ["service_id": .string(service)]
        members.merge(body(metric, value)) { first, _ in first }
        members.merge(period.members) { first, _ in first }
        return .object(members)
    }

    /// What figures can be told apart by.
    package enum Grouping: String, Sendable, CaseIterable {
        case service, user, country
    }

    /// The figures of each service or each account; where callers are is not known.
    package static func breakdown(
        _ usage: [Usage],
        by grouping: Grouping,
        includesUsers: Bool,
        _ period: Period
    ) -> JSON {
        var members = period.members
        members["group_by"] = .string(grouping.rawValue)
        members["items"] = .array(
            rows(usage, by: grouping).map { key, usage in
                let users = OrderedSet(usage.map(\.account))
                var item: OrderedDictionary<String, JSON> = [
                    "key": .string(key), "requests_count_total": .number(usage.requests),
                    "requests_count_sync": .number(usage.total(\.runs)),
                    "requests_count_async": .number(usage.total(\.jobs)), "requests_count_exposed": 0,
                    "unique_users_count": .number(JSONNumber(users.count)),
                ]
                if includesUsers { item["users"] = .array(users.map(JSON.string)) }
                item["countries"] = []
                return .object(item)
            }
        )
        return .object(members)
    }

    /// The same as a table.
    package static func breakdownTable(_ usage: [Usage], by grouping: Grouping) -> String {
        let names =
            "key,requests_count_total,requests_count_sync,requests_count_async,requests_count_exposed,unique_users_count"
        let lines = rows(usage, by: grouping).map { key, usage in
            let users = Set(usage.map(\.account)).count
            return "\(key),\(usage.requests.text),\(usage.total(\.runs).text),\(usage.total(\.jobs).text),0,\(users)"
        }
        return ([names] + lines).joined(separator: "\n") + "\n"
    }

    private static func rows(_ usage: [Usage], by grouping: Grouping) -> [(String, [Usage])] {
        switch grouping {
        case .service: OrderedDictionary(grouping: usage, by: \.service).map { ($0.key, $0.value) }
        case .user: OrderedDictionary(grouping: usage, by: \.account).map { ($0.key, $0.value) }
        case .country: []
        }
    }

    private static var sources: JSON { [["name": "invoke-agent", "status": "ok"]] }
}

extension [OSCAR.Usage] {
    fileprivate func total(_ count: KeyPath<OSCAR.Usage, Int>) -> JSONNumber {
        JSONNumber(reduce(0) { $0 + $1[keyPath: count] })
    }

    fileprivate var requests: JSONNumber { JSONNumber(reduce(0) { $0 + $1.runs + $1.jobs }) }

    fileprivate var cpuHours: JSONNumber {
        JSONNumber(validText: String(format: "%.6f", reduce(0) { $0 + $1.cpuHours }))
    }
}
