import Crypto
import InvokeModel

/// Takes the content out of a body in S3's own chunks (`aws-chunked`), and checks their signatures as they pass.
///
/// A chunk is `<size in hexadecimal>[;chunk-signature=<64 digits>]`, a line end, the bytes, a line end. After the chunk
/// without bytes come header fields that trail, and an empty line.
package struct StreamedBodyDecoder {
    /// How the body is proven.
    package enum Proof: Sendable {
        case none
        /// Chunk by chunk, beginning with the signature of the request.
        case signed(SignatureV4, seed: [UInt8])
    }

    package enum Fault: Error {
        /// The body is not in chunks, or ends too early.
        case malformed
        case mismatch
    }

    private enum Place {
        case size
        case content(left: Int)
        case contentEnd
        case trailer
        case end
    }

    /// Header fields that have trailed the content, by their names in small letters.
    package private(set) var trailers: [String: String] = [:]
    private let proof: Proof
    private let hasTrailer: Bool
    private var place = Place.size
    private var line: [UInt8] = []
    private var hash = SHA256()
    /// What the present chunk is said to be signed with.
    private var claimed: [UInt8]?
    private var previous: [UInt8] = []
    private var trailerText = ""

    /// The longest line: sizes, signatures and checksums are far shorter.
    private static let longestLine = 1024

    package init(proof: Proof, hasTrailer: Bool) {
        self.proof = proof
        self.hasTrailer = hasTrailer
        if case .signed(_, let seed) = proof { previous = seed }
    }

    /// - Returns: the content among the next bytes of the body.
    package mutating func decode(_ bytes: some RandomAccessCollection<UInt8>) throws(Fault) -> [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while !rest.isEmpty {
            if case .content(let left) = place {
                let piece = Array(rest.prefix(left))
                if case .signed = proof { hash.update(data: piece) }
                content += piece
                rest = rest.dropFirst(piece.count)
                place = piece.count == left ? .contentEnd : .content(left: left - piece.count)
                continue
            }
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                line += rest
                guard line.count <= Self.longestLine else { throw .malformed }
                break
            }
            line += rest[..<end]
            rest = rest[rest.index(after: end)...]
            guard line.popLast() == UInt8(ascii: "\r"), line.count <= Self.longestLine else { throw .malformed }
            let text = String(decoding: line, as: UTF8.self)
            line.removeAll(keepingCapacity: true)
            try take(text)
        }
        return content
    }

    /// - Throws: when the body is not over.
    package func finish() throws(Fault) {
        guard case .end = place else { throw .malformed }
    }

    private mutating func take(_ line: String) throws(Fault) {
        switch place {
        case .size: try takeSize(line)
        case .contentEnd:
            guard line.isEmpty else { throw .malformed }
            try checkChunk()
            place = .size
        case .trailer: try takeTrailer(line)
        case .content, .end: throw .malformed
        }
    }

    private mutating func takeSize(_ line: String) throws(Fault) {
        let parts = line.split(separator: ";", maxSplits: 1)
        guard let digits = parts.first, digits.utf8.count <= 16, let size = Int(digits, radix: 16), size >= 0 else {
            throw .malformed
        }
        let name = "chunk-signature="
        claimed = parts.count > 1 && parts[1].hasPrefix(name) ? Hex32(parts[1].dropFirst(name.count))?.bytes : nil
        guard size == 0 else {
            place = .content(left: size)
            return
        }
        try checkChunk()
        place = .trailer
    }

    private mutating func checkChunk() throws(Fault) {
        guard case .signed(let signer, _) = proof else { return }
        let wanted = signer.signature(of: .chunk, sha256: hash.finalize().hexadecimal, after: previous)
        guard let claimed, SignatureV4.areEqual(wanted, claimed) else { throw .mismatch }
        previous = wanted
        hash = SHA256()
    }

    private mutating func takeTrailer(_ line: String) throws(Fault) {
        guard !line.isEmpty else {
            if case .signed(let signer, _) = proof, hasTrailer {
                let wanted = signer.signature(of: .trailer, sha256: SignatureV4.sha256(trailerText), after: previous)
                guard let claimed = trailers["x-amz-trailer-signature"].flatMap({ Hex32($0) })?.bytes,
                    SignatureV4.areEqual(wanted, claimed)
                else { throw .mismatch }
            }
            place = .end
            return
        }
        let halves = line.split(separator: ":", maxSplits: 1)
        guard halves.count == 2, trailers.count < 20 else { throw .malformed }
        let name = halves[0].lowercased()
        let value = String(halves[1].drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        trailers[name] = value
        if name != "x-amz-trailer-signature" { trailerText += "\(name):\(value)\n" }
    }
}
