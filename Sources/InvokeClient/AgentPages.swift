public import InvokeModel

/// A list that an agent tells page by page; reading it asks for the pages as they are needed.
public struct AgentPages: AsyncSequence, Sendable {
    /// An entry.
    public typealias Element = JSON

    let client: AgentClient
    let path: String
    /// The member with the entries.
    let member: String
    let query: [(name: String, value: String)]
    /// Entries to a page.
    let size: Int

    /// One page.
    public struct Page: Sendable {
        /// The entries.
        public let entries: [JSON]
        /// Where the next page begins; nil when there is none.
        public let cursor: String?
    }

    /// The page that begins at a cursor; the first one without.
    public func page(after cursor: String? = nil) async throws -> Page {
        var query = query
        query.append(("limit", String(size)))
        if let cursor { query.append(("cursor", cursor)) }
        let answer = try await client.send("GET", path + AgentClient.text(of: query)).json()
        return Page(entries: answer[member]?.array ?? [], cursor: answer["next_cursor"]?.string)
    }

    /// Goes from page to page.
    public struct Iterator: AsyncIteratorProtocol {
        let pages: AgentPages
        private var rest: ArraySlice<JSON> = []
        private var cursor: String?
        private var isFirst = true

        init(_ pages: AgentPages) { self.pages = pages }

        /// The next entry.
        public mutating func next() async throws -> JSON? {
            while rest.isEmpty {
                guard isFirst || cursor != nil else { return nil }
                let page = try await pages.page(after: cursor)
                (rest, cursor, isFirst) = (page.entries[...], page.cursor, false)
            }
            return rest.removeFirst()
        }
    }

    /// Begins with the first page.
    public func makeAsyncIterator() -> Iterator { Iterator(self) }
}
