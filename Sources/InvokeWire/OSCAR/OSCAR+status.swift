package import Foundation
package import InvokeModel
import OrderedCollections

extension OSCAR {
    /// What the machine has and uses.
    package struct Machine: Sendable {
        package let name: String
        /// Thousandths of a core.
        package let cores: Int
        package let usedCores: Int
        /// Bytes.
        package let memory: Int
        package let usedMemory: Int

        package init(name: String, cores: Int, usedCores: Int, memory: Int, usedMemory: Int) {
            self.name = name
            self.cores = cores
            self.usedCores = usedCores
            self.memory = memory
            self.usedMemory = usedMemory
        }
    }

    /// The cluster: one node, which is the agent's machine. Other OSCARs read here whether to send it work.
    package static func status(
        _ machine: Machine,
        started: Date,
        jobs: (waiting: Int, running: Int),
        objects: (buckets: Int, objects: Int)
    ) -> JSON {
        let (freeCores, freeMemory) = (machine.cores - machine.usedCores, machine.memory - machine.usedMemory)
        return [
            "cluster": [
                "nodes_count": 1,
                "metrics": [
                    "cpu": ["total_free_cores": number(freeCores), "max_free_on_node_cores": number(freeCores)],
                    "memory": ["total_free_bytes": number(freeMemory), "max_free_on_node_bytes": number(freeMemory)],
                    "gpu": ["total_gpu": 0],
                ],
                "nodes": [
                    [
                        "name": .string(machine.name),
                        "cpu": ["capacity_cores": number(machine.cores), "usage_cores": number(machine.usedCores)],
                        "memory": [
                            "capacity_bytes": number(machine.memory), "usage_bytes": number(machine.usedMemory),
                        ],
                        "gpu": 0, "is_interlink": false, "status": "Ready", "conditions": [],
                    ]
                ],
            ],
            "oscar": [
                "deployment_name": "oscar", "ready": true,
                "deployment": [
                    "available_replicas": 1, "ready_replicas": 1, "replicas": 1,
                    "creation_timestamp": .string(started.formatted(.iso8601)), "strategy": "Recreate", "labels": [:],
                ],
                "jobs_count": number(jobs.waiting + jobs.running),
                "pods": [
                    "total": number(jobs.waiting + jobs.running),
                    "states": ["Pending": number(jobs.waiting), "Running": number(jobs.running)],
                ],
                "oidc": ["enabled": false, "issuers": [], "groups": []],
            ],
            "minio": ["buckets_count": number(objects.buckets), "total_objects": number(objects.objects)],
        ]
    }

    private static func number(_ value: Int) -> JSON { .number(JSONNumber(value)) }

    /// A call of a script, as the access log tells of it.
    package struct LoggedCall: Sendable {
        package let service: String
        package let account: String
        package let isRun: Bool
        package let state: JobState
        package let acceptedAt: Date
        package let endedAt: Date?

        package init(
            service: String,
            account: String,
            isRun: Bool,
            state: JobState,
            acceptedAt: Date,
            endedAt: Date?
        ) {
            self.service = service
            self.account = account
            self.isRun = isRun
            self.state = state
            self.acceptedAt = acceptedAt
            self.endedAt = endedAt
        }
    }

    /// Calls of scripts that became jobs, as far as jobs tell of them: from where is not kept.
    package static func accessLog(_ calls: [LoggedCall]) -> JSON {
        let entries = calls.map { call -> JSON in
            let status = call.isRun ? (call.state == .succeeded ? 200 : call.state.isTerminal ? 500 : 0) : 201
            let latency = call.isRun ? call.endedAt?.timeIntervalSince(call.acceptedAt) ?? 0 : 0
            let path = "\(call.isRun ? "/run" : "/job")/\(call.service)"
            let time = call.acceptedAt.formatted(.iso8601)
            return [
                "timestamp": .string(time), "status": number(status),
                "latency": .string("\(Int(latency * 1000))ms"), "client_ip": "", "method": "POST",
                "path": .string(path), "user": .string(call.account),
                "raw": .string("\(time) | \(status) | \(Int(latency * 1000))ms | POST \(path) | \(call.account)"),
            ]
        }
        return ["logs": .array(entries)]
    }
}
