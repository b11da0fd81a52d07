package import Foundation
package import InvokeModel

extension JSON {
    /// A moment as the dialects write it: ISO 8601 in UTC with whole seconds, `2025-03-01T10:00:03Z`.
    package init(time: Date) { self = .string(time.formatted(.iso8601)) }
}
