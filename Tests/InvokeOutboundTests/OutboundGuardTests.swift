import InvokeModel
import InvokeOutbound
import Synchronization
import Testing

/// What `resolve` says to the addresses behind a URL, asked of a name server that lies on demand.
@Suite(.timeLimit(.minutes(5))) struct OutboundGuardTests {
    @Test(arguments: [
        ["127.0.0.1"], ["::1"], ["10.0.0.1"], ["169.254.169.254"], ["fd00:ec2::254"], ["::ffff:192.168.0.1"],
        ["0.0.0.0"],
        ["64:ff9b::a00:1"], ["2002:a00:1::"], ["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["8.8.8.8", "::1"],
        ["8.8.8.8", "8.8.4.4", "1.1.1.1", "100.64.0.7"], ["2606:4700::1111", "fe80::1"], [],
    ])
    func oneAddressThatIsNotPublicBlocksTheName(addresses: [String]) async throws {
        let guardian = try OutboundGuard(allowing: [], resolver: { _ in addresses.compactMap { IPAddress($0) } })
        let url = try guardian.check("https://example.com/hook")
        await #expect {
            try await guardian.resolve(url)
        } throws: { error in
            (error as? OutboundFault)?.isBlocked == true
        }
    }

    @Test func aSilentNameServerBlocksNothing() async throws {
        let guardian = try OutboundGuard(allowing: [], resolver: { _ in throw NameServersSilent() })
        let url = try guardian.check("https://example.com/hook")
        await #expect {
            try await guardian.resolve(url)
        } throws: { error in
            (error as? OutboundFault)?.isBlocked == false
        }
    }

    @Test func aPublicNameIsReachedAtItsAddressesInTurn() async throws {
        let guardian = try OutboundGuard(
            allowing: [],
            resolver: { _ in ["8.8.8.8", "2606:4700::1111"].compactMap { IPAddress($0) } }
        )
        let resolved = try await guardian.resolve(guardian.check("https://example.com/hook"))
        #expect(
            (0..<3).map { resolved.address(forAttempt: $0).description } == ["8.8.8.8", "2606:4700::1111", "8.8.8.8"]
        )
    }

    @Test func aNameThatTurnsInwardsAfterTheCheckIsBlockedTheNextTime() async throws {
        let calls = Mutex(0)
        let guardian = try OutboundGuard(
            allowing: [],
            resolver: { _ in
                let call = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                return [IPAddress(call == 1 ? "8.8.8.8" : "127.0.0.1")].compactMap(\.self)
            }
        )
        let url = try guardian.check("https://rebinding.example/")
        let resolved = try await guardian.resolve(url)
        #expect(resolved.address(forAttempt: 0).description == "8.8.8.8")
        #expect(calls.withLock(\.self) == 1)
        await #expect(throws: OutboundFault.self) { try await guardian.resolve(url) }
        #expect(resolved.address(forAttempt: 0).description == "8.8.8.8")
    }

    @Test func aRefusalTellsNothingOfAnInternalName() async throws {
        struct NoSuchName: Error {}
        let guardian = try OutboundGuard(
            allowing: [],
            resolver: { host in
                guard host != "unknown.lan" else { throw NoSuchName() }
                return [IPAddress("10.1.2.3")].compactMap(\.self)
            }
        )
        var told: [String] = []
        for host in ["unknown.lan", "database.lan"] {
            do {
                _ = try await guardian.resolve(guardian.check("https://\(host)/"))
            } catch let error as OutboundFault {
                told.append(error.reason.replacing(host, with: "HOST"))
            }
        }
        #expect(told.count == 2)
        #expect(Set(told).count == 1)
        #expect(told.allSatisfy { !$0.contains("10.1.2.3") })
    }

    @Test func anAllowedNetworkIsReachedOverPlainHTTPToo() async throws {
        let guardian = try OutboundGuard(
            allowing: ["127.0.0.0/8", "fd00::/8"],
            resolver: { host in [IPAddress(host == "inside.lan" ? "127.0.0.9" : "8.8.8.8")].compactMap(\.self) }
        )
        for text in ["http://127.0.0.1:8080/", "https://127.9.9.9/", "http://[fd12::1]/", "http://[::ffff:127.0.0.1]/"]
        {
            _ = try await guardian.resolve(guardian.check(text))
        }
        let inside = try await guardian.resolve(guardian.check("http://inside.lan/"))
        #expect(inside.address(forAttempt: 0).description == "127.0.0.9")
        #expect(throws: Refusal.self) { try guardian.check("http://8.8.8.8/") }
        #expect(throws: Refusal.self) { try guardian.check("https://10.0.0.1/") }
        await #expect(throws: OutboundFault.self) {
            try await guardian.resolve(guardian.check("http://outside.example/"))
        }
    }

    @Test func anAllowedHostIsReachedWhereverItLeads() async throws {
        let guardian = try OutboundGuard(
            allowing: ["Hooks.LAN"],
            resolver: { _ in [IPAddress("10.1.2.3")].compactMap(\.self) }
        )
        let resolved = try await guardian.resolve(guardian.check("http://hooks.lan:8080/in"))
        #expect(resolved.address(forAttempt: 0).description == "10.1.2.3")
        #expect(throws: Refusal.self) { try guardian.check("http://hooks.lan.example/") }
        await #expect(throws: OutboundFault.self) { try await guardian.resolve(guardian.check("https://other.lan/")) }
    }

    @Test(arguments: [
        "", "127.0.0.0/33", "127.0.0.0/-1", "127.0.0.0/", "fd00::/129", "::ffff:127.0.0.0/104", "*.lan", "a b",
        "http://hooks.lan", "127.1/8", "2130706433",
    ])
    func anEntryThatNamesNothingIsRefused(entry: String) {
        #expect {
            try OutboundGuard(allowing: [entry])
        } throws: { error in
            (error as? AllowListFault)?.entry == entry
        }
    }

    @Test func theMachineFindsItself() async throws {
        let found = try await SystemResolver.addresses(of: "localhost")
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { ["127.0.0.1", "::1"].contains($0.description) })
    }
}
