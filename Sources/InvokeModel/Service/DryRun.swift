package import struct Foundation.Date
package import OrderedCollections

/// What an invocation would come to if it were made now.
package struct DryRun: Sendable {
    /// The operation's asset.
    package let operation: AssetID
    package let name: String
    package let mode: Mode
    /// Everything that speaks against it; none when it would be accepted.
    package var refusals: [Refusal]
    /// The inputs that fit their declarations, defaults filled in; of the assets only those that can be used.
    package let inputs: OrderedDictionary<String, Input>
    /// The job of the time before that it would give; it makes none of its own then.
    package let replay: JobID?
    /// The job that it would make.
    package let job: Prospect?
    /// How many jobs an event would start; nil for every other call, which starts one.
    package var jobs: Int?

    package init(
        operation: AssetID,
        name: String,
        mode: Mode,
        refusals: [Refusal],
        inputs: OrderedDictionary<String, Input>,
        replay: JobID? = nil,
        job: Prospect? = nil
    ) {
        self.operation = operation
        self.name = name
        self.mode = mode
        self.refusals = refusals
        self.inputs = inputs
        self.replay = replay
        self.job = job
    }

    /// The value of one input.
    package enum Input: Sendable {
        case string(String, isDefault: Bool)
        case json(JSON, isDefault: Bool)
        /// What it costs the caller is nil for nothing.
        case asset(Asset, Cost?)
        /// One that nobody looked at: a replay needs it no more.
        case reference(String)
    }

    /// What the use of something costs the caller.
    package struct Cost: Sendable {
        package let price: Price
        /// The listing that asks for it.
        package let listing: Hex32
        /// Whether what the call brings, or what the caller has bought before, pays for it.
        package let isPaid: Bool

        package init(price: Price, listing: Hex32, isPaid: Bool) {
            self.price = price
            self.listing = listing
            self.isPaid = isPaid
        }
    }

    /// A job as it would be.
    package struct Prospect: Sendable {
        /// What the operation costs the caller; nil for nothing.
        package let cost: Cost?
        /// Why it would wait at first.
        package let waiting: JobWaiting
        /// How many jobs of its service may wait.
        package let capacity: Int
        package let deadline: Date

        package init(cost: Cost?, waiting: JobWaiting, capacity: Int, deadline: Date) {
            self.cost = cost
            self.waiting = waiting
            self.capacity = capacity
            self.deadline = deadline
        }
    }
}
