import InvokeModel

/// How much of everything pods can have on a node.
struct NodeSize {
    let cpus: Double
    /// Bytes.
    let memory: Double
    let gpus: Double

    init(_ node: JSON) {
        func amount(_ name: String) -> Double {
            node["status"]?["allocatable"]?[name].flatMap { $0.string ?? $0.number?.text }.flatMap(Self.quantity) ?? 0
        }
        cpus = amount("cpu")
        memory = amount("memory")
        gpus = amount("nvidia.com/gpu")
    }

    func fits(_ resources: Resources) -> Bool {
        resources.cpus <= cpus && Double(resources.memory) <= memory && Double(resources.gpus) <= gpus
    }

    /// A number as Kubernetes writes it: `500m`, `2`, `16Gi`, `1e3`.
    static func quantity(_ text: String) -> Double? {
        let suffix = text.drop { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
        guard let factor = factors[String(suffix)] else { return Double(text) }
        return Double(text.dropLast(suffix.count)).map { $0 * factor }
    }

    private static let factors: [String: Double] = [
        "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
        "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
    ]
}
