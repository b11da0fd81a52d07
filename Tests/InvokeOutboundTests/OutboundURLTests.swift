import InvokeModel
import InvokeOutbound
import Testing

/// What `check` says to the text of a URL, with no exceptions allowed and nobody asked.
@Suite struct OutboundURLTests {
    private let guardian: OutboundGuard

    init() throws {
        guardian = try OutboundGuard(allowing: [], resolver: { _ in [] })
    }

    @Test(arguments: [
        ("https://example.com", "https://example.com/"),
        ("HTTPS://Example.COM/Path?q=%C3%A9", "https://example.com/Path?q=%C3%A9"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://example.com:80/", "https://example.com:80/"),
        ("https://example.com?x=1", "https://example.com/?x=1"),
        ("https://example.com/a@b:c", "https://example.com/a@b:c"),
        ("https://my_hook.xn--bcher-kva.example/", "https://my_hook.xn--bcher-kva.example/"),
        ("https://9.example.com/", "https://9.example.com/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://[2606:4700:0:0::1111]/", "https://[2606:4700::1111]/"),
        ("https://[::ffff:8.8.8.8]/", "https://8.8.8.8/"),
    ])
    func aPlainURLIsTakenInItsCanonicalSpelling(text: String, canonical: String) throws {
        #expect(try guardian.check(text).description == canonical)
    }

    @Test(arguments: [
        // Not an absolute https URL.
        "", "/hook", "//example.com/", "example.com", "https:example.com", "https:/example.com", "https:///example.com",
        "https://", "https://?q", "https://:443/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "javascript://example.com/", "unix://socket/", "http+unix://socket/", "http://example.com/",
        // Parts that readers of URLs disagree on.
        "https://user@example.com/", "https://user:secret@example.com/", "https://example.com@127.0.0.1/",
        "https://127.0.0.1#@example.com/", "https://example.com/#part", "https://example.com\\@127.0.0.1/",
        "https:\\\\example.com/", "https://example.com\\.evil.example/", "https://exam\tple.com/",
        "https://example.com\n/", "https://example.com/\r\nHost: inside", "https://example.com /",
        " https://example.com/",
        "https://example.com/\u{0}", "https://example.com%00.evil.example/", "https://%31%32%37.0.0.1/",
        "https://example.com%2f@127.0.0.1/", "https://example.com/%zz", "https://example.com/%4",
        // Names that are none.
        "https://example.com./", "https://.example.com/", "https://example..com/", "https://-a.example/",
        "https://a-.example/", "https://[example.com]/", "https://bücher.example/", "https://ｅxample.com/",
        "https://" + String(repeating: "a", count: 64) + ".example/",
        "https://" + String(repeating: "abcdefg.", count: 32) + "example/",
        "https://example.com/" + String(repeating: "a", count: 2048),
        // IPv4 in disguise.
        "https://2130706433/", "https://017700000001/", "https://0x7f000001/", "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.1/", "https://127.0.1/", "https://0/", "https://127.0.0.1./", "https://127.0.0.01/",
        "https://127.0.0.256/", "https://127.0.0.1.5/", "https://１２７.0.0.1/", "https://127。0。0。1/",
        "https://①②⑦.0.0.1/", "https://+127.0.0.1/", "https://1e8/", "https://127.0.0.0x1/",
        // IPv6 in disguise.
        "https://::1/", "https://[::1/", "https://[::1]x/", "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/",
        "https://[127.0.0.1]/", "https://[]/", "https://[v1.x]/", "https://[[::1]]/", "https://[::1%00]/",
        // Ports.
        "https://example.com:/", "https://example.com:0/", "https://example.com:65536/", "https://example.com:-1/",
        "https://example.com:0443/", "https://example.com:443x/", "https://example.com:４４３/",
        "https://example.com:443:443/", "https://example.com:22/", "https://example.com:25/", "https://example.com:53/",
    ])
    func anOddSpellingIsRefused(text: String) {
        #expect {
            try guardian.check(text)
        } throws: { error in
            [.invalidWebhook, .blockedURL].contains((error as? Refusal)?.code)
        }
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:a9fe:a9fe]",
        "[0:0:0:0:0:ffff:10.0.0.1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::808:808]", "[100::1]", "[2001::1]", "[2001:0:808:808::f5ff:fffe]",
        "[2001:0:7f00:1::f7f7:f7f7]", "[2001:2::1]", "[2001:10::1]", "[2001:db8::1]", "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::1]", "[2002:c0a8:101::1]", "[3fff::1]", "[4000::1]", "[5f00::1]", "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]", "[fec0::1]", "[febf::1]", "[ff02::1]", "[ff0e::1]",
    ])
    func anAddressThatIsNotPublicIsBlocked(host: String) {
        #expect {
            try guardian.check("https://\(host)/hook")
        } throws: { error in
            (error as? Refusal)?.code == .blockedURL
        }
    }

    @Test(arguments: [
        "1.1.1.1", "100.128.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.255", "[2606:4700::1111]",
        "[2a00:1450:4001::200e]", "[64:ff9b::8.8.8.8]", "[2002:808:808::1]", "[2001:0:808:808::f7f7:f7f7]",
    ])
    func aNeighbourOfABlockedNetworkIsNotBlocked(host: String) throws {
        let url = try guardian.check("https://\(host)/hook")
        #expect(url.port == 443 && url.target == "/hook")
    }

    @Test func anEndpointIsSchemeHostAndPort() throws {
        #expect(try guardian.check("https://EXAMPLE.com:443/a").endpoint == "https://example.com")
        #expect(try guardian.check("https://example.com:8443/a?b").endpoint == "https://example.com:8443")
    }
}
