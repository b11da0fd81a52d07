import InvokeModel
import Testing

@testable import InvokeConsole

/// What a failed job's page tells its reader to do.
@Suite struct FailureAdviceTests {
    /// Codes from 8200 are those that end jobs and never answer a request.
    @Test(arguments: ErrorCode.allCases.filter { $0 == .operationFailed || $0.rawValue >= 8200 })
    func everyWayToFailHasAdvice(code: ErrorCode) {
        #expect(FailureAdvice.text(for: code) != nil)
    }
}
