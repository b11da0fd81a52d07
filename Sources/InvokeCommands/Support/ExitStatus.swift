import ArgumentParser

/// What the program ends with; docs/cli.md tells what each is for.
enum ExitStatus: Int32 {
    case failure = 1
    case jobFailed = 10
    case jobCancelled = 11
    case stillRunning = 12
    case refused = 20
    case unpaid = 21
    case notFound = 22
    case notAllowed = 23
    case tryLater = 24
    case unreachable = 69
    case agentFault = 70

    var code: ExitCode { ExitCode(rawValue) }
}
