import InvokeModel

/// What the examination of an agent has found in one place.
struct Finding: Sendable {
    enum Status: String, Sendable {
        case ok, warning, failed
    }

    /// What was looked at.
    let name: String
    let status: Status
    /// What was seen there, in a sentence or a part of one.
    let seen: String
    /// How to mend it; nil when there is nothing to mend.
    let advice: String?

    static func ok(_ name: String, _ seen: String) -> Finding {
        Finding(name: name, status: .ok, seen: seen, advice: nil)
    }

    static func warning(_ name: String, _ seen: String, _ advice: String) -> Finding {
        Finding(name: name, status: .warning, seen: seen, advice: advice)
    }

    static func failed(_ name: String, _ seen: String, _ advice: String) -> Finding {
        Finding(name: name, status: .failed, seen: seen, advice: advice)
    }

    var json: JSON {
        [
            "name": .string(name), "status": .string(status.rawValue), "seen": .string(seen),
            "advice": advice.map(JSON.string) ?? .null,
        ]
    }
}
