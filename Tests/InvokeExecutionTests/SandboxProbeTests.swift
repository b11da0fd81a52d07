import InvokeExecution
import Testing

@Suite(.timeLimit(.minutes(5))) struct SandboxProbeTests {
    @Test(arguments: [Sandbox.bubblewrap, .none])
    func aMachineThatCanDoItIsAvailableAndKeepsNoFolder(sandbox: Sandbox) async throws {
        let shop = try Workshop()
        #expect(await SandboxProbe(root: shop.root, sandbox: sandbox).availability() == .available)
        #expect(try JobDirectory.leftovers(under: shop.root) == [])
    }

    @Test func aMissingProgramIsNamedWithItsPackage() async throws {
        let shop = try Workshop()
        var tools = ProcessTools()
        tools.bubblewrap = "/nowhere/bwrap"
        let availability = await SandboxProbe(root: shop.root, tools: tools).availability()
        #expect(
            availability
                == .unavailable("The program '/nowhere/bwrap' is not installed; install the package 'bubblewrap'.")
        )
    }

    @Test func aSandboxThatFailsIsUnavailable() async throws {
        let shop = try Workshop()
        var tools = ProcessTools()
        tools.bubblewrap = "/usr/bin/false"
        guard case .unavailable = await SandboxProbe(root: shop.root, tools: tools).availability() else {
            Issue.record("a launcher that fails was taken for a sandbox")
            return
        }
    }

    @Test func aRootThatCantBeMadeIsUnavailable() async {
        guard case .unavailable = await SandboxProbe(root: "/proc/nowhere").availability() else {
            Issue.record("attempts have no folder, and yet programs were taken to run")
            return
        }
    }
}
