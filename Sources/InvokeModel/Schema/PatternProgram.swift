/// A regular expression as instructions for the simulation of a nondeterministic automaton (Thompson's construction).
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// Takes one scalar of the set and goes on with the next instruction.
        case take(ScalarSet)
        case assert(PatternAssertion)
        case split(Int, Int)
        case jump(Int)
        case match
    }

    private(set) var instructions: [Instruction] = []

    init(_ node: PatternNode) {
        append(node)
        instructions.append(.match)
    }

    private mutating func append(_ node: PatternNode) {
        switch node {
        case .empty: break
        case .scalar(let set): instructions.append(.take(set))
        case .assertion(let assertion): instructions.append(.assert(assertion))
        case .sequence(let parts): for part in parts { append(part) }
        case .choice(let branches): append(choice: branches)
        case .repeated(let body, let least, let most): append(body, least: least, most: most)
        }
    }

    private mutating func append(choice branches: [PatternNode]) {
        var exits: [Int] = []
        for (index, branch) in branches.enumerated() {
            let isLast = index == branches.count - 1
            let fork = instructions.count
            if !isLast { instructions.append(.jump(fork)) }
            append(branch)
            if !isLast {
                exits.append(instructions.count)
                instructions.append(.jump(fork))
                instructions[fork] = .split(fork + 1, instructions.count)
            }
        }
        for exit in exits { instructions[exit] = .jump(instructions.count) }
    }

    private mutating func append(_ body: PatternNode, least: Int, most: Int?) {
        for _ in 0..<least { append(body) }
        var forks = [instructions.count]
        guard let most else {
            instructions.append(.jump(forks[0]))
            append(body)
            instructions.append(.jump(forks[0]))
            instructions[forks[0]] = .split(forks[0] + 1, instructions.count)
            return
        }
        forks = []
        for _ in least..<most {
            forks.append(instructions.count)
            instructions.append(.jump(instructions.count))
            append(body)
        }
        for fork in forks { instructions[fork] = .split(fork + 1, instructions.count) }
    }
}

extension PatternProgram {
    /// Whether the expression matches anywhere in the text: all possible positions in the program move together,
    /// so that no text takes more than its length times the size of the program.
    ///
    /// Every move takes one off `steps`; nil when there are none left.
    func matches(_ text: String, steps: inout Int) -> Bool? {
        var scalars = text.unicodeScalars.makeIterator()
        var previous: UInt32?
        var next = scalars.next()?.value
        var position = 0
        var seenAt = [Int](repeating: -1, count: instructions.count)
        var reached: [Int] = []
        var waiting: [Int] = []
        while true {
            reached.append(0)
            while let at = reached.popLast() {
                guard seenAt[at] != position else { continue }
                seenAt[at] = position
                steps -= 1
                switch instructions[at] {
                case .take: waiting.append(at)
                case .assert(let assertion): if assertion.holds(between: previous, and: next) { reached.append(at + 1) }
                case .split(let one, let other):
                    reached.append(one)
                    reached.append(other)
                case .jump(let target): reached.append(target)
                case .match: return true
                }
            }
            guard let value = next else { return false }
            guard steps > 0 else { return nil }
            for at in waiting {
                if case .take(let set) = instructions[at], set.contains(value) { reached.append(at + 1) }
            }
            waiting.removeAll(keepingCapacity: true)
            previous = value
            next = scalars.next()?.value
            position += 1
        }
    }
}
