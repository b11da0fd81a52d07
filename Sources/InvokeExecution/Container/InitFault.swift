/// What podman's init says when it can't execute the program; Docker's exits as shells do.
struct InitFault {
    let isMissing: Bool

    /// Takes the last bytes of standard error; nil when they say nothing of the kind.
    init?(_ tail: [UInt8]) {
        guard let line = String(decoding: tail, as: UTF8.self).split(separator: "\n").last,
            line.hasPrefix("ERROR (catatonit:"), line.contains("failed to exec pid1")
        else { return nil }
        isMissing = line.hasSuffix("No such file or directory")
    }
}
