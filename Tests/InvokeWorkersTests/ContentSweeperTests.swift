import Foundation
import InvokeAgent
import InvokeAssets
import InvokeModel
import InvokeStore
import InvokeTesting
import InvokeWorkers
import Logging
import Testing

/// What the object store has done with leaves the disk, and nothing else does.
@Suite(.timeLimit(.minutes(5))) struct ContentSweeperTests {
    private let test: TestAgent
    private let bucket: Bucket
    private let cause = ObjectCause(principal: "invoke")

    init() async throws {
        test = try await TestAgent()
        #expect(try await test.store.createBucket(named: "letters", owner: nil))
        bucket = try #require(try await test.store.bucket(named: "letters"))
    }

    private func put(_ text: String, as key: String) async throws -> Hex32 {
        var writer = try await test.agent.beginObject()
        try await writer.write(Array(text.utf8))
        return try await test.agent.put(key, in: bucket, writer, ObjectTraits(), by: cause).content.hash
    }

    private func sweep(_ change: (inout SweepLimits) -> Void = { _ in }) async throws {
        var limits = SweepLimits()
        limits.grace = .zero
        change(&limits)
        let sweeper = ContentSweeper(
            store: test.store,
            contents: test.contents,
            limits: limits,
            logger: Logger(label: "test")
        )
        try await sweeper.findLost()
        try await sweeper.sweep()
    }

    private func isHere(_ hash: Hex32) -> Bool { test.contents.path(of: hash) != nil }

    @Test func aContentStaysAsLongAsSomethingNamesIt() async throws {
        let shared = try await put("shared", as: "one")
        _ = try await put("shared", as: "two")
        let replaced = try await put("first", as: "three")
        let present = try await put("second", as: "three")
        try await test.store.remove(["one"], from: bucket, by: cause)
        try await sweep()
        #expect(isHere(shared))
        #expect(!isHere(replaced))
        #expect(isHere(present))
        try await test.store.remove(["two", "three"], from: bucket, by: cause)
        try await sweep()
        #expect(!isHere(shared))
        #expect(!isHere(present))
    }

    @Test func anAssetsContentIsNotTheObjectStoresToRemove() async throws {
        let asset = try #require(try await test.publish("table", by: "consumer").asset)
        let hash = try #require(try await test.store.asset(asset)?.content?.hash)
        #expect(try await put("table", as: "copy") == hash)
        try await test.store.remove(["copy"], from: bucket, by: cause)
        try await sweep()
        #expect(isHere(hash))
    }

    @Test func aContentThatNeverGotItsRowIsFound() async throws {
        let lost = try await test.contents.keep(Array("lost".utf8))
        try await sweep()
        #expect(!isHere(lost.hash))
    }

    @Test func anUploadThatNobodyEndsGoesWithItsParts() async throws {
        try await test.store.beginUpload("u", of: "k", in: bucket, ObjectTraits())
        let upload = try #require(try await test.store.upload("u", of: "k", in: bucket))
        var writer = try await test.agent.beginObject()
        try await writer.write([1, 2, 3])
        let part = try await test.agent.put(part: 1, of: upload, writer)
        try await sweep()
        #expect(isHere(part.content.hash))
        try await sweep { $0.uploads = .zero }
        #expect(try await test.store.upload("u", of: "k", in: bucket) == nil)
        try await sweep()
        #expect(!isHere(part.content.hash))
    }
}
