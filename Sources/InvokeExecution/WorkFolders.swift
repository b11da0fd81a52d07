import Glibc

/// The two places where attempts get their folders.
package struct WorkFolders: Sendable {
    /// For attempts that read or make assets, which may be large.
    package let disk: String
    /// For all others, whose folders come and go without the disk; nil where memory is not the place for them.
    package let memory: String?

    package init(disk: String, memory: String? = nil) {
        self.disk = disk
        self.memory = memory
    }

    /// Every root of attempts' folders.
    package var all: [String] { [disk] + (memory.map { [$0] } ?? []) }

    /// Removes the folder in memory if nothing is in it: it is made again when it is needed.
    package func tidy() {
        if let memory { rmdir(memory) }
    }

    /// The place in memory that this machine offers, for a name that is the agent's own; nil when it has none, less than
    /// 1 GiB of it, or programs can't be executed there.
    package static func inMemory(_ name: String) -> String? {
        var system = statvfs()
        guard statvfs(Self.memoryPlace, &system) == 0, system.f_flag & Self.unfit == 0,
            UInt(system.f_blocks) * system.f_frsize >= 1 << 30
        else { return nil }
        return "\(Self.memoryPlace)/\(name)"
    }

    /// ST_RDONLY and ST_NOEXEC.
    private static let unfit: UInt = 1 | 8

    static let memoryPlace = "/dev/shm"
}
