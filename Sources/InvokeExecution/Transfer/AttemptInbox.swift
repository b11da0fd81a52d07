import Glibc
import InvokeModel

/// Takes what a program elsewhere has made, as a tar archive, into the attempt's folder: all of it or nothing.
package struct AttemptInbox: Sendable {
    private let transfer: AttemptTransfer
    private let folder: String
    private var reader = TarReader()
    private var file: Descriptor?
    private var entries = 0
    private var bytes = 0

    init(of transfer: AttemptTransfer) throws {
        self.transfer = transfer
        let number = UInt64.random(in: 0...UInt64.max)
        folder = "\(transfer.directory.path)/incoming-\(number)"
        for path in [folder, folder + "/outputs"] {
            guard mkdir(path, 0o700) == 0 else { throw SystemFault("make the folder", path) }
        }
    }

    /// - Throws: `invalidInput` for what is no such archive, `bodyTooLarge` for more than a program may make, `SystemFault`.
    package mutating func take(_ piece: [UInt8]) throws {
        var sink = Sink(folder: folder, limits: transfer.limits, file: file, entries: entries, bytes: bytes)
        defer { (file, entries, bytes) = (sink.file, sink.entries, sink.bytes) }
        do {
            try reader.take(piece) { try sink.take($0) }
        } catch let fault as TarFault {
            throw Refusal(.invalidInput, "The body can't be taken: \(fault)")
        } catch let excess as Excess {
            transfer.refuse(excess.text)
            throw Refusal(.bodyTooLarge, excess.text)
        }
    }

    /// Puts all of it in its place.
    /// - Throws: `invalidInput` when the archive was cut off or lacks a part, `SystemFault`.
    package func finish() throws {
        let isWhole = ["exit", "output.log", "errors.log"].allSatisfy { access("\(folder)/\($0)", F_OK) == 0 }
        guard reader.isComplete, isWhole else {
            throw Refusal(.invalidInput, "The archive is cut off, or lacks one of exit, output.log and errors.log.")
        }
        try transfer.keep(folder)
        discard()
    }

    /// Removes what has come so far.
    package func discard() { try? removeTree(folder) }

    fileprivate struct Excess: Error { let text: String }
}

/// Writes the parts of an archive below a folder that nobody else writes to.
private struct Sink {
    let folder: String
    let limits: ExecutionLimits
    var file: Descriptor?
    var entries: Int
    var bytes: Int

    mutating func take(_ part: TarReader.Part) throws {
        switch part {
        case .entry(let header): try begin(header)
        case .content(let piece):
            guard let file else { return }
            bytes += piece.count
            // What was said is limited by the size of a file, which the program's own limits see to.
            let most = limits.outputs + 2 * limits.fileSize
            guard bytes <= most else { throw AttemptInbox.Excess(text: limits.outputsExceeded) }
            guard writeAll(Array(piece), to: file.number) else { throw SystemFault("write", folder) }
        }
    }

    private mutating func begin(_ header: TarHeader) throws {
        file = nil
        let steps = header.path.split(separator: 0x2F).filter { $0 != [0x2E] }
        guard let first = steps.first else { return }
        let isOutput = first.elementsEqual("outputs".utf8)
        let isKnown =
            ["exit", "output.log", "errors.log", AttemptTransfer.excessMark].contains { first.elementsEqual($0.utf8) }
            && steps.count == 1
        guard isOutput || isKnown, !steps.contains([0x2E, 0x2E]), !header.path.contains(0), header.path.first != 0x2F
        else {
            throw TarFault("'\(String(decoding: header.path, as: UTF8.self))' does not belong there.")
        }
        entries += 1
        guard entries <= limits.outputEntries + 5, steps.count <= 33 else {
            throw AttemptInbox.Excess(
                text: "The outputs are more than \(limits.outputEntries) files or 32 levels deep."
            )
        }
        for count in 1..<max(steps.count, 1) { try makeFolder(steps.prefix(count)) }
        if header.kind == .folder { try makeFolder(steps[...]) } else { file = try makeFile(steps[...]) }
    }

    /// The path as the system takes it.
    private func path(_ steps: ArraySlice<ArraySlice<UInt8>>) -> [CChar] {
        (Array(folder.utf8) + steps.flatMap { [0x2F] + Array($0) } + [0]).map(CChar.init(bitPattern:))
    }

    private func makeFolder(_ steps: ArraySlice<ArraySlice<UInt8>>) throws {
        guard mkdir(path(steps), 0o700) == 0 || errno == EEXIST else { throw SystemFault("make a folder in", folder) }
    }

    private func makeFile(_ steps: ArraySlice<ArraySlice<UInt8>>) throws -> Descriptor {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        return try Descriptor(open(path(steps), flags, 0o600), "write a file in", folder)
    }
}
