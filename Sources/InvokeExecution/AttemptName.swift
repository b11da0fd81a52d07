package import InvokeModel

/// What tells one attempt from all others: its job, and its number there.
package struct AttemptName: Sendable, Hashable, CustomStringConvertible {
    package let job: JobID
    /// Counts from 1.
    package let number: Int

    package init(job: JobID, number: Int) {
        self.job = job
        self.number = number
    }

    /// Reads what `description` wrote.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let job = JobID(String(parts[0])), let number = Int(parts[1]), number > 0 else {
            return nil
        }
        self.init(job: job, number: number)
    }

    package var description: String { "\(job)-\(number)" }
}
