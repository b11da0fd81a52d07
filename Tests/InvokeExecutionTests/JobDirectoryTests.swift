import Foundation
import InvokeExecution
import InvokeModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct JobDirectoryTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func theRootCanBePassedAndAttemptsCanNot() throws {
        let directory = try JobDirectory.create(root: shop.root, job: JobID(value: 5), attempt: 2)
        #expect(directory.path == shop.root + "/5-2")
        #expect(try mode(shop.root) == 0o711)
        #expect(try mode(directory.path) == 0o700)
        #expect(throws: SystemFault.self) {
            try JobDirectory.create(root: shop.root, job: JobID(value: 5), attempt: 2)
        }
    }

    @Test func aRootThatIsALinkIsRefused() throws {
        let folder = try Workshop.temporaryFolder()
        let link = folder + "/link"
        #expect(symlink(folder, link) == 0)
        #expect(throws: SystemFault.self) { try JobDirectory.create(root: link, job: JobID(value: 5), attempt: 1) }
        unlink(link)
        rmdir(folder)
    }

    @Test func aRootOfSomebodyElseIsRefused() throws {
        let foreign = geteuid() == 0 ? try Workshop.temporaryFolder() : "/usr"
        if geteuid() == 0 { try #require(chown(foreign, 12_345, 12_345) == 0) }
        #expect(throws: SystemFault.self) { try JobDirectory.create(root: foreign, job: JobID(value: 5), attempt: 1) }
        if geteuid() == 0 { rmdir(foreign) }
    }

    @Test func leftoversAreFoundAndOtherFoldersAreNot() throws {
        let one = try JobDirectory.create(root: shop.root, job: JobID(value: 5), attempt: 1)
        let two = try JobDirectory.create(root: shop.root, job: JobID(value: 123_456_789_012_345), attempt: 12)
        #expect(mkdir(shop.root + "/other", 0o700) == 0)
        #expect(Set(try JobDirectory.leftovers(under: shop.root)) == [one, two])
        #expect(try JobDirectory.leftovers(under: shop.root + "/nowhere") == [])
        rmdir(shop.root + "/other")
    }

    @Test func aNameIsNeverAPath() throws {
        let directory = try JobDirectory.create(root: shop.root, job: JobID(value: 5), attempt: 1)
        #expect(directory.input("a-b_c.csv") == directory.inputs + "/a-b_c.csv")
        #expect(directory.input("../x") == directory.inputs + "/%2e.%2fx")
        #expect(directory.input(".hidden") == directory.inputs + "/%2ehidden")
        #expect(directory.input("é %\n") == directory.inputs + "/é %25%0a")
    }

    @Test func whateverAProgramLeavesCanBeRemoved() async throws {
        let attempt = try shop.attempt([
            "/usr/bin/perl", "-e",
            """
            chdir '/invoke/outputs';
            mkdir '.removing-1'; mkdir '.removing-1/full'; mkdir "\\xff\\xfe"; symlink '/', 'link';
            for (1..3000) { mkdir 'deeper'; chdir 'deeper' }
            open F, '>', 'file'; chmod 0, 'file'; chmod 0, '.'; chdir '/invoke/outputs'; chmod 0, "\\xff\\xfe";
            """,
        ])
        guard case .exceeded = try await shop.outcome(attempt) else {
            Issue.record("3000 levels were not noticed")
            return
        }
        try attempt.directory.remove()
        #expect(access(attempt.directory.path, F_OK) != 0)
        try attempt.directory.remove()
    }
}

@Suite(.timeLimit(.minutes(5))) struct WorkFoldersTests {
    @Test(arguments: [Sandbox.bubblewrap, .none])
    func inMemoryProgramsRunAndTheirOutputsAreFew(sandbox: Sandbox) async throws {
        let root = try #require(WorkFolders.inMemory("invoke-execution-\(UInt32.random(in: 0...UInt32.max))"))
        var limits = ExecutionLimits()
        limits.scratch = 4 << 20
        let shop = try Workshop(sandbox: sandbox, limits: limits, root: root)
        let fitting = "head -c 1000000 /dev/zero > $INVOKE_OUTPUT_DIR/zero"
        #expect(try await shop.outcome(shop.attempt(["/bin/sh", "-c", fitting])) == .exited(code: 0))
        let outcome = try await shop.outcome(
            try shop.attempt(["/bin/sh", "-c", "head -c 5000000 /dev/zero > $INVOKE_OUTPUT_DIR/zero"])
        )
        guard case .exceeded(.fileTooLarge, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }
}
