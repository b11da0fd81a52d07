import NIOCore
import Testing

@testable import InvokeHTTP

@Suite struct AddressQuotaTests {
    private func address(_ text: String) throws -> ClientAddress? {
        ClientAddress(try SocketAddress(ipAddress: text, port: 1))
    }

    @Test(arguments: ["127.0.0.1", "127.200.3.4", "::1", "::ffff:127.0.0.1"])
    func thisMachineIsNotCounted(_ text: String) throws { #expect(try address(text) == nil) }

    @Test func anIPv6NetworkIsOneClient() throws {
        #expect(try address("2001:db8:1:2::1") == address("2001:db8:1:2:3:4:5:6"))
        #expect(try address("2001:db8:1:2::1") != address("2001:db8:1:3::1"))
        #expect(try address("192.0.2.1") != address("192.0.2.2"))
        #expect(try address("192.0.2.1") == address("::ffff:192.0.2.1"))
        #expect(try address("192.0.2.1") != nil)
    }

    @Test func whatIsGivenBackCanBeTakenAgain() throws {
        let quota = AddressQuota(maximum: 2)
        let (one, other) = (try #require(try address("192.0.2.1")), try #require(try address("192.0.2.2")))
        #expect(quota.take(one))
        #expect(quota.take(one))
        #expect(!quota.take(one))
        #expect(quota.take(other))
        quota.giveBack(one)
        #expect(quota.take(one))
        #expect(!quota.take(one))
    }
}
