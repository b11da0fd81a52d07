import Foundation
import InvokeModel
import InvokeStore
import OrderedCollections
import Testing

/// Objects, their lists and their events.
@Suite(.timeLimit(.minutes(5))) struct ObjectTests {
    private let bench: Bench
    private let bucket: Bucket
    private let cause = ObjectCause(principal: "invoke", address: "10.0.0.7")

    init() async throws {
        bench = try await Bench()
        #expect(try await bench.store.createBucket(named: "letters", owner: nil))
        bucket = try #require(try await bench.store.bucket(named: "letters"))
    }

    private static func object(_ key: String, _ number: UInt8 = 1) throws -> NewObject {
        NewObject(
            key: key,
            content: ContentReference(hash: try #require(Hex32(bytes: Array(repeating: number, count: 32))), size: 3),
            etag: "tag-\(number)",
            traits: ObjectTraits(contentType: "text/plain", headers: ["x-amz-meta-colour": "blue"])
        )
    }

    private func put(_ keys: String...) async throws {
        for key in keys { _ = try await bench.store.put(try Self.object(key), in: bucket, by: cause) }
    }

    @Test func anObjectIsReplacedAndRemovedAndEachIsAnEvent() async throws {
        let store = bench.store
        _ = try await store.put(try Self.object("a/b", 1), in: bucket, by: cause)
        _ = try await store.put(try Self.object("a/b", 2), in: bucket, as: .completed, by: cause)
        #expect(try await store.object("a/b", in: bucket)?.etag == "tag-2")
        await #expect(throws: ObjectFault.exists) {
            try await store.put(try Self.object("a/b", 3), in: bucket, isFirst: true, by: cause)
        }
        try await store.remove(["a/b", "not there"], from: bucket, by: cause)
        #expect(try await store.object("a/b", in: bucket) == nil)
        let events = try await store.objectEvents(after: 0)
        #expect(events.map(\.kind) == [.put, .completed, .removed])
        #expect(events.map(\.object?.etag) == ["tag-1", "tag-2", nil])
        #expect(events.allSatisfy { $0.bucket == "letters" && $0.key == "a/b" && $0.cause == cause })
        #expect(events.first?.object?.traits.headers == ["x-amz-meta-colour": "blue"])
        #expect(try await store.lastObjectEvent() == events.last?.id)
        #expect(try await store.objectEvents(in: "others", after: 0).isEmpty)
    }

    @Test func keysAreListedInTheOrderOfTheirBytes() async throws {
        try await put("b", "a/1", "ä", "a", "Z", "a//", "😀", "a/2/3")
        let all = try await bench.store.objects(in: bucket, ObjectFilter(limit: 100))
        #expect(all.objects.map(\.key) == ["Z", "a", "a//", "a/1", "a/2/3", "b", "ä", "😀"])
        #expect(all.next == nil)
        let folded = try await bench.store.objects(in: bucket, ObjectFilter(delimiter: "/", limit: 100))
        #expect(folded.objects.map(\.key) == ["Z", "a", "b", "ä", "😀"])
        #expect(folded.commonPrefixes == ["a/"])
        let inside = try await bench.store.objects(in: bucket, ObjectFilter(prefix: "a/", delimiter: "/", limit: 100))
        #expect(inside.objects.map(\.key) == ["a/1"])
        #expect(inside.commonPrefixes == ["a//", "a/2/"])
    }

    @Test(arguments: 1...4, ["", "/"])
    func pagesOfAnySizeMakeUpTheWholeList(_ limit: Int, _ delimiter: String) async throws {
        try await put("a", "a/1", "a/2", "b/1", "b/2/x", "b0", "c", "ü/1", "ü/2")
        var filter = ObjectFilter(delimiter: delimiter, limit: 100)
        let whole = try await bench.store.objects(in: bucket, filter)
        var (keys, prefixes): ([String], [String]) = ([], [])
        filter.limit = limit
        repeat {
            let page = try await bench.store.objects(in: bucket, filter)
            #expect(page.objects.count + page.commonPrefixes.count <= limit)
            keys += page.objects.map(\.key)
            prefixes += page.commonPrefixes
            filter.after = page.next ?? ""
        } while !filter.after.isEmpty
        #expect(keys == whole.objects.map(\.key))
        #expect(prefixes == whole.commonPrefixes)
        #expect(prefixes == (delimiter.isEmpty ? [] : ["a/", "b/", "ü/"]))
    }

    @Test func aBucketGoesOnlyWhenItIsEmptyAndItsUploadsWithIt() async throws {
        let store = bench.store
        try await put("a")
        try await store.beginUpload("u", of: "k", in: bucket, ObjectTraits())
        #expect(try await !store.remove(bucket))
        #expect(try await store.removeSome(of: bucket, by: cause))
        #expect(try await !store.removeSome(of: bucket, by: cause))
        #expect(try await store.remove(bucket))
        #expect(try await store.upload("u", of: "k", in: bucket) == nil)
        await #expect(throws: ObjectFault.noBucket) { try await store.put(try Self.object("a"), in: bucket, by: cause) }
    }

    @Test func anUploadEndsOnce() async throws {
        let store = bench.store
        try await store.beginUpload("u", of: "k", in: bucket, ObjectTraits(contentType: "text/plain"))
        let upload = try #require(try await store.upload("u", of: "k", in: bucket))
        #expect(try await store.upload("u", of: "another", in: bucket) == nil)
        let (object, time) = (try Self.object("k", 9), bench.now)
        for (number, digit) in [(2, UInt8(1)), (1, 2), (2, 3)] {
            let content = try Self.object("k", digit).content
            let md5 = Array(repeating: digit, count: 16)
            try await store.put(
                UploadPart(number: number, content: content, md5: md5, modifiedAt: time),
                to: upload
            )
        }
        #expect(try await store.parts(of: upload).map(\.md5.first) == [2, 3])
        _ = try await store.complete(upload, as: object, in: bucket, by: cause)
        await #expect(throws: ObjectFault.noUpload) {
            try await store.complete(upload, as: object, in: bucket, by: cause)
        }
        #expect(try await store.objectEvents(after: 0).map(\.kind) == [.completed])
    }

    @Test func contentsThatNoRowNamesAreLoose() async throws {
        let store = bench.store
        let contents = try (1...3).map { try Self.object("", $0).content.hash }
        _ = try await store.put(try Self.object("a", 1), in: bucket, by: cause)
        _ = try await store.put(try Self.object("b", 1), in: bucket, by: cause)
        _ = try await store.put(try Self.object("a", 2), in: bucket, by: cause)
        try await store.noteLoose(among: contents)
        #expect(try await store.isNamed(contents[0]))
        #expect(try await store.isNamed(contents[1]))
        #expect(try await !store.isNamed(contents[2]))
        bench.advance(by: 61)
        let loose = try await store.looseContents(for: .seconds(60), after: nil)
        // The first has lost one of its two names.
        #expect(loose.map(\.hash) == [contents[0], contents[2]])
        try await store.settle(loose)
        #expect(try await store.looseContents(for: .zero, after: nil).isEmpty)
    }

    @Test func eventsAreForgottenWhenTheyAreOldOnly() async throws {
        let store = bench.store
        try await put("a")
        bench.advance(by: 3600)
        try await put("b")
        #expect(try await !store.forgetObjectEvents(seenFor: .seconds(60), unusedFor: .seconds(3601)))
        #expect(try await store.objectEvents(after: 0).count == 2)
        #expect(try await !store.forgetObjectEvents(seenFor: .seconds(60), unusedFor: .seconds(3600)))
        #expect(try await store.objectEvents(after: 0).map(\.key) == ["b"])
    }

    @Test func whoFollowsABucketIsWokenByItsObjectsOnly() async throws {
        let store = bench.store
        #expect(try await store.createBucket(named: "numbers", owner: nil))
        let numbers = try #require(try await store.bucket(named: "numbers"))
        let (news, follower) = AsyncStream.makeStream(of: Void.self)
        store.signals.follow(.objectsOf(bucket: "numbers"), waking: follower)
        try await put("a")
        _ = try await store.put(try Self.object("1"), in: numbers, by: cause)
        follower.finish()
        #expect(await news.reduce(0) { count, _ in count + 1 } == 1)
    }
}
