import Foundation
import InvokeAssets
import InvokeModel
import InvokeTesting
import Testing

/// What bears a hash is whole; what is not whole leaves nothing behind.
@Suite(.timeLimit(.minutes(5))) struct FileContentStoreTests {
    private let folder: TemporaryFolder
    private let root: String
    private let contents: FileContentStore

    init() throws {
        folder = try TemporaryFolder()
        root = folder.path + "/contents"
        contents = try FileContentStore(root: root)
    }

    /// Every file below the root, by its path from there.
    private var files: [String] {
        let paths = FileManager.default.subpaths(atPath: root) ?? []
        return paths.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    private func text(at path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func facts(of path: String, _ key: FileAttributeKey) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[key] as? Int
    }

    @Test func contentIsFoundByItsHash() async throws {
        let kept = try await contents.keep(Array("abc".utf8))
        #expect(kept.hash.description == "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")
        #expect(kept.size == 3)
        #expect(try text(at: try #require(contents.path(of: kept.hash))) == "abc")
        #expect(contents.path(of: .random()) == nil)
    }

    @Test func theSameContentIsKeptOnce() async throws {
        let source = folder.path + "/source"
        try Data("abc".utf8).write(to: URL(filePath: source))
        let kept = try await contents.keep(Array("abc".utf8))
        let again = try await contents.keep(fileAt: source)
        var writer = try await contents.begin()
        for piece in ["a", "", "bc"] { try await writer.write(Array(piece.utf8)) }
        let once = try await writer.finish(expecting: kept.hash)
        #expect([again, once] == [kept, kept])
        #expect(files.count == 1)
    }

    @Test func contentWithTheWrongHashLeavesNothingBehind() async throws {
        var writer = try await contents.begin()
        try await writer.write(Array("abd".utf8))
        let expected = ContentHash.of("abc".utf8)
        let wrong = writer
        await #expect {
            try await wrong.finish(expecting: expected)
        } throws: { error in
            (error as? ContentMismatch)?.found == ContentHash.of("abd".utf8)
        }
        #expect(files.isEmpty)
        #expect(contents.path(of: expected) == nil)
    }

    @Test func contentThatIsGivenUpLeavesNothingBehind() async throws {
        var writer = try await contents.begin()
        try await writer.write(Array("abc".utf8))
        #expect(files.count == 1)
        writer.discard()
        #expect(files.isEmpty)
    }

    @Test func contentBearsNoHashBeforeItIsWhole() async throws {
        var writer = try await contents.begin()
        try await writer.write(Array("abc".utf8))
        #expect(contents.path(of: ContentHash.of("abc".utf8)) == nil)
        _ = try await writer.finish(expecting: nil)
        #expect(contents.path(of: ContentHash.of("abc".utf8)) != nil)
    }

    @Test func unfinishedFilesOfAnEarlierRunAreRemovedAtStart() async throws {
        let kept = try await contents.keep(Array("whole".utf8))
        var writer = try await contents.begin()
        try await writer.write(Array("half".utf8))
        #expect(files.count == 2)
        let restarted = try FileContentStore(root: root)
        #expect(files.count == 1)
        #expect(restarted.path(of: kept.hash) != nil)
    }

    @Test func aStagedFileIsALinkThatEverybodyMayReadAndNobodyWrite() async throws {
        let kept = try await contents.keep(Array("abc".utf8))
        let staged = folder.path + "/input"
        try await contents.stage(kept.hash, at: staged)
        #expect(try text(at: staged) == "abc")
        #expect(try facts(of: staged, .posixPermissions) == 0o444)
        #expect(try facts(of: staged, .referenceCount) == 2)
    }

    @Test func aStagedFileOutlivesASecondKeepingOfItsContent() async throws {
        let kept = try await contents.keep(Array("abc".utf8))
        let staged = folder.path + "/input"
        try await contents.stage(kept.hash, at: staged)
        _ = try await contents.keep(Array("abc".utf8))
        #expect(try text(at: staged) == "abc")
    }

    @Test func whatIsNotThereIsNotStaged() async throws {
        let contents = contents
        let staged = folder.path + "/input"
        await #expect(throws: FileFault.self) { try await contents.stage(.random(), at: staged) }
        #expect(!FileManager.default.fileExists(atPath: staged))
    }

    @Test func aLinkIsNotFollowed() async throws {
        let contents = contents
        let secret = folder.path + "/secret"
        try Data("secret".utf8).write(to: URL(filePath: secret))
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: secret)
        await #expect(throws: FileFault.self) { try await contents.keep(fileAt: link) }
        #expect(files.isEmpty)
    }
}
