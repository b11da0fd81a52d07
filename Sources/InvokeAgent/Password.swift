import CryptoExtras
import Foundation
import InvokeModel
import NIOPosix

/// Passwords as they are stored: `scrypt$<rounds>$<block size>$<salt>$<key>`, the last two in hexadecimal.
enum Password {
    /// 16 MiB of memory and some 50 ms for one guess.
    private static let rounds = 1 << 14
    private static let blockSize = 8

    static func hash(_ password: String) async throws -> String {
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let key = try await derive(password, salt, rounds, blockSize)
        return "scrypt$\(rounds)$\(blockSize)$\(salt.hexadecimal)$\(key.hexadecimal)"
    }

    static func matches(_ password: String, _ stored: String) async throws -> Bool {
        let parts = stored.split(separator: "$")
        guard parts.count == 5, parts[0] == "scrypt", let rounds = Int(parts[1]), let blockSize = Int(parts[2]),
            let salt = bytes(parts[3]), let expected = bytes(parts[4])
        else { return false }
        let key = try await derive(password, salt, rounds, blockSize)
        return key.count == expected.count && zip(key, expected).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// On a thread of its own: the work would hold up every request otherwise.
    private static func derive(
        _ password: String,
        _ salt: [UInt8],
        _ rounds: Int,
        _ blockSize: Int
    ) async throws -> [UInt8] {
        try await NIOThreadPool.singleton.runIfActive {
            let key = try KDF.Scrypt.deriveKey(
                from: Array(password.utf8),
                salt: salt,
                outputByteCount: 32,
                rounds: rounds,
                blockSize: blockSize,
                parallelism: 1
            )
            return key.withUnsafeBytes { Array($0) }
        }
    }

    private static func bytes(_ hexadecimal: Substring) -> [UInt8]? {
        guard hexadecimal.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = hexadecimal
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
