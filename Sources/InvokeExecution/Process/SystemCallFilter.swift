/// The system calls that sandboxed programs are refused, as a classic BPF program for `bwrap --seccomp`.
///
/// Refused calls fail with EPERM; calls of another machine's numbering end the process. `clone3` hides its flags behind
/// a pointer that no filter can follow, so it is "not implemented" and the C library falls back to `clone`.
struct SystemCallFilter {
    /// The program as the kernel reads it: 8 bytes for each `struct sock_filter`.
    let bytes: [UInt8]

    /// The filter of this machine; nil on machines that we have no numbers for.
    static var current: SystemCallFilter? {
        #if arch(x86_64)
        SystemCallFilter(.x86)
        #elseif arch(arm64)
        SystemCallFilter(.arm)
        #else
        nil
        #endif
    }

    init(_ machine: MachineCalls) {
        var program = Assembler()
        program.load(Offset.machine)
        program.unless(equal: machine.audit, .kill)
        program.load(Offset.number)
        if let foreign = machine.foreignFrom { program.when(atLeast: foreign, .kill) }
        program.when(equal: machine.clone3, .fail(Number.notImplemented))
        for call in machine.refused + MachineCalls.refusedEverywhere { program.when(equal: call, .refuse) }
        program.on(machine.clone, argument: 0) { $0.when(anyOf: Number.newNamespaces, .refuse) }
        program.on(machine.socket, argument: 0) { $0.unless(equal: Number.unixFamily, .refuse) }
        program.on(machine.personality, argument: 0) {
            $0.when(equal: Number.queryPersonality, .allow)
            $0.unless(equal: 0, .refuse)
        }
        program.on(machine.ioctl, argument: 1) {
            for request in Number.terminalInput { $0.when(equal: request, .refuse) }
        }
        program.answer(.allow)
        bytes = program.bytes
    }

    /// Offsets into `struct seccomp_data`.
    private enum Offset {
        static let number: UInt32 = 0
        static let machine: UInt32 = 4
    }

    private enum Number {
        static let notImplemented: UInt32 = 38
        static let unixFamily: UInt32 = 1
        static let queryPersonality: UInt32 = 0xFFFF_FFFF
        /// TIOCSTI and TIOCLINUX put characters into a terminal's input.
        static let terminalInput: [UInt32] = [0x5412, 0x541C]
        /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
        static let newNamespaces: UInt32 = 0x7E02_0000
    }
}

extension SystemCallFilter {
    private enum Answer {
        case allow, refuse, kill
        case fail(UInt32)

        var code: UInt32 {
            switch self {
            case .allow: 0x7FFF_0000
            case .refuse: 0x0005_0000 | 1
            case .kill: 0x8000_0000
            case .fail(let number): 0x0005_0000 | number
            }
        }
    }

    /// Writes instructions one after the other; every test jumps over at most its own answer.
    private struct Assembler {
        private(set) var bytes: [UInt8] = []

        /// Loads a 32-bit word of `struct seccomp_data`.
        mutating func load(_ offset: UInt32) { add(0x20, 0, 0, offset) }
        mutating func answer(_ answer: Answer) { add(0x06, 0, 0, answer.code) }

        mutating func when(equal value: UInt32, _ answer: Answer) { test(0x15, value, answer) }
        mutating func when(atLeast value: UInt32, _ answer: Answer) { test(0x35, value, answer) }
        mutating func when(anyOf bits: UInt32, _ answer: Answer) { test(0x45, bits, answer) }

        mutating func unless(equal value: UInt32, _ answer: Answer) {
            add(0x15, 1, 0, value)
            self.answer(answer)
        }

        /// Judges one call by the low word of an argument; afterwards the call's number is loaded again.
        mutating func on(_ call: UInt32, argument: UInt32, _ judge: (inout Assembler) -> Void) {
            var inner = Assembler()
            inner.load(16 + 8 * argument)
            judge(&inner)
            inner.load(Offset.number)
            add(0x15, 0, UInt8(inner.bytes.count / 8), call)
            bytes += inner.bytes
        }

        private mutating func test(_ operation: UInt16, _ value: UInt32, _ answer: Answer) {
            add(operation, 0, 1, value)
            self.answer(answer)
        }

        private mutating func add(_ operation: UInt16, _ ifTrue: UInt8, _ ifFalse: UInt8, _ value: UInt32) {
            withUnsafeBytes(of: operation) { bytes += $0 }
            bytes += [ifTrue, ifFalse]
            withUnsafeBytes(of: value) { bytes += $0 }
        }
    }
}
