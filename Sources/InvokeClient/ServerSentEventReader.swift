import InvokeModel

/// Takes an event stream apart (WHATWG HTML, server-sent events).
package struct ServerSentEventReader {
    private var rest: [UInt8] = []
    private var id = ""
    private var name = ""
    private var data: [String] = []

    package init() {}

    /// The events that these bytes have made whole.
    package mutating func read(_ bytes: some Sequence<UInt8>) -> [AgentEvent] {
        rest += bytes
        var events: [AgentEvent] = []
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            var line = rest[start..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if let event = take(String(decoding: line, as: UTF8.self)) { events.append(event) }
            start = end + 1
        }
        rest.removeSubrange(..<start)
        return events
    }

    private mutating func take(_ line: String) -> AgentEvent? {
        guard !line.isEmpty else {
            defer { (name, data) = ("", []) }
            guard !data.isEmpty, let json = try? JSON(parsing: data.joined(separator: "\n")) else { return nil }
            return AgentEvent(id: id, name: name, data: json)
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1]) : ""
        switch parts[0] {
        case "id": id = value
        case "event": name = value
        case "data": data.append(value)
        default: break
        }
        return nil
    }
}
