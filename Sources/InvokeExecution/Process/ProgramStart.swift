import CSpawn
import Glibc

/// A program about to be started, and all that it gets.
struct ProgramStart {
    /// Files to execute: the first that is there is taken.
    var paths: [String]
    /// The first is the name that the program is told of itself.
    var arguments: [String]
    /// `NAME=value`.
    var environment: [String]
    /// The working directory; nil for the agent's.
    var folder: String?
    /// What becomes 0, 1, 2 and so on; nothing else is open in the program.
    var descriptors: [Descriptor]
    var limits: [ResourceLimit] = []
    /// Whose rights it has; nil for the agent's.
    var user: UnprivilegedUser?

    /// Starts the program, in a session of its own. It is killed when the calling thread ends, so that thread waits for
    /// its end (promise X5).
    func start() throws(StartFault) -> ChildProcess {
        do throws(StartFault) {
            return try spawn(paths, arguments)
        } catch {
            // A text without a first line that says who reads it is for the shell, as everywhere.
            guard error.isOfProgram, error.number == ENOEXEC, let path = paths.first(where: isThere) else {
                throw error
            }
            return try spawn(["/bin/sh"], ["sh", path] + arguments.dropFirst())
        }
    }

    private func isThere(_ path: String) -> Bool {
        access(path.hasPrefix("/") ? path : "\(folder ?? ".")/\(path)", X_OK) == 0
    }

    private func spawn(_ paths: [String], _ arguments: [String]) throws(StartFault) -> ChildProcess {
        let texts = [paths, arguments, environment].map(CStrings.init)
        let numbers = descriptors.map(\.number)
        let started = numbers.withUnsafeBufferPointer { numbers in
            limits.withUnsafeBufferPointer { limits in
                folder.withCString { folder in
                    texts[0].withConstantPointers { paths in
                        var program = invoke_program(
                            paths: paths,
                            arguments: texts[1].pointers,
                            environment: texts[2].pointers,
                            folder: folder,
                            descriptors: numbers.baseAddress,
                            descriptor_count: Int32(numbers.count),
                            limits: limits.baseAddress,
                            limit_count: Int32(limits.count),
                            user: user?.id ?? 0
                        )
                        return invoke_spawn(&program)
                    }
                }
            }
        }
        if let failed = started.failed {
            let step = String(cString: failed)
            throw StartFault(step: step, path: paths.last ?? "", number: started.error, isOfProgram: step == "execute")
        }
        return ChildProcess(id: started.pid, watch: Descriptor(owning: started.pidfd))
    }
}

/// What the kernel allows a process of one resource.
typealias ResourceLimit = invoke_limit

extension ResourceLimit {
    /// The hard limit is the same unless another one is given.
    init(_ resource: __rlimit_resource, _ soft: Int, hard: Int? = nil) {
        self.init(
            resource: Int32(resource.rawValue),
            soft: UInt64(clamping: soft),
            hard: UInt64(clamping: hard ?? soft)
        )
    }

    init(processes: Int) {
        self.init(
            resource: invoke_limit_processes,
            soft: UInt64(clamping: processes),
            hard: UInt64(clamping: processes)
        )
    }
}

/// Why a program was not started.
struct StartFault: Error, CustomStringConvertible {
    let step: String
    let path: String
    /// As `errno` had it.
    let number: Int32
    /// Whether everything was ready, and the program's file could not be executed.
    let isOfProgram: Bool

    /// The exit code by which shells tell of it.
    var exitCode: Int { number == ENOENT || number == ENOTDIR ? 127 : 126 }

    var description: String { "can't \(step) \(path): \(String(cString: strerror(number)))" }
}

/// A process that the agent has started and not yet collected: until then nobody else gets its number.
struct ChildProcess {
    let id: pid_t
    /// Becomes readable when the process ends.
    let watch: Descriptor

    func send(_ signal: Int32) { _ = invoke_signal_process(watch.number, signal) }

    /// Waits for the end.
    /// - Returns: the status as `waitpid` tells it.
    func collect() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status
    }
}

/// Texts as C takes them: an array of pointers, ended by a null pointer.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        pointers = .allocate(capacity: count + 1)
        for (index, text) in texts.enumerated() { (pointers + index).initialize(to: strdup(text)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }

    func withConstantPointers<Value>(_ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
        pointers.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: count + 1) { body($0) }
    }
}

extension String? {
    fileprivate func withCString<Value>(_ body: (UnsafePointer<CChar>?) -> Value) -> Value {
        guard let self else { return body(nil) }
        return self.withCString { body($0) }
    }
}
