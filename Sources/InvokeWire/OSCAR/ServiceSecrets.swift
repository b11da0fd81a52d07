package import InvokeModel
import OrderedCollections

/// What of a service's definition is kept apart from it, encrypted.
package struct ServiceSecrets: Sendable {
    /// Variables that only the script is told, by name; nil when the definition names none.
    package let variables: [String: String]?
    /// The stores of others; nil when the definition names none.
    package let providers: [StorageProvider]?

    package init(variables: [String: String]? = nil, providers: [StorageProvider]? = nil) {
        self.variables = variables
        self.providers = providers
    }

    /// Reads what `document` has written.
    package init(_ document: JSON) throws(Refusal) {
        variables = document["variables"].map(ScriptService.texts)
        providers = try OSCAR.providers(document)
    }

    package var document: JSON {
        var members: OrderedDictionary<String, JSON> = [:]
        members["variables"] = variables.map(JSON.texts)
        members["storage_providers"] = providers.map { .object(OSCAR.body(of: $0)) }
        return .object(members)
    }

    package var isEmpty: Bool { variables == nil && providers == nil }

    /// The same with what an earlier definition has named, where this one names none.
    package func keeping(_ present: ServiceSecrets) -> ServiceSecrets {
        ServiceSecrets(variables: variables ?? present.variables, providers: providers ?? present.providers)
    }
}

extension OSCAR {
    /// The kinds of stores that speak S3; others are passed over.
    static let providerKinds = ["minio", "s3"]

    /// The stores of others that a definition's `storage_providers` describes; nil when there are none.
    /// - Throws: `invalidServiceDefinition` naming the first field that is wrong.
    static func providers(_ fields: JSON) throws(Refusal) -> [StorageProvider]? {
        let given = fields["storage_providers"]?.withLowerCaseKeys
        var providers: [StorageProvider] = []
        for kind in providerKinds {
            for (id, entry) in given?[kind]?.withLowerCaseKeys.object ?? [:] {
                let name = "\(kind).\(id)"
                // Whatever is said of it, it is the agent's.
                guard name != StorageProvider.own else { continue }
                providers.append(try provider(name, id, entry.withLowerCaseKeys))
            }
        }
        return providers.isEmpty ? nil : providers
    }

    /// The members of a service's `storage_providers`, by kind.
    static func body(of providers: [StorageProvider]) -> OrderedDictionary<String, JSON> {
        var kinds: OrderedDictionary<String, OrderedDictionary<String, JSON>> = [:]
        for provider in providers {
            let parts = provider.name.split(separator: ".", maxSplits: 1).map(String.init)
            kinds[parts[0], default: [:]][parts[1]] = [
                "endpoint": .string(provider.endpoint), "region": .string(provider.region),
                "verify": .bool(provider.verify),
                "access_key": .string(provider.accessKey), "secret_key": .string(provider.secretKey),
            ]
        }
        return kinds.mapValues(JSON.object)
    }

    private static func provider(_ name: String, _ id: String, _ entry: JSON) throws(Refusal) -> StorageProvider {
        let place = "storage_providers.\(name.prefix(80))"
        guard (1...63).contains(id.utf8.count), id.utf8.allSatisfy({ isWordByte($0) || $0 == 0x5F }) else {
            throw ScriptService.fault(place, "its name has to be of 1 to 63 letters, digits, `-` and `_`")
        }
        func text(_ field: String, _ standard: String? = nil, isPlain: (UInt8) -> Bool) throws(Refusal) -> String {
            let value = entry[field]?.string ?? ""
            guard !value.isEmpty || standard == nil else { return standard ?? "" }
            guard (1...256).contains(value.utf8.count), value.utf8.allSatisfy(isPlain) else {
                let problem = value.isEmpty ? "is required" : "is longer than 256 bytes, or has odd characters"
                throw ScriptService.fault("\(place).\(field)", problem)
            }
            return value
        }
        let region = try text("region", OSCAR.region, isPlain: isWordByte)
        let service = name.hasPrefix("s3.") ? "https://s3.\(region).amazonaws.com" : nil
        let verify = entry["verify"]
        guard verify == nil || verify == .null || verify?.bool != nil else {
            throw ScriptService.fault("\(place).verify", "must be true or false")
        }
        return StorageProvider(
            name: name,
            endpoint: try text("endpoint", service) { (0x21...0x7E).contains($0) },
            region: region,
            verify: verify?.bool ?? true,
            // It stands in a header, before a slash.
            accessKey: try text("access_key") { (0x21...0x7E).contains($0) && $0 != 0x2F && $0 != 0x2C },
            secretKey: try text("secret_key") { $0 >= 0x20 && $0 != 0x7F }
        )
    }

    /// Small letters, digits and `-`.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
}
