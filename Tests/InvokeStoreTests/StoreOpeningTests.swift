import Foundation
import GRDB
import InvokeModel
import InvokeTesting
import Testing

@testable import InvokeStore

/// What the store makes sure of before it takes a file.
@Suite struct StoreOpeningTests {
    @Test(.timeLimit(.minutes(5)))
    func theWriterSyncsEveryCommitAndChecksReferences() async throws {
        let bench = try await Bench()
        let found = try await bench.store.write { database in
            try ["journal_mode", "synchronous", "foreign_keys"].map {
                try String.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(found == ["wal", "2", "1"])
    }

    @Test(.timeLimit(.minutes(5)))
    func theFileIsInWALModeAndOursForEveryConnection() async throws {
        let bench = try await Bench()
        let found = try bench.sql { database in
            try ["journal_mode", "application_id"].map { try String.fetchOne(database, sql: "PRAGMA \($0)") }
        }
        #expect(found == ["wal", "\(0x494E_564B)"])
    }

    @Test func nobodyElseMayReadTheFile() throws {
        let folder = try TemporaryFolder()
        let store = try Store(path: folder.path + "/agent.sqlite")
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/agent.sqlite")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try store.close()
    }

    @Test(.timeLimit(.minutes(5)))
    func whatWasWrittenIsThereAtTheNextOpening() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/agent.sqlite"
        let store = try Store(path: path)
        let drawn = try await store.setting("did", orDraw: "one")
        try store.close()
        let again = try Store(path: path)
        let kept = try await again.setting("did", orDraw: "two")
        try again.close()
        #expect([drawn, kept] == ["one", "one"])
    }

    @Test(.timeLimit(.minutes(5)))
    func aClosedStoreRefusesWrites() async throws {
        let folder = try TemporaryFolder()
        let store = try Store(path: folder.path + "/agent.sqlite")
        try store.close()
        await #expect { try await store.writeTime() } throws: { ($0 as? Refusal)?.code == .draining }
    }

    /// What may lie where the store's file should be, and what is said of it.
    enum Found: String, CaseIterable {
        case text, nothing, otherProgram, unmarked, later, laterNotClosed, cut, brokenHeader, brokenSchema

        func isTold(by fault: StoreFault) -> Bool {
            switch (self, fault) {
            case (.text, .damaged), (.cut, .damaged), (.brokenHeader, .damaged), (.brokenSchema, .damaged): true
            case (.nothing, .foreign), (.otherProgram, .foreign), (.unmarked, .foreign): true
            case (.later, .newer), (.laterNotClosed, .newer): true
            default: false
            }
        }

        func put(at path: String) throws {
            switch self {
            case .text: try Data("This is no database.\n".utf8).write(to: URL(filePath: path))
            case .nothing: try Data().write(to: URL(filePath: path))
            case .otherProgram: try Self.database(path, "PRAGMA application_id = 77; CREATE TABLE notes (text TEXT)")
            case .unmarked: try Self.database(path, "CREATE TABLE notes (text TEXT)")
            case .later:
                try Self.ours(path)
                try Self.database(path, "INSERT INTO grdb_migrations VALUES ('v999_things_to_come')")
            case .laterNotClosed:
                let open = path + "-open"
                let store = try Store(path: open)
                try Self.database(open, "INSERT INTO grdb_migrations VALUES ('v999_things_to_come')")
                // As a kill leaves it: the file and a log that has not been moved into it.
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: open + suffix, toPath: path + suffix)
                }
                try store.close()
            case .cut:
                try Self.ours(path)
                let bytes = try Data(contentsOf: URL(filePath: path))
                try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
            case .brokenHeader: try Self.overwrite(path, at: 0, with: 32)
            case .brokenSchema: try Self.overwrite(path, at: 100, with: 3996)
            }
        }

        private static func ours(_ path: String) throws {
            try Store(path: path).close()
            // All of it into the one file.
            try database(path, "PRAGMA wal_checkpoint(TRUNCATE)")
        }

        private static func database(_ path: String, _ sql: String) throws {
            let database = try DatabaseQueue(path: path)
            try database.writeWithoutTransaction { try $0.execute(sql: sql) }
            try database.close()
        }

        private static func overwrite(_ path: String, at offset: Int, with count: Int) throws {
            try ours(path)
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes.replaceSubrange(offset..<offset + count, with: Data(repeating: 0xA5, count: count))
            try bytes.write(to: URL(filePath: path))
        }
    }

    @Test(arguments: Found.allCases)
    func aFileThatIsNotOursToWriteIsRefusedAndStaysAsItIs(found: Found) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/agent.sqlite"
        try found.put(at: path)
        let before = try Self.bytes(of: path)
        #expect {
            try Store(path: path)
        } throws: { error in
            (error as? StoreFault).map(found.isTold) ?? false
        }
        #expect(try Self.bytes(of: path) == before)
    }

    /// The bytes of a database file and of its log, if there is one.
    private static func bytes(of path: String) throws -> [Data?] {
        try ["", "-wal"].map { suffix in
            guard FileManager.default.fileExists(atPath: path + suffix) else { return nil }
            let bytes = try Data(contentsOf: URL(filePath: path + suffix))
            return suffix == "-wal" && bytes.isEmpty ? nil : bytes
        }
    }
}
