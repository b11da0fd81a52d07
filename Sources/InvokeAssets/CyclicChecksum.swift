/// A cyclic redundancy check whose bits are counted from the lowest: CRC-32 and its relatives.
struct CyclicChecksum: Sendable {
    /// What the remainder of every byte is, for one polynomial.
    struct Table: Sendable {
        fileprivate let remainders: [UInt64]
        fileprivate let width: Int

        /// `polynomial` is written with its lowest power first; `width` in bits.
        init(polynomial: UInt64, width: Int) {
            remainders = (0..<256).map { byte in
                (0..<8).reduce(UInt64(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ polynomial : rest >> 1 }
            }
            self.width = width
        }
    }

    private let table: Table
    private var rest: UInt64

    init(_ table: Table) {
        self.table = table
        rest = .max >> UInt64(64 - table.width)
    }

    mutating func update(_ bytes: [UInt8]) {
        var rest = rest
        table.remainders.withUnsafeBufferPointer { remainders in
            bytes.withUnsafeBufferPointer { bytes in
                for byte in bytes { rest = remainders[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] ^ rest >> 8 }
            }
        }
        self.rest = rest
    }

    /// The check, its highest byte first.
    func finish() -> [UInt8] {
        let value = rest ^ .max >> UInt64(64 - table.width)
        return stride(from: table.width - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }

    static let crc32 = Table(polynomial: 0xEDB8_8320, width: 32)
    static let crc32c = Table(polynomial: 0x82F6_3B78, width: 32)
    static let crc64nvme = Table(polynomial: 0x9A6C_9329_AC4B_C9B5, width: 64)
}
