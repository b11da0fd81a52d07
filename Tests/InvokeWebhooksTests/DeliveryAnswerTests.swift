import Foundation
import Testing

@testable import InvokeWebhooks

@Suite struct DeliveryAnswerTests {
    private let now = Date(timeIntervalSince1970: 784_111_777)

    private func answer(_ status: UInt, retryAfter: String? = nil, body: String = "") -> DeliveryAnswer {
        DeliveryAnswer(status: status, retryAfter: retryAfter, body: Array(body.utf8), now: now)
    }

    @Test(arguments: [200, 201, 202, 204, 299] as [UInt])
    func everySuccessIsADelivery(status: UInt) {
        #expect(answer(status).verdict == .delivered)
    }

    @Test(arguments: [300, 302, 304, 400, 401, 404, 408, 500, 502] as [UInt])
    func everythingElseIsAFailureThatAsksForNothing(status: UInt) {
        #expect(answer(status, retryAfter: "60").verdict == .failed(asked: nil))
    }

    @Test(arguments: [
        ("60", 60), (" 5 ", 5), ("Sun, 06 Nov 1994 08:50:37 GMT", 60), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
    ])
    func retryAfterIsSecondsOrADate(text: String, seconds: Int) {
        #expect(answer(429, retryAfter: text).verdict == .failed(asked: .seconds(seconds)))
        #expect(answer(503, retryAfter: text).verdict == .failed(asked: .seconds(seconds)))
    }

    @Test(arguments: ["", "soon", "-5", "1e9", "99999999999999999999"])
    func aRetryAfterThatSaysNothingIsIgnored(text: String) {
        #expect(answer(429, retryAfter: text).verdict == .failed(asked: nil))
    }

    @Test func anAnswerKeepsTheBeginningOfItsBodyOnOneLine() {
        #expect(answer(500, body: "a\r\nb\u{1B}[2Jc").text == "a  b [2Jc")
        #expect(answer(500).status == 500)
        #expect(answer(500, body: String(repeating: "é", count: 5000)).text.utf8.count <= 1024)
    }
}
