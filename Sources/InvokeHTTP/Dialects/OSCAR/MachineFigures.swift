import Foundation
import InvokeWire

/// What the machine has and uses, as Linux tells it.
enum MachineFigures {
    static var now: OSCAR.Machine {
        let cores = ProcessInfo.processInfo.activeProcessorCount * 1000
        let load = text("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0
        let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        return OSCAR.Machine(
            name: ProcessInfo.processInfo.hostName,
            cores: cores,
            usedCores: min(cores, Int(load * 1000)),
            memory: memory,
            usedMemory: memory - min(memory, available ?? memory)
        )
    }

    /// Bytes that programs can have without others being swapped out.
    private static var available: Int? {
        let line = text("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
