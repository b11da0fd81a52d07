import Foundation
package import InvokeModel
import InvokeWire
import OrderedCollections

/// Prints documents in the form that was asked for.
package struct Printer {
    private let format: OutputFormat
    private let fields: String?
    private let view: View

    package init(_ options: OutputOptions, _ view: View) {
        format = options.output
        fields = options.fields
        self.view = view.showing(options.fields)
    }

    /// Prints one document: a line for each member of the view, or the only member's value alone.
    package func print(_ document: JSON) {
        switch format {
        case .table where view.columns.count == 1:
            Terminal.write((document.member(at: view.columns[0].path)?.cell ?? "") + "\n")
        case .table:
            let width = view.columns.map(\.title.count).max() ?? 0
            for column in view.columns {
                guard let value = document.member(at: column.path), value != .null else { continue }
                if Terminal.isOutput {
                    let title = column.title.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                    Terminal.write(Terminal.bold(title) + value.cell + "\n")
                } else {
                    Terminal.write("\(column.title.lowercased())\t\(value.cell)\n")
                }
            }
        case .json: Terminal.write(text(picked(document)) + "\n")
        case .jsonl: Terminal.write(picked(document).text + "\n")
        case .yaml: Terminal.write(picked(document).yaml)
        case .id: Terminal.write((document.member(at: view.id)?.cell ?? "") + "\n")
        }
    }

    /// Prints a list: on a terminal a table, in a pipe rows alone.
    package func print(_ documents: [JSON]) {
        switch format {
        case .table: Terminal.isOutput ? table(documents) : rows(documents)
        case .json: Terminal.write(text(.array(documents.map(picked))) + "\n")
        case .jsonl: for document in documents { Terminal.write(picked(document).text + "\n") }
        case .yaml: Terminal.write(JSON.array(documents.map(picked)).yaml)
        case .id: for document in documents { Terminal.write((document.member(at: view.id)?.cell ?? "") + "\n") }
        }
    }

    /// Prints the first entries of a list that may be longer, and says so.
    func print(_ list: some AsyncSequence<JSON, any Error>, _ page: PageOptions) async throws {
        var documents: [JSON] = []
        var isWhole = true
        for try await document in list {
            guard documents.count < page.limit else {
                isWhole = false
                break
            }
            documents.append(document)
        }
        print(documents)
        if documents.isEmpty, Terminal.isOutput, format == .table { Terminal.tell("There is none.") }
        if !isWhole, Terminal.isError { Terminal.tell("There are more; --limit \(page.limit * 10) shows them.") }
    }

    private func picked(_ document: JSON) -> JSON {
        guard fields != nil else { return document }
        var members: OrderedDictionary<String, JSON> = [:]
        for column in view.columns { members[column.path] = document.member(at: column.path) ?? .null }
        return .object(members)
    }

    private func text(_ document: JSON) -> String { Terminal.isOutput ? document.prettyText : document.text }

    private func rows(_ documents: [JSON]) {
        for document in documents {
            let cells = view.columns.map { document.member(at: $0.path)?.cell ?? "" }
            Terminal.write(cells.joined(separator: "\t") + "\n")
        }
    }

    private func table(_ documents: [JSON]) {
        guard !documents.isEmpty else { return }
        let cells = documents.map { document in view.columns.map { document.member(at: $0.path)?.cell ?? "" } }
        let widths = view.columns.indices.map { index in
            max(view.columns[index].title.count, cells.map { $0[index].count }.max() ?? 0)
        }
        let titles = line(view.columns.map(\.title), widths)
        Terminal.write(Terminal.bold(titles) + "\n")
        for row in cells { Terminal.write(line(row, widths) + "\n") }
    }

    /// A row; prose at its end is cut where the terminal ends.
    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let isLast = index == cells.count - 1
            line += isLast ? cell : cell.padding(toLength: widths[index] + 2, withPad: " ", startingAt: 0)
        }
        while line.last == " " { line.removeLast() }
        let width = Terminal.width
        return line.count > width && view.columns.last?.isProse == true ? line.prefix(width - 1) + "…" : line
    }
}
