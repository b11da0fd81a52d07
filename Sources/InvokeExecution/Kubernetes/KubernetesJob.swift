import InvokeModel
import OrderedCollections

/// What a cluster is asked for: the Job of an attempt, and the Secret that its pod fetches files with.
struct KubernetesJob {
    let attempt: AttemptSpecification
    let settings: KubernetesSettings
    let image: String
    /// Where the pod's files are fetched and taken.
    let url: String

    static let fetch = "fetch"
    static let program = "program"
    static let keep = "keep"
    static let outputs = "outputs"

    private var name: String { settings.name(of: attempt.name) }
    private var limits: ExecutionLimits { settings.limits }

    /// For those who read why it was refused: `2 CPUs, 512 MiB and 1 GPU`.
    static func demand(of resources: Resources) -> String {
        let cpus = resources.cpus == resources.cpus.rounded() ? "\(Int(resources.cpus))" : "\(resources.cpus)"
        return "\(cpus) CPUs, \(resources.memory >> 20) MiB" + (resources.gpus > 0 ? " and \(resources.gpus) GPUs" : "")
    }

    /// The Job; one pod, which is not tried again: that is the agent's to decide.
    var document: JSON {
        [
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": ["name": .string(name), "labels": labels],
            "spec": [
                "backoffLimit": 0, "completions": 1, "parallelism": 1,
                // A net: the agent keeps the time itself, and removes what has ended.
                "activeDeadlineSeconds": number(attempt.remaining.wholeSeconds + 120),
                "ttlSecondsAfterFinished": 86_400,
                "template": ["metadata": ["labels": labels], "spec": pod],
            ],
        ]
    }

    /// The Secret, which goes when the Job goes.
    func secret(token: String, ownedBy uid: String) -> JSON {
        [
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true,
            "metadata": [
                "name": .string(name), "labels": labels,
                "ownerReferences": [
                    ["apiVersion": "batch/v1", "kind": "Job", "name": .string(name), "uid": .string(uid)]
                ],
            ],
            "stringData": ["token": .string(token)],
        ]
    }

    private var labels: JSON {
        [
            KubernetesLabel.agent: .string(settings.agent), KubernetesLabel.attempt: .string("\(attempt.name)"),
            KubernetesLabel.network: .string(attempt.program.usesNetwork ? "yes" : "no"),
        ]
    }

    private var pod: JSON {
        let pullSecrets: [JSON] = settings.pullSecret.map { [["name": .string($0)]] } ?? []
        return [
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": number(settings.killGrace.wholeSeconds),
            // A program has nothing to ask of the cluster.
            "automountServiceAccountToken": false, "enableServiceLinks": false,
            "imagePullSecrets": .array(pullSecrets),
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": number(Self.user), "runAsGroup": number(Self.user),
                "fsGroup": number(Self.user), "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "volumes": [
                ["name": "work", "emptyDir": [:]],
                ["name": .string(Self.outputs), "emptyDir": ["sizeLimit": quantity(limits.outputs)]],
                ["name": "tmp", "emptyDir": ["sizeLimit": quantity(limits.scratch)]],
            ],
            "initContainers": [transfer(Self.fetch, PodScripts.fetch), main],
            "containers": [transfer(Self.keep, PodScripts.keep)],
        ]
    }

    private var main: JSON {
        container(
            Self.program,
            image: image,
            command: ["/bin/sh", "/invoke/run.sh"],
            resources: ["requests": amounts, "limits": amounts],
            // The files of the operation lie in the working directory, as in the agent's own sandbox.
            mounts: [["name": "work", "mountPath": "/home/job", "subPath": "files"]]
        )
    }

    private var amounts: JSON {
        let resources = attempt.program.resources
        var amounts: OrderedDictionary<String, JSON> = [
            "cpu": .string("\(Int((resources.cpus * 1000).rounded(.up)))m"), "memory": quantity(resources.memory),
        ]
        if resources.gpus > 0 { amounts["nvidia.com/gpu"] = .string(String(resources.gpus)) }
        return .object(amounts)
    }

    private func transfer(_ name: String, _ script: String) -> JSON {
        let token: JSON = ["secretKeyRef": ["name": .string(self.name), "key": "token"]]
        return container(
            name,
            image: settings.transferImage,
            command: ["/bin/sh", "-c", .string(script)],
            resources: ["requests": ["cpu": "10m", "memory": "32Mi"], "limits": ["memory": "128Mi"]],
            environment: [
                ["name": .string(PodScripts.url), "value": .string("\(url)/attempts/\(attempt.name)")],
                ["name": .string(PodScripts.token), "valueFrom": token],
            ]
        )
    }

    private func container(
        _ name: String,
        image: String,
        command: [JSON],
        resources: JSON,
        environment: [JSON] = [],
        mounts: [JSON] = []
    ) -> JSON {
        [
            "name": .string(name), "image": .string(image), "command": .array(command), "workingDir": "/invoke",
            "env": .array(environment), "resources": resources,
            "securityContext": [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
            ],
            "volumeMounts": .array(
                [
                    ["name": "work", "mountPath": "/invoke"],
                    ["name": .string(Self.outputs), "mountPath": "/invoke/outputs"],
                    ["name": "tmp", "mountPath": "/tmp"],
                ] + mounts
            ),
        ]
    }

    private func number(_ value: Int) -> JSON { .number(JSONNumber(value)) }

    private func quantity(_ bytes: Int) -> JSON { .string(String(bytes)) }

    /// Nobody on the nodes; the number that images without a user of their own go by.
    private static let user = 65_532
}
