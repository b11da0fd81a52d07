import Foundation

/// What the agent's process takes of the machine.
struct ProcessFigures {
    let residentBytes: Int
    let descriptors: Int
    /// How many it may hold open.
    let descriptorLimit: Int

    static var now: ProcessFigures {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        let pages = fields.dropFirst().first.flatMap { Int($0) } ?? 0
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        return ProcessFigures(
            residentBytes: pages * Int(sysconf(Int32(_SC_PAGESIZE))),
            descriptors: descriptors,
            descriptorLimit: OpenFiles.limit
        )
    }
}
