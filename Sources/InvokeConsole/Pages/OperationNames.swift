import InvokeModel

/// The names of operations, also of those that are not offered any more.
struct OperationNames {
    private var names: [String: String] = [:]

    /// `offered` are operations as the catalogue lists them; what `jobs` ran beyond them is looked up.
    init(_ offered: [JSON], and jobs: [JSON], _ visit: Visit) async throws {
        for operation in offered {
            guard let id = operation["id"]?.string else { continue }
            names[id] = operation["name"]?.string
        }
        for job in jobs {
            guard let id = job["operation"]?.string?.assetID, names[id] == nil else { continue }
            names[id] = try await visit.find("/api/v1/meta/data/\(id)")?["name"]?.string ?? String(id.prefix(10))
        }
    }

    /// What the operation with this id is called; the beginning of the id when that is not known.
    func name(of id: String) -> String { names[id] ?? String(id.prefix(10)) }
}

extension String {
    /// The id of an asset that is named by its id or its DID; nil for any other text.
    var assetID: String? {
        guard let last = split(whereSeparator: { $0 == "/" || $0 == ":" }).last else { return nil }
        return Hex32(String(last)).map { "\($0)" }
    }
}
