import Glibc
import Logging
import ServiceLifecycle

/// Ends the agent when its disk has failed: what is on it nobody can tell any more, and a later write that seemed to
/// succeed would be a lie (promise D6).
struct DiskGuard: Service {
    let failures: AsyncStream<String>
    let logger: Logger

    /// The exit status, which the system calls "I/O error".
    private static let status: Int32 = 74

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await failure in failures {
                logger.critical("the disk has failed; the agent ends", metadata: ["error": "\(failure)"])
                // Those whose write was refused still get their answer.
                try? await Task.sleep(for: .seconds(1))
                _exit(Self.status)
            }
        }
    }
}
