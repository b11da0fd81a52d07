import Foundation
import InvokeAssets
import InvokeModel
import InvokeTesting
import Testing

/// A content goes when nothing names it, and never while somebody is about to name it.
@Suite(.timeLimit(.minutes(5))) struct ContentRemovalTests {
    private let folder: TemporaryFolder
    private let contents: FileContentStore

    init() throws {
        folder = try TemporaryFolder()
        contents = try FileContentStore(root: folder.path + "/contents")
    }

    @Test func whatNobodyNamesIsRemoved() async throws {
        let kept = try await contents.keep(Array("abc".utf8))
        #expect(try await contents.remove(kept.hash) { true })
        #expect(contents.path(of: kept.hash) != nil)
        #expect(try await contents.hashes(beginningWith: kept.hash.bytes[0]) == [kept.hash])
        #expect(try await contents.remove(kept.hash) { false })
        #expect(contents.path(of: kept.hash) == nil)
        // Twice is fine: a killed agent does it again.
        #expect(try await contents.remove(kept.hash) { false })
    }

    @Test func whatSomebodyHoldsStays() async throws {
        let hold = contents.hold()
        let kept = try await hold.collect { try await contents.keep(Array("abc".utf8)) }
        #expect(try await !contents.remove(kept.hash) { false })
        #expect(contents.path(of: kept.hash) != nil)
        hold.end()
        #expect(try await contents.remove(kept.hash) { false })
        #expect(contents.path(of: kept.hash) == nil)
    }

    @Test func whatIsBroughtAgainDuringTheRemovalStays() async throws {
        let kept = try await contents.keep(Array("abc".utf8))
        let isSettled = try await contents.remove(kept.hash) {
            // Brought and named after the look at the rows: the moment that matters.
            _ = try await contents.keep(Array("abc".utf8))
            return false
        }
        #expect(!isSettled)
        #expect(contents.path(of: kept.hash) != nil)
    }
}
