import InvokeClient
import InvokeModel

/// Quotes what a call costs, and orders it when the user agrees.
struct Purchasing {
    let agent: AgentClient
    let buys: Bool

    /// Returns when the call is free or paid for.
    func pay(for operation: AgentOperation, _ inputs: JSON, _ options: AgentClient.InvocationOptions) async throws {
        guard let price = operation.price, options.purchaseToken == nil else { return }
        let quote = try await agent.dryRun(operation, inputs: inputs, options)["price"]
        guard quote?["paid"]?.bool == false, let listing = quote?["listing"]?.string else { return }
        let cost = "\(price.amount) \(price.currency)"
        guard buys || (Terminal.canAsk && Terminal.confirms("\(operation.name) costs \(cost). Order it?")) else {
            throw Failure(
                status: .unpaid,
                message: "\(operation.name) costs \(cost), and is not paid for.",
                advice: "order it: invoke-agent purchase create \(listing), or run this with --buy"
            )
        }
        let purchase = try await agent.createPurchase(ofListing: listing)
        guard purchase["payment"]?.string != "settled" else { return }
        let id = purchase["id"]?.string ?? ""
        throw Failure(
            status: .unpaid,
            message: "\(operation.name) is ordered for \(cost); the seller has to settle that first.",
            advice: "see whether it is settled: invoke-agent purchase show \(id); then run this again"
        )
    }
}
