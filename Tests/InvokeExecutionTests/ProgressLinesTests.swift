import Testing

@testable import InvokeExecution

struct ProgressLinesTests {
    private static let stream = Array(
        "a\n::progress 1 one\n\n::progress 200\r\nb::progress 2\n::\n::progress 100 end\r\n::prog".utf8
    )

    private func read(_ chunks: [ArraySlice<UInt8>]) -> (bytes: String, progress: [ProgressLines.Progress]) {
        var lines = ProgressLines()
        var bytes: [UInt8] = []
        var progress: [ProgressLines.Progress] = []
        for taken in chunks.map({ chunk in chunk.withUnsafeBytes { lines.take($0) } }) + [lines.finish()] {
            bytes += taken.bytes
            progress += taken.progress
        }
        return (String(decoding: bytes, as: UTF8.self), progress)
    }

    @Test(arguments: 0..<stream.count) func chunkBordersChangeNothing(border: Int) {
        let bytes = "a\n\n::progress 200\r\nb::progress 2\n::\n::prog"
        let progress = [
            ProgressLines.Progress(percent: 1, text: "one"),
            ProgressLines.Progress(percent: 100, text: "end"),
        ]
        #expect(read([Self.stream[..<border], Self.stream[border...]]) == (bytes, progress))
        let pieces = stride(from: 0, to: Self.stream.count, by: border + 1)
            .map { Self.stream[$0..<min($0 + border + 1, Self.stream.count)] }
        #expect(read(pieces) == (bytes, progress))
    }

    @Test func aLineThatNeverEndsIsNotHeldBack() {
        var lines = ProgressLines()
        let first = Array("::progress 5 ".utf8)
        var passed = first.withUnsafeBytes { lines.take($0) }.bytes.count
        let more = [UInt8](repeating: 0x78, count: 1000)
        for _ in 0..<10 { passed += more.withUnsafeBytes { lines.take($0) }.bytes.count }
        #expect(passed == first.count + 10 * more.count)
        #expect(lines.finish().bytes.isEmpty)
    }
}
