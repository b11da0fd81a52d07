import Glibc
import ServiceLifecycle
import UnixSignals

extension ServiceGroup {
    /// Runs the services until SIGTERM or SIGINT, then shuts them down in good order; a second signal means at once.
    func runUntilTold() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await self.run() }
            tasks.addTask {
                var isTold = false
                for await signal in signals {
                    // What is committed is on the disk, programs die with the agent, and the next start finds the rest.
                    if isTold { _exit(128 + signal.rawValue) }
                    isTold = true
                    await self.triggerGracefulShutdown()
                }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }
}
