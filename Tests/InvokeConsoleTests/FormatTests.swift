import Foundation
import Testing

@testable import InvokeConsole

@Suite struct FormatTests {
    @Test(arguments: [
        (0, "0 ms"), (999, "999 ms"), (1000, "1 s"), (12_345, "12.3 s"), (245_000, "4 min 5 s"),
        (7_800_000, "2 h 10 min"), (273_600_000, "3 d 4 h"),
    ])
    func durations(milliseconds: Int, text: String) throws {
        #expect(Format.duration(milliseconds: milliseconds) == text)
        #expect(try Self.script("duration(\(milliseconds))") == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (3_435_973_837, "3.2 GiB"),
        (1 << 50, "1024 TiB"),
    ])
    func sizes(count: Int, text: String) throws {
        #expect(Format.bytes(count) == text)
        #expect(try Self.script("bytes(\(count))") == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1\u{202F}000"), (1_234_567, "1\u{202F}234\u{202F}567")])
    func counts(number: Int, text: String) throws {
        #expect(Format.count(number) == text)
        #expect(try Self.script("count(\(number))") == text)
    }

    /// What `static/format.js` makes of it.
    private static func script(_ call: String) throws -> String {
        let module = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/InvokeConsole/static/format.js")
        let node = Process()
        node.executableURL = URL(filePath: "/usr/bin/env")
        let program = """
            const source = require("fs").readFileSync("\(module.path())");
            import("data:text/javascript;base64," + source.toString("base64")).then((m) => process.stdout.write(m.\(call)));
            """
        node.arguments = ["node", "-e", program]
        let output = Pipe()
        node.standardOutput = output
        try node.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        node.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
