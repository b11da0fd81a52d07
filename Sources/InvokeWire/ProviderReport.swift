import struct Foundation.Data
package import InvokeModel
package import OrderedCollections

/// What a provider says of a job that it has run itself, at once or later.
package enum ProviderReport: Sendable {
    /// Outputs by name, not looked at yet.
    case outputs(OrderedDictionary<String, JSON>)
    /// Why there are none.
    case failed(String)

    /// Reads `{"outputs": {…}}` or `{"error": {"description": …}}`.
    package init(_ document: JSON) throws(Invalid) {
        let members = document.object ?? [:]
        let unknown = members.keys.filter { !["outputs", "error"].contains($0) }
        guard unknown.isEmpty else {
            throw Invalid(
                unknown.map { Violation(pointer("#", $0), "is not known here; there are `outputs` and `error`") }
            )
        }
        switch (members["outputs"], members["error"]) {
        case (let outputs?, nil):
            guard let outputs = outputs.object else {
                throw Invalid([Violation("#/outputs", "must be an object, not \(outputs.noun)")])
            }
            self = .outputs(outputs)
        case (nil, let error?):
            guard let description = error["description"]?.string else {
                throw Invalid([Violation("#/error/description", "must be a text that says why the job has failed")])
            }
            self = .failed(description)
        default:
            throw Invalid([Violation("#", "must be an object with one of `outputs` and `error`")])
        }
    }
}

/// One output as a provider gives it.
package enum ProvidedOutput: Sendable, Hashable {
    case value(JSON)
    /// The content of an asset that the provider has stored on this agent.
    case stored(did: String)
    case inline([UInt8], contentType: String?)
}

extension Operation {
    /// Checks what a provider gave against the declared outputs; what is not declared is left out.
    /// - Throws: `Invalid` naming every output that is missing or not of its type.
    package func provided(_ values: OrderedDictionary<String, JSON>) throws(Invalid) -> [String: ProvidedOutput] {
        var violations: [Violation] = []
        var outputs: [String: ProvidedOutput] = [:]
        for output in self.outputs {
            let place = pointer("#/outputs", output.name)
            guard let value = values[output.name] else {
                violations.append(Violation(place, "this \(output.type.rawValue) output is missing"))
                continue
            }
            switch output.type {
            case .json: outputs[output.name] = .value(value)
            case .string where value.string != nil: outputs[output.name] = .value(value)
            case .string: violations.append(Violation(place, "must be a string, not \(value.noun)"))
            case .asset:
                outputs[output.name] = ProvidedOutput(asset: value)
                guard outputs[output.name] == nil else { continue }
                violations.append(
                    Violation(place, #"must be {"did": …} or {"content": "<base64>", "content_type": …}"#)
                )
            }
        }
        guard violations.isEmpty else { throw Invalid(violations) }
        return outputs
    }
}

extension ProvidedOutput {
    /// - Returns: nil for what is neither of the two ways to give an asset.
    fileprivate init?(asset value: JSON) {
        guard let members = value.object else { return nil }
        switch (members["did"]?.string, members["content"]?.string) {
        case (let did?, nil) where members.count == 1: self = .stored(did: did)
        case (nil, let content?):
            let type = members["content_type"]?.string
            guard members.count == (type == nil ? 1 : 2), let bytes = Data(base64Encoded: content),
                type.map({ $0.contains("/") && $0.utf8.count <= 255 }) ?? true
            else { return nil }
            self = .inline(Array(bytes), contentType: type)
        default: return nil
        }
    }
}
