import Foundation
package import InvokeModel

extension OSCAR {
    /// Which OSCAR the agent is compatible with; its own version stands where OSCAR names its commit.
    package static func info(version: String) -> JSON {
        [
            "version": "v4.1.2", "git_commit": .string("invoke-agent \(version)"),
            "architecture": .string(architecture),
            "kubernetes_version": "", "serverless_backend": ["name": "knative", "version": ""],
        ]
    }

    private static var architecture: String {
        #if arch(arm64)
        "arm64"
        #else
        "amd64"
        #endif
    }

    /// What clients find the agent's own store with.
    package static func configuration(storeURL: String, accessKey: String, secretKey: String) -> JSON {
        [
            "config": [
                "name": "oscar", "namespace": "oscar", "services_namespace": "oscar-svc",
                "controller_service_account": "", "gpu_available": false, "interLink_available": false,
                "serverless_backend": "knative", "yunikorn_enable": false, "kueue_enable": false,
                "volume_enable": false, "minio_quota_enabled": false, "oidc_groups": [""],
            ],
            "minio_provider": [
                "endpoint": .string(storeURL), "verify": false, "access_key": .string(accessKey),
                "secret_key": .string(secretKey), "region": .string(region),
            ],
            "allowed_image_repositories": [],
        ]
    }

    /// How a service stands: its scripts run wherever the agent does.
    package static func deployment(of service: String) -> JSON {
        [
            "service_name": .string(service), "namespace": "oscar-svc", "state": "ready", "active_instances": 1,
            "affected_instances": 0, "resource_kind": "knative_service",
        ]
    }

    /// What the latest runs of a service have printed.
    package static func deploymentLog(of service: String, _ printed: [PrintedText], timestamps: Bool) -> JSON {
        let entries = printed.map { line -> JSON in
            let message = JSON.string(String(decoding: line.bytes, as: UTF8.self))
            return timestamps ? ["timestamp": JSON(time: line.time), "message": message] : ["message": message]
        }
        return [
            "service_name": .string(service), "available": .bool(!entries.isEmpty), "entries": .array(entries),
        ]
    }
}
