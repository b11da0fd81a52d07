package import struct Foundation.Date
package import InvokeModel

/// Which jobs a page holds.
package struct JobFilter: Sendable {
    package var operation: AssetID?
    package var service: String?
    /// The row of a service: one of several that have had a name.
    package var serviceRow: Int64?
    /// Whether synchronous runs of scripts are left out.
    package var leavesOutRuns: Bool
    package var state: JobState?
    /// Only jobs accepted at or after this time.
    package var since: Date?
    /// Only jobs older than this one: the last of the page before.
    package var before: JobID?
    package var limit: Int

    package init(
        operation: AssetID? = nil,
        service: String? = nil,
        serviceRow: Int64? = nil,
        leavesOutRuns: Bool = false,
        state: JobState? = nil,
        since: Date? = nil,
        before: JobID? = nil,
        limit: Int
    ) {
        self.operation = operation
        self.service = service
        self.serviceRow = serviceRow
        self.leavesOutRuns = leavesOutRuns
        self.state = state
        self.since = since
        self.before = before
        self.limit = limit
    }
}
