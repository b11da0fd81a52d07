/// The one range of bytes that a `Range` header asks for (RFC 9110, section 14).
enum ByteRange: Equatable {
    case part(Range<Int>)
    /// There is no such byte.
    case unsatisfiable

    /// - Returns: nil when everything is wanted: for other units, for several ranges, and for what can't be read, all of
    ///   which a server may ignore.
    init?(_ header: String, of size: Int) {
        let parts = header.split(separator: "=", maxSplits: 1).map(\.trimmingSpaces)
        guard parts.count == 2, parts[0].lowercased() == "bytes", !parts[1].contains(",") else { return nil }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false).map(\.trimmingSpaces)
        let areNumbers = ends.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard ends.count == 2, areNumbers else { return nil }
        switch (Int(ends[0]), Int(ends[1])) {
        case (nil, let last?):
            // That many of the last bytes.
            self = last > 0 && size > 0 ? .part(max(0, size - last)..<size) : .unsatisfiable
        case (let first?, nil) where ends[1].isEmpty:
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (let first?, let last?):
            guard first <= last else { return nil }
            self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
        default: return nil
        }
    }
}
