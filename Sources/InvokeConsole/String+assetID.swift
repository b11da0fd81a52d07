import InvokeModel

extension String {
    /// The id of an asset that is named by its id or its DID; nil for any other text.
    var assetID: String? {
        guard let last = split(whereSeparator: { $0 == "/" || $0 == ":" }).last else { return nil }
        return Hex32(String(last)).map { "\($0)" }
    }
}
