package import struct Foundation.Date
package import InvokeModel
import OrderedCollections

extension Operation {
    /// The metadata under which the operation is an asset (DEP-8, DEP-6).
    ///
    /// Members are sorted by the writer, so equal definitions give equal bytes and an equal id. `digest` is the SHA3-256
    /// of the definition, program included: another program is another operation. `created` is when the operation was
    /// first registered.
    package func metadata(service: String, version: String, digest: Hex32, created: Date) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "name": .string(name),
            "type": "operation",
            "class": "unknown",
            "dateCreated": JSON(time: created),
            "additionalInformation": [
                "service": .string(service), "version": .string(version), "definition": .string(digest.description),
            ],
            "operation": interface,
        ]
        if let description { members["description"] = .string(description) }
        return .object(members)
    }

    /// The `operation` section: modes, inputs and outputs as DEP-6 clients read them. The seed's `string` is written
    /// as `json` with an `x-type`, because those clients know `asset` and `json` only.
    private var interface: JSON {
        [
            "class": "unknown",
            "modes": .array(Mode.allCases.filter(modes.contains).map { .string($0.rawValue) }),
            "inputs": .object(OrderedDictionary(uniqueKeysWithValues: inputs.map { ($0.name, $0.metadata) })),
            "outputs": .object(
                OrderedDictionary(
                    uniqueKeysWithValues: outputs.enumerated().map { ($1.name, $1.metadata(position: $0)) }
                )
            ),
        ]
    }
}

extension InputDeclaration {
    fileprivate var metadata: JSON {
        var members = type.metadata
        members["position"] = .number(JSONNumber(position))
        members["required"] = .bool(required)
        members["description"] = description.map(JSON.string)
        members["contentType"] = contentType.map(JSON.string)
        members["default"] = defaultValue
        members["pattern"] = pattern.map { .string($0.text) }
        members["enum"] = choices.map { .array($0.map(JSON.string)) }
        members["minLength"] = minLength.map { .number(JSONNumber($0)) }
        members["maxLength"] = maxLength.map { .number(JSONNumber($0)) }
        members["schema"] = schema?.source
        return .object(members)
    }
}

extension OutputDeclaration {
    fileprivate func metadata(position: Int) -> JSON {
        var members = type.metadata
        members["position"] = .number(JSONNumber(position))
        members["description"] = description.map(JSON.string)
        members["contentType"] = contentType.map(JSON.string)
        return .object(members)
    }
}

extension ValueType {
    fileprivate var metadata: OrderedDictionary<String, JSON> {
        switch self {
        case .asset: ["type": "asset"]
        case .json: ["type": "json"]
        case .string: ["type": "json", "x-type": "string"]
        }
    }
}

extension ServiceDefinition {
    /// The metadata under which the service is an asset: a bundle of its operations (DEP-8).
    package func metadata(operations: [(name: String, id: AssetID)], created: Date) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "name": .string(name),
            "type": "bundle",
            "dateCreated": JSON(time: created),
            "additionalInformation": ["version": .string(version)],
            "contents": .object(
                OrderedDictionary(
                    uniqueKeysWithValues: operations.map { ($0.name, ["assetID": .string($0.id.description)]) }
                )
            ),
        ]
        if let description { members["description"] = .string(description) }
        if !tags.isEmpty { members["tags"] = .array(tags.map(JSON.string)) }
        return .object(members)
    }
}
