import Glibc
import InvokeModel

/// Brings what attempts read to places that don't share the agent's folders, and what they have made back.
///
/// Each attempt has a token of its own, which is worth something only as long as the attempt.
package struct AttemptTransfers: Sendable {
    /// The root of the attempts' folders.
    let folder: String
    let limits: ExecutionLimits

    package init(folder: String, limits: ExecutionLimits = ExecutionLimits()) {
        self.folder = folder
        self.limits = limits
    }

    /// The transfer of an attempt, by what `AttemptName.description` says; nil when there is none, or the token is not its.
    package func transfer(_ name: String, token: String) -> AttemptTransfer? {
        guard let name = AttemptName(name) else { return nil }
        let transfer = AttemptTransfer(
            directory: JobDirectory(root: folder, job: name.job, attempt: name.number),
            limits: limits
        )
        guard let expected = transfer.token, Self.areEqual(Array(token.utf8), Array(expected.utf8)) else { return nil }
        return transfer
    }

    /// In a time that does not tell where they differ.
    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// The files of one attempt on their way to where its program runs, and back.
package struct AttemptTransfer: Sendable {
    let directory: JobDirectory
    let limits: ExecutionLimits

    /// Bytes of a stream that may come at a time while its program runs.
    package static let longestPiece = 1 << 20

    private var tokenFile: String { directory.path + "/token" }
    private var claim: String { directory.path + "/claim" }
    /// Gets the program's exit status as a shell tells it, once all that it has made is here.
    private var exit: String { directory.path + "/exit" }
    /// Tells why what the program has made was not taken.
    private var excessFile: String { directory.path + "/excess" }
    var output: String { directory.path + "/output.log" }
    var errors: String { directory.path + "/errors.log" }

    /// What may be in an archive that comes back beside the outputs: an empty file says that these were too large to come.
    static let excessMark = "excess"

    /// nil when nothing may be transferred: not yet, or not any more.
    var token: String? { readFile(tokenFile).map { String(decoding: $0, as: UTF8.self) } }

    /// From 0 to 255; nil as long as nothing has come back.
    var exitStatus: Int? {
        readFile(exit).flatMap { Int(String(decoding: $0, as: UTF8.self).prefix { $0.isNumber }) }
    }

    var excess: String? { readFile(excessFile).map { String(decoding: $0, as: UTF8.self) } }

    /// Lets the attempt's files be fetched from now on; they are all there.
    /// - Throws: `SystemFault`.
    func open() throws {
        var random = SystemRandomNumberGenerator()
        let secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        try writeFile(tokenFile, secret.hexadecimal.utf8, mode: 0o600)
    }

    /// Makes the attempt one that never was: its files can't be fetched any more.
    func close() { unlink(tokenFile) }

    /// Keeps everybody but one place from running the attempt: clusters may start a program twice.
    /// - Returns: whether it is this place's.
    /// - Throws: `SystemFault`.
    func isClaimed(by place: String) throws -> Bool {
        if let holder = readFile(claim) { return holder.elementsEqual(place.utf8) }
        do {
            try writeFile(claim, place.utf8, mode: 0o600)
        } catch {
            guard error.number == EEXIST else { throw error }
            return readFile(claim).map { $0.elementsEqual(place.utf8) } ?? false
        }
        return true
    }

    /// What the place gets; one that comes again after a broken connection gets it again.
    /// - Throws: `SystemFault`; `conflict` when it is another's.
    package func inputs(for place: String) throws -> TarArchive {
        guard try isClaimed(by: place) else {
            throw Refusal(.conflict, "This attempt is another's: a program is run once.")
        }
        return try TarArchive(of: directory)
    }

    /// Takes a piece of what the program says while it runs, which begins so many bytes after the stream's beginning; one
    /// that comes again changes nothing, and one that leaves a gap is not taken.
    /// - Returns: how many bytes of the stream are here: where the next piece is to begin.
    /// - Throws: `SystemFault`; `bodyTooLarge` for more than a program may say.
    package func hear(_ piece: [UInt8], of stream: ProgramStream, from offset: Int) throws -> Int {
        let path = stream == .output ? output : errors
        let file = try Descriptor(
            Glibc.open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600),
            "write",
            path
        )
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw SystemFault("examine", path) }
        let size = Int(status.st_size)
        // Once all has come back, that is what it said.
        guard offset <= size, exitStatus == nil else { return size }
        guard offset <= limits.fileSize - piece.count else {
            throw Refusal(.bodyTooLarge, "A stream has more than the \(limits.fileSize) bytes that are allowed.")
        }
        guard lseek(file.number, offset, SEEK_SET) == offset, writeAll(piece, to: file.number) else {
            throw SystemFault("write", path)
        }
        return max(size, offset + piece.count)
    }

    /// Takes what comes back; several may come at once after a broken connection.
    /// - Throws: `SystemFault`.
    package func inbox() throws -> AttemptInbox { try AttemptInbox(of: self) }

    /// Puts what has come whole in its place; the exit status, by which it is known, last.
    /// - Throws: `SystemFault`.
    func keep(_ folder: String) throws {
        guard exitStatus == nil else { return }
        if access("\(folder)/\(Self.excessMark)", F_OK) == 0 { refuse(limits.outputsExceeded) }
        try removeTree(directory.outputs)
        for (name, target) in [
            ("outputs", directory.outputs), ("output.log", output), ("errors.log", errors), ("exit", exit),
        ] {
            guard rename("\(folder)/\(name)", target) == 0 else { throw SystemFault("keep", target) }
        }
    }

    /// Writes down that the program has made more than it may.
    func refuse(_ text: String) { try? writeFile(excessFile, text.utf8, mode: 0o600) }
}
