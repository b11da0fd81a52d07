/// Takes apart what an engine sends of a container's two streams: frames with 8 bytes before them, of which the first
/// names the stream and the last four say how long the frame is.
struct LogFrames {
    private var header: [UInt8] = []
    private var stream = ProgramStream.output
    /// Bytes of the frame that are still to come.
    private var left = 0

    /// Passes on what has arrived of frames; they need not arrive whole.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ pass: (UnsafeRawBufferPointer, ProgramStream) -> Void) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if left > 0 {
                let part = rest.prefix(left)
                pass(UnsafeRawBufferPointer(rebasing: part), stream)
                left -= part.count
                rest = rest.dropFirst(part.count)
            } else {
                let part = rest.prefix(8 - header.count)
                header += part
                rest = rest.dropFirst(part.count)
                guard header.count == 8 else { return }
                stream = header[0] == 2 ? .errors : .output
                left = header[4...].reduce(0) { $0 << 8 | Int($1) }
                header.removeAll(keepingCapacity: true)
            }
        }
    }
}
