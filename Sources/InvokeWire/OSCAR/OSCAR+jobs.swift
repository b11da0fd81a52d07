import Foundation
package import InvokeModel
import OrderedCollections

extension OSCAR {
    /// What a job is called: by its service, of a long name only the beginning, and its id.
    package static func name(of job: JobID, _ service: String) -> String { stem(service) + String(job.value) }

    private static func stem(_ service: String) -> String {
        (service.utf8.count < 25 ? service : String(service.prefix(16))) + "-"
    }

    /// The job that a name names, when it is one of the service's.
    package static func job(named name: String, of service: String) -> JobID? {
        name.hasPrefix(stem(service)) ? JobID(String(name.dropFirst(stem(service).utf8.count))) : nil
    }

    /// A page of a service's jobs. An empty one has no other key: the command line takes a listing without jobs for one of
    /// an older form. Times that have not come are left out, and nothing is ever `null`, `true` or `false` (W3, W5).
    package static func listing(_ jobs: [Job], next: String?, remaining: Int) -> JSON {
        let bodies = jobs.map { (name(of: $0.id, $0.serviceName), body(of: $0)) }
        var members: OrderedDictionary<String, JSON> = [
            "jobs": .object(OrderedDictionary(bodies) { first, _ in first })
        ]
        if let next, !jobs.isEmpty {
            members["next_page"] = .string(next)
            members["remaining_jobs"] = .number(JSONNumber(remaining))
        }
        return .object(members)
    }

    private static func body(of job: Job) -> JSON {
        let status =
            switch job.state {
            case .scheduled: "Pending"
            case .running: "Running"
            case .succeeded: "Succeeded"
            case .failed, .cancelled: "Failed"
            }
        var members: OrderedDictionary<String, JSON> = [
            "status": .string(status), "creation_time": .string(wholeSeconds(job.createdAt)),
        ]
        members["start_time"] = job.startedAt.map { .string(wholeSeconds($0)) }
        members["finish_time"] = job.endedAt.map { .string(wholeSeconds($0)) }
        return .object(members)
    }

    private static func wholeSeconds(_ date: Date) -> String { date.formatted(.iso8601) }

    /// Of a job that is accepted.
    package static func started(_ jobs: [JobID], _ service: String) -> JSON {
        let names = jobs.map { JSON.string(name(of: $0, service)) }
        var members: OrderedDictionary<String, JSON> = ["jobid": names.first ?? .null]
        if names.count > 1 { members["jobids"] = .array(names) }
        return .object(members)
    }
}
