/// Takes apart what `run.sh` lets be heard: lines that begin with the letter of their stream.
struct TaggedLines {
    private var stream: ProgramStream?
    private var isAtStart = true

    /// Passes on what has arrived of lines, which need not be whole. What has no letter is nobody's.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ pass: (UnsafeRawBufferPointer, ProgramStream) -> Void) {
        var rest = bytes[...]
        while let first = rest.first {
            if isAtStart {
                stream = first == UInt8(ascii: "O") ? .output : first == UInt8(ascii: "E") ? .errors : nil
                isAtStart = first == UInt8(ascii: "\n")
                rest = rest.dropFirst()
                continue
            }
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            if let stream { pass(UnsafeRawBufferPointer(rebasing: rest[..<end]), stream) }
            isAtStart = rest[end - 1] == UInt8(ascii: "\n")
            rest = rest[end...]
        }
    }
}
