/// Rows of text as columns that stand below each other.
struct Table {
    private let rows: [[String]]

    /// Longer cells stand out of their column.
    private static let widest = 40

    init(_ rows: [[String]]) { self.rows = rows }

    /// Lines without a final line feed; no blanks at their ends.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? min($0[column].count, Self.widest) : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            let line = cells.joined(separator: "  ")
            return line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
        }.joined(separator: "\n")
    }
}
