import Foundation
import Hummingbird
import InvokeModel
import OrderedCollections

/// One job, with everything that the API tells of it.
struct JobPage {
    private let visit: Visit
    private let id: String

    /// The most of a log that a page shows, in bytes.
    private static let tailBytes = 64 << 10

    init(_ visit: Visit) {
        self.visit = visit
        id = visit.parameter("id")
    }

    func response() async throws -> Response {
        let path = "/jobs/\(Paths.escape(id))"
        let job = try await visit.get(path)
        let operation = job["operation"]?.string?.assetID ?? ""
        let metadata = try await visit.find("/api/v1/meta/data/\(operation)")
        let name = metadata?["name"]?.string ?? String(operation.prefix(10))
        let state = job["status"]?.string ?? ""
        let hasEnded = JobState(rawValue: state)?.isTerminal ?? false
        var content: [String: Any] = [
            "id": id, "path": path, "state": state, "hasEnded": hasEnded, "name": name,
            "operationHref": "/ui/operations/\(operation)",
            "againHref": "/ui/operations/\(operation)?job=\(Paths.escape(id))",
            "service": job["service"]?.string ?? "",
            "serviceHref": "/ui/jobs?service=\(Paths.escape(job["service"]?.string ?? ""))",
            "attempts": job["attempts"]?.int ?? 0,
            "facts": times(of: job, hasEnded),
        ]
        content["parent"] = job["parent"]?.string
        content["failure"] = failure(of: job)
        content["waiting"] = waiting(of: job)
        if state == "running" { content["progress"] = job["progress"]?.view }
        content["timeline"] = Timeline(job: job)?.content
        try await addValues(job, metadata, to: &content)
        content["children"] = children(of: job)
        content["hasChildren"] = content["children"] != nil
        addLog(try await visit.text("\(path)/logs") ?? "", to: &content)
        content["deliveries"] = deliveries(try await visit.find("\(path)/deliveries"))
        content["hasDeliveries"] = content["deliveries"] != nil
        return visit.page(
            "job",
            .jobs,
            title: "\(name), job \(id)",
            content,
            styles: ["job.css", "viewers.css"],
            scripts: ["job.js", "viewers.js"]
        )
    }

    private func times(of job: JSON, _ hasEnded: Bool) -> [[String: Any]] {
        let names = [("Accepted", "created"), ("Started", "started"), ("Ended", "ended"), ("Must end by", "deadline")]
        return names.compactMap { label, member in
            guard let time = job[member]?.string, !(hasEnded && member == "deadline") else { return nil }
            return ["label": label, "time": time]
        }
    }

    private func failure(of job: JSON) -> [String: Any]? {
        guard let code = job["errorcode"]?.int else { return nil }
        let known = ErrorCode(rawValue: code)
        var failure: [String: Any] = ["code": code, "text": job["description"]?.string ?? ""]
        failure["title"] = known?.title
        failure["advice"] = known.flatMap(FailureAdvice.text)
        failure["isCancelled"] = known == .cancelled
        return failure
    }

    private func waiting(of job: JSON) -> [String: Any]? {
        guard let waiting = job["waiting"], let detail = waiting["detail"]?.string else { return nil }
        var content: [String: Any] = ["detail": detail]
        content["ahead"] = waiting["ahead"]?.int.map(ahead)
        content["until"] = waiting["until"]?.string
        return content
    }

    private func ahead(_ count: Int) -> String {
        switch count {
        case 0: "It is the next one."
        case 1: "1 job is ahead of it."
        default: "\(Format.count(count)) jobs are ahead of it."
        }
    }

    private func addValues(_ job: JSON, _ metadata: JSON?, to content: inout [String: Any]) async throws {
        let activity = try await visit.find("/jobs/\(Paths.escape(id))/provenance")?["activity"]?[id]
        let told = activity?["dep:inputs"]?["$"]?.string
        if let inputs = try told.map({ try JSON(parsing: Array($0.utf8)) })?.object {
            let view = ValueView(visit: visit, declared: metadata?["operation"]?["inputs"])
            var values: [[String: Any]] = []
            for (name, value) in inputs { values.append(try await view.content(name, value)) }
            content["inputs"] = values
            content["hasNoInputs"] = values.isEmpty
        } else {
            content["hidesInputs"] = true
        }
        guard let outputs = job["outputs"]?.object else { return }
        let view = ValueView(visit: visit, declared: metadata?["operation"]?["outputs"])
        var values: [[String: Any]] = []
        for (name, value) in outputs { values.append(try await view.content(name, value)) }
        content["outputs"] = values
        content["hasNoOutputs"] = values.isEmpty
    }

    private func children(of job: JSON) -> [[String: Any]]? {
        job["children"]?.object.map { children in
            children.map { name, child in
                var row: [String: Any] = ["name": name, "state": child["status"]?.string ?? ""]
                row["job"] = child["jobid"]?.string
                row["reason"] = child["error"]?["description"]?.string
                return row
            }
        }
    }

    /// The end of a log, from the beginning of a line.
    private func addLog(_ log: String, to content: inout [String: Any]) {
        let bytes = log.utf8
        content["hasLog"] = !log.isEmpty
        content["logHref"] = "/jobs/\(Paths.escape(id))/logs"
        guard bytes.count > Self.tailBytes else {
            content["log"] = log
            return
        }
        let tail = bytes.suffix(Self.tailBytes)
        let line = tail.firstIndex(of: UInt8(ascii: "\n")).map { bytes.index(after: $0) } ?? tail.startIndex
        content["log"] = String(decoding: bytes[line...], as: UTF8.self)
        content["logIsCut"] = Format.bytes(bytes.count)
    }

    private func deliveries(_ answer: JSON?) -> [[String: Any]]? {
        guard let list = answer?["deliveries"]?.array ?? answer?.array, !list.isEmpty else { return nil }
        return list.map { delivery in
            let attempts = delivery["attempts"]?.array ?? []
            var row: [String: Any] = [
                "event": delivery["event"]?.string ?? "", "type": delivery["type"]?.string ?? "",
                "state": delivery["state"]?.string ?? "", "tries": attempts.count,
            ]
            row["url"] = delivery["url"]?.string
            row["last"] = attempts.last.map { attempt in
                attempt["status"]?.int.map { "answered \($0)" } ?? attempt["failure"]?.string ?? "no answer"
            }
            row["when"] = (delivery["ended"] ?? delivery["next"] ?? delivery["created"])?.string
            return row
        }
    }
}
