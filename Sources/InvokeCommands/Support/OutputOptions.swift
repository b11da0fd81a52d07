import ArgumentParser

/// How a command prints what it has to say.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: "table (in a pipe: fields between tabs), json, jsonl, yaml, or id: only what names each thing."
    )
    var output: OutputFormat = .table

    @Option(
        help: ArgumentHelp("The members to print, by commas; dots lead inside: did,price.amount.", valueName: "names")
    )
    var fields: String?
}

/// The forms of output.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, jsonl, yaml, id
}

/// How many entries a list prints, and from where.
struct PageOptions: ParsableArguments {
    @Option(help: "How many to print at most.")
    var limit: Int = 50

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000") }
    }
}
