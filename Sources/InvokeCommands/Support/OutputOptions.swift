import ArgumentParser

/// How a command prints what it has to say.
package struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: "table (in a pipe: fields between tabs), json, jsonl, yaml, or id: only what names each thing."
    )
    var output: OutputFormat = .table

    @Option(
        help: ArgumentHelp("The members to print, by commas; dots lead inside: did,price.amount.", valueName: "names")
    )
    var fields: String?

    package init() {}
}

/// The forms of output.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, jsonl, yaml, id
}

/// How many entries a list prints, and from where.
struct PageOptions: ParsableArguments {
    @Option(help: "How many to print at most.")
    var limit: Int = 50

    /// How many to ask for at once: one more than is printed tells whether there are more.
    var size: Int { min(limit + 1, 200) }

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000") }
    }
}
