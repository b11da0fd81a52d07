import Testing

@testable import InvokeExecution

/// The filter of each machine, judged by a small reader of its instructions; the kernel judges only that of this one.
struct SystemCallFilterTests {
    private static let allow: UInt32 = 0x7FFF_0000
    private static let kill: UInt32 = 0x8000_0000
    private static let refuse: UInt32 = 0x0005_0001
    private static let notThere: UInt32 = 0x0005_0026

    /// - Returns: nil when the program leaves its own bounds or uses an instruction that we do not write.
    private func verdict(_ machine: MachineCalls, audit: UInt32? = nil, _ call: UInt32, _ arguments: UInt32...)
        -> UInt32?
    {
        var data: [UInt32] = [call, audit ?? machine.audit, 0, 0] + Array(repeating: 0, count: 12)
        for (index, argument) in arguments.enumerated() { data[4 + 2 * index] = argument }
        let code = SystemCallFilter(machine).bytes
        var at = 0
        var accumulator: UInt32 = 0
        while at + 8 <= code.count {
            let value = code[(at + 4)..<(at + 8)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
            let holds: Bool
            switch code[at] {
            case 0x20:
                accumulator = data[Int(value) / 4]
                at += 8
                continue
            case 0x06: return value
            case 0x15: holds = accumulator == value
            case 0x35: holds = accumulator >= value
            case 0x45: holds = accumulator & value != 0
            default: return nil
            }
            at += 8 * (1 + Int(holds ? code[at + 2] : code[at + 3]))
        }
        return nil
    }

    @Test(arguments: [MachineCalls.x86, .arm])
    func ordinaryCallsPassAndDangerousOnesDoNot(machine: MachineCalls) {
        for call in machine.refused + MachineCalls.refusedEverywhere {
            #expect(verdict(machine, call) == Self.refuse)
        }
        for call: UInt32 in [0, 1, 3, 500] { #expect(verdict(machine, call) == Self.allow) }
        #expect(verdict(machine, 435) == Self.notThere)
        #expect(verdict(machine, audit: 0x4000_0003, 1) == Self.kill)
    }

    @Test(arguments: [MachineCalls.x86, .arm])
    func argumentsDecideWhereACallIsOftenHarmless(machine: MachineCalls) {
        #expect(verdict(machine, machine.socket, 1) == Self.allow)
        for family: UInt32 in [0, 2, 10, 16, 17, 40] {
            #expect(verdict(machine, machine.socket, family) == Self.refuse)
        }
        #expect(verdict(machine, machine.clone, 0x003D_0F00) == Self.allow)
        for flag: UInt32 in [17, 25, 26, 27, 28, 29, 30] {
            #expect(verdict(machine, machine.clone, 1 << flag | 17) == Self.refuse)
        }
        #expect(verdict(machine, machine.personality, 0) == Self.allow)
        #expect(verdict(machine, machine.personality, 0xFFFF_FFFF) == Self.allow)
        #expect(verdict(machine, machine.personality, 0x0040_0000) == Self.refuse)
        #expect(verdict(machine, machine.ioctl, 0, 0x5401) == Self.allow)
        #expect(verdict(machine, machine.ioctl, 0, 0x5412) == Self.refuse)
    }

    @Test func theOtherConventionOfOneMachineIsForeign() {
        #expect(verdict(.x86, 0x4000_0001) == Self.kill)
        #expect(verdict(.arm, 0x4000_0001) == Self.allow)
    }
}
