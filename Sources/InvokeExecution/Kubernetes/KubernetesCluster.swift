import Foundation
import InvokeModel
import Logging
import NIOCore
import NIOHTTP1

/// What happened to a pod.
enum PodChange: Hashable {
    case changed, removed
}

/// A namespace of a cluster, as an agent uses it. All of it throws `KubernetesFault`.
struct KubernetesCluster: Sendable {
    private let settings: KubernetesSettings
    private let api: KubernetesAPI

    init(_ settings: KubernetesSettings) {
        self.settings = settings
        api = KubernetesAPI(settings.access)
    }

    private var namespace: String { settings.namespace ?? settings.access.namespace }
    private var jobsPath: String { "/apis/batch/v1/namespaces/\(namespace)/jobs" }
    private var podsPath: String { "/api/v1/namespaces/\(namespace)/pods" }
    /// All that is this agent's.
    private var ours: String {
        "labelSelector=\(KubernetesLabel.agent.replacing("/", with: "%2F"))%3D\(settings.agent)"
    }

    /// Makes a Job, unless it is there.
    /// - Returns: its uid.
    func make(_ job: KubernetesJob) async throws(KubernetesFault) -> String {
        guard let made = try await api.make(jobsPath, job.document) else {
            return try await self.job(settings.name(of: job.attempt.name)) ?? ""
        }
        return made["metadata"]?["uid"]?.string ?? ""
    }

    /// Makes a Secret, unless it is there.
    func make(_ secret: JSON) async throws(KubernetesFault) {
        try await api.make("/api/v1/namespaces/\(namespace)/secrets", secret)
    }

    /// The uid of a Job; nil when there is none.
    func job(_ name: String) async throws(KubernetesFault) -> String? {
        try await api.find("\(jobsPath)/\(name)")?["metadata"]?["uid"]?.string
    }

    /// This agent's Jobs: their names, the attempts that they are of, and whether the cluster has given them up.
    func jobs() async throws(KubernetesFault) -> [(name: String, attempt: AttemptName, hasFailed: Bool)] {
        let answer = try await api.ask("\(jobsPath)?\(ours)")
        return (answer["items"]?.array ?? []).compactMap { job in
            let metadata = job["metadata"]
            guard let name = metadata?["name"]?.string,
                let attempt = metadata?["labels"]?[KubernetesLabel.attempt]?.string.flatMap({ AttemptName($0) })
            else { return nil }
            let conditions = job["status"]?["conditions"]?.array ?? []
            let hasFailed = conditions.contains { $0["type"]?.string == "Failed" && $0["status"]?.string == "True" }
            return (name, attempt, hasFailed)
        }
    }

    /// Removes a Job with its Secret and its pods, which are asked to end first; what is gone already is fine.
    ///
    /// The pods by name as well: clusters take seconds to find out that nobody owns them any more.
    /// - Returns: how many pods there were.
    @discardableResult
    func remove(_ name: String) async throws(KubernetesFault) -> Int {
        try await api.find("\(jobsPath)/\(name)?propagationPolicy=Background", .DELETE)
        let answer = try await api.ask("\(podsPath)?labelSelector=job-name%3D\(name)")
        let pods = (answer["items"]?.array ?? []).compactMap { $0["metadata"]?["name"]?.string }
        for pod in pods { try await api.find("\(podsPath)/\(pod)", .DELETE) }
        return pods.count
    }

    /// This agent's pods, and what changes can be asked for after that.
    func pods() async throws -> (pods: [PodState], version: String) {
        let answer = try await api.ask("\(podsPath)?\(ours)")
        let version = answer["metadata"]?["resourceVersion"]?.string ?? ""
        return ((answer["items"]?.array ?? []).compactMap { PodState($0) }, version)
    }

    /// Passes on each change for a minute at most, so that a connection that is dead without a word does not stay unnoticed.
    func changes(ofPodsSince version: String, pass: (PodState, PodChange) async -> Void) async throws {
        var line: [UInt8] = []
        let path = "\(podsPath)?\(ours)&watch=true&timeoutSeconds=60&resourceVersion=\(version)"
        try await api.listen(path, within: .seconds(90)) { piece in
            let parts = piece.readableBytesView.split(separator: 0x0A, omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                if index > 0 {
                    try await take(line, pass)
                    line = []
                }
                line += part
            }
        }
    }

    private func take(_ line: [UInt8], _ pass: (PodState, PodChange) async -> Void) async throws {
        guard !line.isEmpty else { return }
        let event = try JSON(parsing: line)
        let object = event["object"] ?? .null
        switch event["type"]?.string {
        case "ADDED", "MODIFIED": if let pod = PodState(object) { await pass(pod, .changed) }
        case "DELETED": if let pod = PodState(object) { await pass(pod, .removed) }
        case "ERROR":
            throw KubernetesFault.refused(
                status: object["code"]?.int ?? 500,
                reason: object["reason"]?.string ?? "",
                message: object["message"]?.string ?? ""
            )
        default: break
        }
    }

    /// Lets a program be heard until it has ended; after a broken connection from where it broke.
    func hear(_ pod: String, into voice: ProgramVoice, until hasEnded: () async -> Bool) async {
        var heard = 0
        while !Task.isCancelled {
            // What is asked for after the end has all that was said.
            let isLast = await hasEnded()
            var left = heard
            do {
                let path = "\(podsPath)/\(pod)/log?container=\(KubernetesJob.program)&follow=true"
                try await api.listen(path, within: .hours(24 * 365)) { piece in
                    let known = min(left, piece.readableBytes)
                    left -= known
                    heard += piece.readableBytes - known
                    piece.withUnsafeReadableBytes { voice.hear(UnsafeRawBufferPointer(rebasing: $0[known...])) }
                }
                if isLast { return }
            } catch let fault as KubernetesFault where fault.isMissing {
                return
            } catch {}
            try? await Task.sleep(for: settings.interval)
        }
    }

    func nodes() async throws -> [NodeSize] {
        (try await api.ask("/api/v1/nodes")["items"]?.array ?? []).map { NodeSize($0) }
    }

    func condition() async -> EngineCondition {
        let demands: [EngineCondition.Demand: EngineCondition.Treatment] = [
            .cpus: .enforced, .memory: .enforced, .gpus: .enforced, .timeout: .enforced, .network: .ignored,
        ]
        do {
            // Who may ask for this may ask for the rest.
            _ = try await api.ask("\(jobsPath)?limit=1")
            let version = try await api.ask("/version")["gitVersion"]?.string
            // The nodes are not everybody's to see.
            let nodes = (try? await nodes()) ?? []
            return EngineCondition(
                version: version.map { "kubernetes \($0)" },
                cpus: nodes.isEmpty ? nil : .init(total: nodes.reduce(0) { $0 + $1.cpus }),
                memory: nodes.isEmpty ? nil : .init(total: nodes.reduce(0) { $0 + $1.memory }),
                gpus: nodes.isEmpty ? nil : .init(total: nodes.reduce(0) { $0 + $1.gpus }),
                demands: demands
            )
        } catch {
            return EngineCondition(fault: error.text, demands: demands)
        }
    }
}
