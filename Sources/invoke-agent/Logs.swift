import Foundation
import InvokeModel
import Logging
import OrderedCollections

/// How the agent logs: lines on standard error, as text or as JSON.
enum Logs {
    static func start(format: String?, level: String) {
        let isText = (format ?? (isatty(2) == 1 ? "text" : "json")) == "text"
        let level = Logger.Level(rawValue: level) ?? .info
        LoggingSystem.bootstrap { label in
            var handler: any LogHandler =
                isText ? StreamLogHandler.standardError(label: label) : JSONLogHandler(label: label)
            handler.logLevel = level
            return handler
        }
    }
}

/// One JSON object a line.
private struct JSONLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members: OrderedDictionary<String, JSON> = [
            "time": .string(Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
            "level": .string(event.level.rawValue),
            "label": .string(label),
            "message": .string(event.message.description),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            members[key] = .string(value.description)
        }
        // One write, so that lines of several threads don't mix.
        FileHandle.standardError.write(Data(JSON.object(members).bytes() + [0x0A]))
    }
}
