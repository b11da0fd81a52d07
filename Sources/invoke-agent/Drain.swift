import InvokeAgent
import InvokeHTTP
import InvokeStore
import InvokeWorkers
import ServiceLifecycle
import Synchronization

/// The first to stop when the agent is told to: it ends intake and lets running jobs end, while connections that are open
/// still get answers (reliability promise O1).
final class Drain: Service {
    private let agent: Agent
    private let pools: WorkerPools
    private let listener = Mutex<ListeningSocket?>(nil)

    init(_ agent: Agent, _ pools: WorkerPools) {
        self.agent = agent
        self.pools = pools
    }

    func listens(on listener: ListeningSocket) { self.listener.withLock { $0 = listener } }

    func run() async {
        do { try await gracefulShutdown() } catch { return }
        agent.lifecycle.beginDraining()
        await listener.withLock(\.self)?.close()
        await pools.drain()
        agent.store.signals.stopWaits()
    }
}

/// The server, which stops listening before it is told to stop: that ends it when no connection is open.
struct Listening<Inner: Service>: Service {
    let lifecycle: Lifecycle
    let inner: Inner

    func run() async throws {
        do { try await inner.run() } catch  where lifecycle.isDraining {}
        if lifecycle.isDraining { try? await gracefulShutdown() }
    }
}
