import Crypto
import Foundation
import InvokeModel
import InvokeStore

/// The one secret of an agent: 32 bytes in a file that only the agent's user may read.
///
/// Tokens and webhook secrets are derived from it and from public facts in the store, so the store holds nothing that
/// would let anyone in. Whoever restores a backup needs this file with it.
package struct AgentKey: Sendable {
    private let key: SymmetricKey

    /// Reads the file, or draws a key and writes it when there is none.
    /// - Throws: when the file can't be read, is not 32 bytes long, or may be read by others.
    package init(path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            try Self.draw(path)
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
        guard bytes.count == 32, mode & 0o077 == 0 else { throw AgentKeyFault(path: path) }
        key = SymmetricKey(data: bytes)
    }

    /// Writes a key under a passing name, and gives it its own once it is on the disk: nobody is handed a token before.
    private static func draw(_ path: String) throws {
        let (draft, drawn) = (path + ".new", (0..<32).map { _ in UInt8.random(in: 0...255) })
        let isWritten = FileManager.default.createFile(
            atPath: draft,
            contents: Data(drawn),
            attributes: [.posixPermissions: 0o600]
        )
        guard isWritten else { throw CocoaError(.fileWriteNoPermission) }
        try FileHandle(forWritingTo: URL(fileURLWithPath: draft)).synchronize()
        guard rename(draft, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        try FileHandle(forReadingFrom: URL(fileURLWithPath: path).deletingLastPathComponent()).synchronize()
    }

    /// For tests and tools: a key of its own.
    package init(bytes: [UInt8]) { key = SymmetricKey(data: bytes) }

    /// 32 bytes that only the holder of the key can make, another 32 for every other purpose or context.
    package func derive(_ purpose: Purpose, _ context: [UInt8]) -> [UInt8] {
        var mac = HMAC<SHA256>(key: key)
        mac.update(data: Array(purpose.rawValue.utf8) + [0])
        mac.update(data: context)
        return Array(mac.finalize())
    }

    package enum Purpose: String, Sendable {
        case apiToken, serviceToken
        /// Of an account, and of a registered webhook.
        case webhookSecret, endpointSecret
        /// What a provider that runs a job itself is given with it.
        case completionToken, inputLink
        /// What encrypts the variables that only a service's programs are told, and what lets into the stores that it names.
        case serviceSecrets
        /// Of the agent's own object store.
        case objectStoreSecret
    }

    /// Encrypts and authenticates bytes (AES-GCM): only the holder of the key reads them again, for the same purpose.
    func seal(_ bytes: [UInt8], for purpose: Purpose) throws -> Data {
        let box = try AES.GCM.seal(bytes, using: SymmetricKey(data: derive(purpose, [])))
        guard let sealed = box.combined else { throw CryptoKitError.incorrectParameterSize }
        return sealed
    }

    /// - Throws: when the bytes were sealed with another key, or have been changed.
    func open(_ sealed: Data, for purpose: Purpose) throws -> [UInt8] {
        Array(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: SymmetricKey(data: derive(purpose, []))))
    }

    /// Whether somebody has the bytes that only the holder of the key can make; compared in constant time.
    func isDerived(_ bytes: [UInt8], for purpose: Purpose, _ context: [UInt8]) -> Bool {
        let wanted = derive(purpose, context)
        return zip(wanted, bytes).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0 && bytes.count == wanted.count
    }
}

/// A key file that is damaged or open to others.
package struct AgentKeyFault: Error, CustomStringConvertible {
    let path: String

    package var description: String {
        "\(path) must hold 32 bytes and be readable by its owner only (chmod 600); "
            + "if it is lost, remove it: all tokens and webhook secrets are then new"
    }
}

/// API tokens: 64 hexadecimal digits, of which the first half finds the row and the second proves the holder.
struct TokenMint: Sendable {
    let key: AgentKey

    /// The token that a lookup half of 16 random bytes belongs to.
    func token(lookup: [UInt8]) -> String {
        (lookup + key.derive(.apiToken, lookup).prefix(16)).hexadecimal
    }

    /// The half that finds the row; nil unless the other half proves that the agent made the token.
    func lookup(of token: String) -> [UInt8]? {
        guard let bytes = Hex32(token)?.bytes else { return nil }
        let lookup = Array(bytes.prefix(16))
        let proof = key.derive(.apiToken, lookup).prefix(16)
        // Compared in constant time: the difference must not tell how many digits were right.
        let difference = zip(proof, bytes.dropFirst(16)).reduce(0) { $0 | ($1.0 ^ $1.1) }
        return difference == 0 ? lookup : nil
    }

    /// The token that admits to one service.
    func serviceToken(of service: ServiceRecord) -> String {
        key.derive(.serviceToken, service.tokenContext).hexadecimal
    }
}
