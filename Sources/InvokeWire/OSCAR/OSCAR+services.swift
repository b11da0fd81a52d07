package import InvokeModel
import OrderedCollections

/// The OSCAR dialect: what its clients read and write (oscar.md).
package enum OSCAR {
    /// What the stored definition of a script's operation names as its engine; nobody else can.
    static let engine = "script"
    static let defaultMemory = "256Mi"
    static let defaultCPU = "0.2"
    /// Whose services an admin's are.
    package static let admin = "cluster_admin"

    /// What of a service depends on the agent, not on its definition.
    package struct ServiceFacts: Sendable {
        /// The service token.
        package let token: String
        package let owner: String
        /// Where the agent's own store is reached.
        package let storeURL: String
        /// The stores of others that it names.
        package let providers: [StorageProvider]

        package init(token: String, owner: String, storeURL: String, providers: [StorageProvider]) {
            self.token = token
            self.owner = owner
            self.storeURL = storeURL
            self.providers = providers
        }
    }

    /// A service as clients read it, from the definition that `ScriptService` made of theirs.
    package static func body(of source: JSON, _ facts: ServiceFacts) -> JSON {
        var members = source["oscar"]?.object ?? [:]
        members["token"] = .string(facts.token)
        members["owner"] = .string(facts.owner)
        let own = StorageProvider(
            name: StorageProvider.own,
            endpoint: facts.storeURL,
            region: region,
            verify: false,
            accessKey: "hidden",
            secretKey: "hidden"
        )
        members["storage_providers"] = .object(body(of: [own] + facts.providers))
        return .object(members)
    }

    package static let region = "us-east-1"

    /// The definition as it is kept: every field that clients expect, in a fixed order; values that depend on the agent are
    /// filled in when it is read, secrets only named.
    static func stored(
        _ fields: JSON,
        name: String,
        inputs: [Script.Folder],
        outputs: [Script.Folder],
        _ variables: [String: String],
        _ secrets: [String]
    ) -> JSON {
        func text(_ field: String, _ standard: String = "") -> JSON { .string(fields[field]?.string ?? standard) }
        func flag(_ field: String) -> JSON { .bool(fields[field]?.bool ?? false) }
        func list(_ field: String) -> JSON { .array(fields[field]?.array ?? []) }
        var labels = fields["labels"]?.object ?? [:]
        labels["oscar_service"] = .string(name)
        let level = Script.LogLevel(rawValue: fields["log_level"]?.string?.uppercased() ?? "") ?? .info
        let scale = fields["synchronous"]?.withLowerCaseKeys
        var members: OrderedDictionary<String, JSON> = [
            "name": .string(name),
            "cluster_id": text("cluster_id"),
            "memory": .string(quantity(fields["memory"]) ?? defaultMemory),
            "cpu": .string(quantity(fields["cpu"]) ?? defaultCPU),
            "total_memory": text("total_memory"), "total_cpu": text("total_cpu"),
            "enable_gpu": flag("enable_gpu"), "enable_sgx": flag("enable_sgx"),
            "image_prefetch": flag("image_prefetch"),
            "synchronous": [
                "min_scale": scale?["min_scale"].flatMap(\.int).map { .number(JSONNumber($0)) } ?? 0,
                "max_scale": scale?["max_scale"].flatMap(\.int).map { .number(JSONNumber($0)) } ?? 0,
            ],
            "log_level": .string(level.rawValue),
            "image": text("image"), "alpine": flag("alpine"), "token": "",
            "file_stage_in": flag("file_stage_in"),
            "input": .array(inputs.map(body)), "output": .array(outputs.map(body)),
            "script": text("script"), "image_pull_secrets": list("image_pull_secrets"),
            "environment": [
                "variables": .texts(variables), "secrets": .texts(secrets.reduce(into: [:]) { $0[$1] = "" }),
            ],
            "annotations": .object(fields["annotations"]?.object ?? [:]), "labels": .object(labels),
            "storage_providers": [:], "clusters": clusters(fields), "owner": "",
            "visibility": text("visibility", "private"),
            "allowed_users": .array(users(fields)), "isolation_level": text("isolation_level", "SERVICE"),
            "bucket_list": [], "vo": text("vo"), "namespace": "oscar-svc",
            "mount": mount(fields), "volume_status": ["enabled": false],
        ]
        members["expose"] = expose(fields)
        for field in ["federation", "replicas", "delegation", "rescheduler_threshold", "volume"] {
            members[field] = fields[field].flatMap { $0 == .null ? nil : $0 }
        }
        return .object(members)
    }

    /// An input or output of a service.
    static func body(_ storage: Script.Folder) -> JSON {
        [
            "storage_provider": .string(storage.provider), "path": .string(storage.path),
            "suffix": .array(storage.suffixes.map(JSON.string)), "prefix": .array(storage.prefixes.map(JSON.string)),
        ]
    }

    /// What `body` wrote.
    static func storage(_ json: JSON) -> Script.Folder {
        Script.Folder(
            provider: json["storage_provider"]?.string ?? StorageProvider.own,
            path: json["path"]?.string ?? "",
            prefixes: json["prefix"]?.array?.compactMap(\.string) ?? [],
            suffixes: json["suffix"]?.array?.compactMap(\.string) ?? []
        )
    }

    /// Clients read quantities as text, and some write numbers.
    static func quantity(_ value: JSON?) -> String? {
        let text = value?.string ?? value?.number?.text
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Other clusters without the passwords that the command line puts there (D4).
    private static func clusters(_ fields: JSON) -> JSON {
        let clusters = fields["clusters"]?.object ?? [:]
        return .object(
            clusters.mapValues { cluster in
                var members = cluster.withLowerCaseKeys.object ?? [:]
                members["auth_user"] = nil
                members["auth_password"] = nil
                return .object(members)
            }
        )
    }

    private static func users(_ fields: JSON) -> [JSON] {
        let names = fields["allowed_users"]?.array?.compactMap(\.string) ?? []
        return names.map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }.map(JSON.string)
    }

    private static func mount(_ fields: JSON) -> JSON {
        let mount = fields["mount"]?.withLowerCaseKeys
        return [
            "storage_provider": .string(mount?["storage_provider"]?.string ?? ""),
            "path": .string(mount?["path"]?.string ?? ""),
        ]
    }

    /// Kept when it names a port: clients send it with zeros when they mean none.
    private static func expose(_ fields: JSON) -> JSON? {
        guard var members = fields["expose"]?.object else { return nil }
        for port in ["api_port", "nodePort"] where [0, .null, []].contains(members[port]) {
            members[port] = nil
        }
        return members["api_port"] == nil ? nil : .object(members)
    }
}
