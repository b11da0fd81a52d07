import Synchronization

/// Counts the connections of each client address.
final class AddressQuota: Sendable {
    private let maximum: Int
    private let open = Mutex<[ClientAddress: Int]>([:])

    init(maximum: Int) { self.maximum = maximum }

    /// Counts one more connection. Each that is counted is also to be given back.
    /// - Returns: false when the address has as many as it may have; that one is not counted.
    func take(_ address: ClientAddress) -> Bool {
        open.withLock { open in
            guard open[address, default: 0] < maximum else { return false }
            open[address, default: 0] += 1
            return true
        }
    }

    func giveBack(_ address: ClientAddress) {
        open.withLock { open in
            let rest = open[address, default: 0] - 1
            open[address] = rest > 0 ? rest : nil
        }
    }
}
