import Glibc

/// The array jobs of an agent: for each a folder beside those of the attempts, in which the link `7` leads to the attempt
/// that is task 7.
///
/// By its link a node finds a task's script and where to say something, and a later run of the agent whose task it is.
struct SlurmArrays {
    /// The most tasks an array can have where nothing else is configured.
    static let most = 1000
    private static let prefix = "array-"

    private let root: String
    /// Which attempt each task is, by the name of the array; as far as it had to be known.
    private var known: [String: [Int: AttemptName]] = [:]

    init(root: String) { self.root = root }

    /// Makes the folder of an array whose tasks are these attempts, from 0 on.
    /// - Returns: its name, which no other has.
    /// - Throws: `SystemFault`.
    mutating func make(of attempts: [AttemptName]) throws -> String {
        let name = Self.prefix + String(UInt64.random(in: 0...UInt64.max), radix: 16)
        let folder = "\(root)/\(name)"
        guard mkdir(folder, 0o700) == 0 else { throw SystemFault("make the folder", folder) }
        for (task, attempt) in attempts.enumerated() {
            guard symlink("../\(attempt)", "\(folder)/\(task)") == 0 else {
                throw SystemFault("link", "\(folder)/\(task)")
            }
            known[name, default: [:]][task] = attempt
        }
        return name
    }

    /// The attempts of an array, by task; none of what is no array of this agent.
    mutating func tasks(of name: String) -> [Int: AttemptName] {
        if let tasks = known[name] { return tasks }
        let tasks = read(name)
        if !tasks.isEmpty { known[name] = tasks }
        return tasks
    }

    static func isArray(_ name: some StringProtocol) -> Bool { name.hasPrefix(prefix) }

    /// Removes an array that the cluster has not taken.
    mutating func remove(_ name: String) {
        for task in tasks(of: name).keys { remove(task, of: name) }
    }

    /// Removes what leads to an attempt that is over; the last one takes the array's folder along.
    mutating func leave(_ attempt: AttemptName) {
        for (name, tasks) in known {
            for (task, other) in tasks where other == attempt { remove(task, of: name) }
        }
    }

    /// Removes what earlier runs of the agent left of arrays whose attempts have no folders any more.
    mutating func sweep() {
        for name in names(in: root) where Self.isArray(name) {
            let tasks = read(name)
            for (task, attempt) in tasks where access("\(root)/\(attempt)", F_OK) != 0 { remove(task, of: name) }
            if tasks.isEmpty { rmdir("\(root)/\(name)") }
        }
    }

    private mutating func remove(_ task: Int, of name: String) {
        unlink("\(root)/\(name)/\(task)")
        known[name]?[task] = nil
        // Only an empty one can be removed.
        if rmdir("\(root)/\(name)") == 0 { known[name] = nil }
    }

    private func read(_ name: String) -> [Int: AttemptName] {
        guard Self.isArray(name) else { return [:] }
        var tasks: [Int: AttemptName] = [:]
        for link in names(in: "\(root)/\(name)") {
            guard let task = Int(link), let attempt = target(of: "\(root)/\(name)/\(link)") else { continue }
            tasks[task] = attempt
        }
        return tasks
    }

    private func target(of link: String) -> AttemptName? {
        var bytes = [CChar](repeating: 0, count: 256)
        let count = readlink(link, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let path = String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.split(separator: "/").last.flatMap { AttemptName($0) }
    }

    private func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        return entries(of: stream).map { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
    }
}
