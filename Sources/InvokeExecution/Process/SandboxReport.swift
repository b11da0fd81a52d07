import Glibc
import InvokeModel

/// What bubblewrap tells of a sandbox while it runs: one JSON document on each line.
struct SandboxReport {
    let descriptor: Descriptor
    /// The first process of the sandbox, as the agent numbers it, once it is known.
    private(set) var first: pid_t?
    /// Becomes readable when that process has ended, and so has every other of the sandbox.
    private(set) var watch: Descriptor?
    /// Whether the program was started: only then is there an exit code.
    private(set) var cameUp = false

    private var text: [UInt8] = []

    init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    /// Reads what bubblewrap, a process of that number, has to tell now.
    /// - Returns: false when there is nothing more.
    mutating func read(bubblewrap: pid_t) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1024)
        let count = Glibc.read(descriptor.number, &chunk, chunk.count)
        guard count > 0 else { return count < 0 && errno == EINTR }
        text += chunk[..<count]
        while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
            if let document = try? JSON(parsing: text[..<end]) { take(document, bubblewrap) }
            text.removeSubrange(...end)
        }
        return true
    }

    private mutating func take(_ document: JSON, _ bubblewrap: pid_t) {
        if document["exit-code"] != nil { cameUp = true }
        guard first == nil, let id = document["child-pid"]?.int.flatMap({ pid_t(exactly: $0) }) else { return }
        first = id
        // Had it ended meanwhile, the number could be somebody else's by now: then there is nothing to watch.
        guard let opened = try? Descriptor(ofProcess: id), ProcessStatus(of: id)?.parent == bubblewrap else { return }
        watch = opened
    }
}
