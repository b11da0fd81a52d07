import InvokeClient
import InvokeModel
import Testing

/// Event streams that arrive in pieces.
struct ServerSentEventReaderTests {
    private static let stream = Array(
        (": alive\n\nevent: state\nid: 1-0\ndata: {\"status\":\"running\"}\n\n: alive\n\n"
            + "event: log\r\nid: 1-1\r\ndata: {\"text\":\r\ndata: \"é\\n\"}\r\n\r\nid: 1-2\ndata:{\"percent\":7}\n\nid: 1-3\ndata: {")
            .utf8
    )

    private static let events = [
        AgentEvent(id: "1-0", name: "state", data: ["status": "running"]),
        AgentEvent(id: "1-1", name: "log", data: ["text": "é\n"]),
        AgentEvent(id: "1-2", name: "", data: ["percent": 7]),
    ]

    @Test func whereverAStreamIsCutTheEventsAreTheSame() {
        for cut in 0...Self.stream.count {
            var reader = ServerSentEventReader()
            let events = reader.read(Self.stream[..<cut]) + reader.read(Self.stream[cut...])
            #expect(events == Self.events, "cut at \(cut)")
        }
    }

    @Test func aStreamMayComeByteByByte() {
        var reader = ServerSentEventReader()
        #expect(Self.stream.flatMap { reader.read([$0]) } == Self.events)
    }
}
