package import InvokeModel
import OrderedCollections

extension JSON {
    /// Values by name with each of more than 1 KiB replaced by its SHA3-256: provenance is read often and by many.
    package var digestingLargeValues: JSON {
        guard let object else { return self }
        return .object(
            object.mapValues { value in
                let bytes = value.bytes(sorted: true)
                return bytes.count <= 1024 ? value : ["sha3-256": .string(ContentHash.of(bytes).description)]
            }
        )
    }
}
