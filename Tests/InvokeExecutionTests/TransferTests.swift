import Foundation
import Glibc
import InvokeModel
import Testing

@testable import InvokeExecution

/// Archives on their way between the agent and the places that share no folder with it.
@Suite(.timeLimit(.minutes(5))) struct TransferTests {
    private let shop: Workshop
    private let attempt: AttemptSpecification
    private let transfer: AttemptTransfer

    init() throws {
        shop = try Workshop()
        attempt = try shop.attempt(["true"])
        var limits = ExecutionLimits()
        limits.outputs = 1 << 20
        limits.fileSize = 1 << 20
        limits.outputEntries = 10
        transfer = AttemptTransfer(directory: attempt.directory, limits: limits)
        try transfer.open()
    }

    private static let longName = String(repeating: "a long name ", count: 15)

    /// What a program has left, as tar writes it in one of its forms.
    private func archive(
        _ options: [String],
        of files: [String: String],
        and more: [String] = []
    ) async throws -> [UInt8] {
        let folder = try Workshop.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/outputs/deep/er", withIntermediateDirectories: true)
        for (name, text) in files { try put(text, at: "\(folder)/\(name)") }
        for name in more { try put("", at: "\(folder)/\(name)") }
        #expect(symlink("/etc/passwd", folder + "/outputs/link") == 0)
        let target = folder + ".tar"
        defer { unlink(target) }
        let tar = try spawn(
            "/usr/bin/tar",
            options + ["-C", folder, "-cf", target, "exit", "output.log", "errors.log", "outputs"] + more
        )
        var status: Int32 = 0
        #expect(waitpid(tar, &status, 0) == tar && status == 0)
        return Array(try Data(contentsOf: URL(filePath: target)))
    }

    private static let files = [
        "exit": "3\n", "output.log": "said", "errors.log": "", "outputs/text": "of a file",
        "outputs/deep/er/\(longName)": "far down", "outputs/large": String(repeating: "x", count: 700_000),
    ]

    @Test(arguments: [["--format=gnu"], ["--format=posix"], ["--format=ustar"]], [1, 511, 512, 70_000])
    func whatHasComeWholeIsKept(options: [String], pieces: Int) async throws {
        var files = Self.files
        // The oldest form has no room for it.
        if options == ["--format=ustar"] { files["outputs/deep/er/\(Self.longName)"] = nil }
        // Byte by byte, the large one takes too long.
        if pieces == 1 { files["outputs/large"] = "small" }
        let bytes = try await archive(options, of: files)
        var inbox = try transfer.inbox()
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try inbox.take(Array(bytes[start..<min(start + pieces, bytes.count)]))
        }
        #expect(transfer.exitStatus == nil)
        try inbox.finish()
        #expect(transfer.exitStatus == 3)
        for (name, content) in files { #expect(text(of: "\(attempt.directory.path)/\(name)") == content, "\(name)") }
        // Links lead out of the folder: they are left out.
        #expect(access(attempt.directory.outputs + "/link", F_OK) != 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: attempt.directory.path)
        #expect(!left.contains { $0.hasPrefix("incoming") }, "\(left)")
    }

    @Test(arguments: [0, 100, 512, 5_000])
    func whatWasCutOffIsNotKept(length: Int) async throws {
        var inbox = try transfer.inbox()
        try inbox.take(Array(try await archive([], of: Self.files).prefix(length)))
        #expect { try inbox.finish() } throws: { ($0 as? Refusal)?.code == .invalidInput }
        inbox.discard()
        #expect(transfer.exitStatus == nil)
    }

    @Test func whatIsTooMuchIsRefusedAndTold() async throws {
        var many = Self.files
        for number in 0..<20 { many["outputs/\(number)"] = "" }
        var large = Self.files
        for number in 0..<6 { large["outputs/large\(number)"] = String(repeating: "y", count: 700_000) }
        for (files, word) in [(many, "more than 10 files"), (large, "1048576 bytes")] {
            let bytes = try await archive([], of: files)
            var inbox = try transfer.inbox()
            #expect { try inbox.take(bytes) } throws: { ($0 as? Refusal)?.code == .bodyTooLarge }
            inbox.discard()
            #expect(transfer.excess?.contains(word) == true, "\(transfer.excess ?? "nothing")")
            #expect(unlink(attempt.directory.path + "/excess") == 0)
        }
    }

    private func entry(_ path: String, _ content: String = "") -> [UInt8] {
        let bytes = Array(content.utf8)
        return TarHeader(path: Array(path.utf8), kind: .file, size: bytes.count).blocks + bytes
            + TarHeader.filling(after: bytes.count)
    }

    /// The least that comes back of a program.
    private func whole(exit: Int) -> [UInt8] {
        entry("exit", "\(exit)\n") + entry("output.log") + entry("errors.log") + [UInt8](repeating: 0, count: 1_024)
    }

    @Test(arguments: [
        "../outside", "/outside", "outputs/../../outside", "outputs/..", "run.sh", "token", "exit/deeper",
    ])
    func whatDoesNotBelongThereIsRefused(path: String) throws {
        var inbox = try transfer.inbox()
        #expect { try inbox.take(entry(path, "forged")) } throws: { ($0 as? Refusal)?.code == .invalidInput }
        inbox.discard()
        #expect(access(shop.root + "/outside", F_OK) != 0 && access(attempt.directory.path + "/outside", F_OK) != 0)
    }

    @Test func whatIsDamagedIsRefused() throws {
        var bytes = entry("outputs/name", "text")
        bytes[8] ^= 1
        var inbox = try transfer.inbox()
        #expect { try inbox.take(bytes) } throws: { ($0 as? Refusal)?.code == .invalidInput }
        inbox.discard()
    }

    @Test func whatIsTooDeepIsRefused() throws {
        let steps = { (count: Int) in Array(repeating: "a", count: count).joined(separator: "/") }
        for (count, isTaken) in [(31, true), (33, false)] {
            var inbox = try transfer.inbox()
            var code: ErrorCode?
            do { try inbox.take(entry("outputs/\(steps(count))")) } catch let refusal as Refusal { code = refusal.code }
            #expect(code == (isTaken ? nil : .bodyTooLarge))
            inbox.discard()
        }
    }

    @Test func whatHasComeOnceStays() throws {
        for exit in [3, 4] {
            var inbox = try transfer.inbox()
            try inbox.take(whole(exit: exit))
            try inbox.finish()
        }
        #expect(transfer.exitStatus == 3)
    }

    @Test(arguments: [0, 1 << 33 - 1, 1 << 33, 1 << 40]) func aSizeIsReadAsItWasWritten(size: Int) throws {
        let header = TarHeader(path: Array("large".utf8), kind: .file, size: size)
        #expect(try TarHeader(reading: header.blocks[...]) == header)
    }

    @Test func whatIsSentIsReadByTar() async throws {
        let directory = attempt.directory
        let view = ProgramView(attempt: attempt, paths: .sandboxed)
        try directory.write(Array("content".utf8), asInput: Self.longName)
        try AttemptFiles(view: view, user: nil).write()
        for name in ["program.sh", "run.sh"] { try put(name, at: "\(directory.path)/\(name)") }
        var archive = try transfer.inputs(for: "one")
        var bytes: [UInt8] = []
        while let piece = try archive.next() { bytes += piece }
        let folder = try Workshop.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(bytes).write(to: URL(filePath: folder + "/sent.tar"))
        let tar = try spawn("/usr/bin/tar", ["-C", folder, "-xf", folder + "/sent.tar"])
        var status: Int32 = 0
        #expect(waitpid(tar, &status, 0) == tar && status == 0)
        #expect(text(of: "\(folder)/inputs/\(Self.longName)") == "content")
        #expect(text(of: "\(folder)/run.sh") == "run.sh")
        #expect(try transfer.inputs(for: "one").isEqual(to: bytes))
        #expect { try transfer.inputs(for: "another") } throws: { ($0 as? Refusal)?.code == .conflict }
    }

    @Test func whatIsHeardIsHeardOnceInItsOrder() throws {
        func hear(_ text: String, from offset: Int, of stream: ProgramStream = .output) throws -> Int {
            try transfer.hear(Array(text.utf8), of: stream, from: offset)
        }
        #expect(try hear("", from: 0) == 0)
        #expect(try hear("one ", from: 0) == 4)
        #expect(try hear("two", from: 4) == 7)
        // Again, because the answer was lost; and more than that.
        #expect(try hear("two", from: 4) == 7)
        #expect(try hear("two three", from: 4) == 13)
        // What would leave a gap is not taken.
        #expect(try hear("five", from: 20) == 13)
        #expect(text(of: transfer.output) == "one two three")
        #expect(try hear("oops", from: 0, of: .errors) == 4)
        #expect(text(of: transfer.errors) == "oops")
    }

    @Test func aStreamHasNoMoreBytesThanAFileMayHave() throws {
        let most = transfer.limits.fileSize
        #expect(try transfer.hear([UInt8](repeating: 0x78, count: most), of: .output, from: 0) == most)
        for offset in [most, 1] {
            #expect { try transfer.hear([UInt8](repeating: 0x78, count: most), of: .output, from: offset) } throws: {
                ($0 as? Refusal)?.code == .bodyTooLarge
            }
        }
        #expect(try transfer.hear([0x78], of: .output, from: Int.max) == most)
    }

    @Test func whatHasComeWholeIsNotChangedByWhatIsHeardLate() async throws {
        var inbox = try transfer.inbox()
        try inbox.take(try await archive([], of: Self.files))
        try inbox.finish()
        #expect(try transfer.hear(Array("late".utf8), of: .output, from: 0) == 4)
        #expect(text(of: transfer.output) == "said")
    }

    @Test func outputsThatWereTooLargeToComeAreToldOf() async throws {
        let bytes = try await archive(["--exclude=outputs/large"], of: Self.files, and: ["excess"])
        var inbox = try transfer.inbox()
        try inbox.take(bytes)
        try inbox.finish()
        #expect(transfer.exitStatus == 3)
        #expect(transfer.excess?.contains("1048576 bytes") == true)
    }

    @Test func aRootFileSystemIsPackedAsItIs() throws {
        let folder = try Workshop.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = """
            mkdir -p root/deep/er root/empty unpacked; cd root; chmod 1777 empty
            for i in 1 2 3 4 5 6 7 8 9; do far=$far/a-long-name-number-$i; done; mkdir -p "deep$far"; echo far > "deep$far/file"
            ln -s "$far" long; ln -s deep short; ln "deep$far/file" second; head -c 700000 /dev/zero > large; : > none
            mkfifo pipe; [ "$(id -u)" != 0 ] || chown 3000000:70000 large; chmod 4750 large; touch -d @999999999 large
            """
        try run(script, in: folder)
        var archive = TarArchive(of: try RootFolder(folder + "/root").entries)
        var bytes: [UInt8] = []
        while let piece = try archive.next() { bytes += piece }
        try Data(bytes).write(to: URL(filePath: folder + "/sent.tar"))
        try run(
            #"""
            tar -C unpacked -xpf sent.tar; rm root/pipe
            for f in root unpacked; do (cd $f; find . -mindepth 1 -printf '%P %y %m %U:%G %l ' \
                \( -type f -printf '%n %s %Ts\n' -o -printf '\n' \) | sort > ../$f.list); done
            """#,
            in: folder
        )
        #expect(text(of: folder + "/unpacked.list") == text(of: folder + "/root.list"))
        #expect(text(of: folder + "/root.list").split(separator: "\n").count == 18)
    }

    private func run(_ script: String, in folder: String) throws {
        var status: Int32 = 0
        let shell = try spawn("/bin/sh", ["-ec", "cd \(folder)\n" + script])
        #expect(waitpid(shell, &status, 0) == shell && status == 0)
    }

    @Test func aTokenIsItsAttemptsAsLongAsThatIsOpen() throws {
        let token = try #require(transfer.token)
        let transfers = AttemptTransfers(folder: shop.root)
        let name = "\(attempt.name)"
        #expect(transfers.transfer(name, token: token) != nil)
        for (name, token) in [
            (name, ""), (name, String(token.dropLast())), ("\(attempt.job)-2", token), ("../\(name)", token),
        ] {
            #expect(transfers.transfer(name, token: token) == nil)
        }
        transfer.close()
        #expect(transfers.transfer(name, token: token) == nil)
        #expect(transfers.transfer(name, token: "") == nil)
    }
}

extension TarArchive {
    fileprivate func isEqual(to bytes: [UInt8]) throws -> Bool {
        var (archive, all) = (self, [UInt8]())
        while let piece = try archive.next() { all += piece }
        return all == bytes
    }
}
