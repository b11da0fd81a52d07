package import Foundation
package import InvokeModel

/// The log of a script's job as OSCAR's supervisor would have it: lines of its own from the service's level on, and what the
/// script printed. They are made of what the agent knows of the job; only what the script printed is stored.
package struct SupervisorLog {
    private let job: Job
    private let level: Script.LogLevel

    package init(job: Job, level: Script.LogLevel) {
        self.job = job
        self.level = level
    }

    /// The log as text, made of what the script has printed so far.
    package func text(_ printed: [PrintedText], timestamps: Bool) -> [UInt8] {
        var lines: [(time: Date, text: [UInt8])] = []
        func say(_ level: Script.LogLevel, _ time: Date, _ text: String) {
            guard level >= self.level else { return }
            let line = "\(Self.time(time)) - supervisor - \(level.rawValue) - \(text)\n"
            lines.append((time, Array(line.utf8)))
        }
        let service = job.serviceName
        if let started = job.startedAt {
            say(.info, started, "Job \(OSCAR.name(of: job.id, service)) of the service \(service)")
            say(.info, started, "Executing the script")
        }
        for piece in printed {
            for line in piece.bytes.lines {
                say(.debug, piece.time, String(decoding: line, as: UTF8.self).trimmingLineEnd)
                lines.append((piece.time, line))
            }
        }
        if let ended = job.endedAt, let failure = job.failure {
            if lines.last?.text.last ?? 0x0A != 0x0A { lines[lines.count - 1].text.append(0x0A) }
            let reason = failure.text.prefix { $0 != "\n" }
            say(.error, ended, "The job failed: \(reason)")
        }
        return lines.flatMap { (timestamps ? Array("\(Self.exact($0.time)) ".utf8) : []) + $0.text }
    }

    /// `2026-01-31 10:00:00,123`
    private static func time(_ date: Date) -> String {
        let parts = exact(date)
        return parts.prefix(10) + " " + parts.dropFirst(11).prefix(8) + "," + parts.dropFirst(20).prefix(3)
    }

    /// `2026-01-31T10:00:00.123000000Z`
    private static func exact(_ date: Date) -> String {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded(.down))
        let fraction = String(milliseconds % 1000)
        let seconds = Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601).dropLast()
        return "\(seconds).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)000000Z"
    }
}

/// A piece of what a program has printed, and when it came.
package struct PrintedText: Sendable {
    package let time: Date
    package let bytes: Data

    package init(time: Date, bytes: Data) {
        self.time = time
        self.bytes = bytes
    }
}

extension Data {
    /// The lines, each with its end; the last may have none.
    fileprivate var lines: [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = self[...]
        while let end = rest.firstIndex(of: 0x0A) {
            lines.append(Array(rest[...end]))
            rest = rest[(end + 1)...]
        }
        if !rest.isEmpty { lines.append(Array(rest)) }
        return lines
    }
}

extension String {
    fileprivate var trimmingLineEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}
