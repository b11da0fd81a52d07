import ArgumentParser
import Foundation
import InvokeModel
import InvokeTokens

/// `invoke-agent token create-key`.
struct CreateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create-key",
        abstract: "Make a key that signs purchase tokens.",
        discussion: """
            Writes the private key to <directory>/<kid>.private.jwk, for its owner's eyes only, and adds the public one \
            to <directory>/keys.json, the key set that agents read (tokens.issuers). To rotate, make another key, sign \
            with that, and take the old one out of keys.json once its last token has expired.

            Example:
              invoke-agent token create-key --directory market
            """
    )

    @Option(help: "The folder of the keys; made when it is not there.")
    var directory: String

    @Option(help: "How the key signs: EdDSA or ES256.")
    var algorithm: TokenAlgorithm = .edDSA

    @Option(help: "The name of the key: letters, digits, dots, `-` and `_`. (default: its thumbprint)")
    var kid: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard let kid else { return }
        let isPlain = kid.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isPlain, (1...100).contains(kid.utf8.count), !kid.hasPrefix(".") else {
            throw ValidationError("--kid must be 1 to 100 letters, digits, `.`, `-` and `_`, not beginning with a dot")
        }
    }

    func run() async throws {
        let key = try await SigningKey(algorithm, name: kid)
        let folder = URL(fileURLWithPath: directory, isDirectory: true)
        let (secret, keySet) = (folder.appending(path: "\(key.name).private.jwk"), folder.appending(path: "keys.json"))
        let keys = try publicKeys(in: keySet)
        guard !keys.contains(where: { $0["kid"] == .string(key.name) }) else {
            throw ValidationError("\(keySet.path) has a key \"\(key.name)\" already; choose another --kid")
        }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try keep(key.privateJWK.bytes() + [0x0A], in: secret)
            let published: JSON = ["keys": .array(keys + [key.publicJWK])]
            try Data(published.bytes() + [0x0A]).write(to: keySet, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: keySet.path)
        } catch {
            let text = "invoke-agent: \(folder.path) can't be written: \(error.localizedDescription)\n"
            FileHandle.standardError.write(Data(text.utf8))
            throw ExitCode(73)
        }
        let answer: JSON = [
            "kid": .string(key.name), "private_key": .string(secret.relativePath),
            "key_set": .string(keySet.relativePath),
        ]
        Printer(output, .key).print(answer)
    }

    /// The keys of a key set that is there, to which another is added.
    private func publicKeys(in file: URL) throws -> [JSON] {
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        guard let bytes = try? Data(contentsOf: file), let keys = (try? JSON(parsing: Array(bytes)))?["keys"]?.array
        else {
            throw ValidationError("\(file.path) is not a key set; move it away, or choose another --directory")
        }
        return keys
    }

    /// Writes a new file that only its owner may read.
    private func keep(_ bytes: [UInt8], in file: URL) throws {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: bytes)
        try handle.synchronize()
    }
}

extension View {
    static let key = View(
        id: "kid",
        Column("Key", "kid"),
        Column("Private key", "private_key"),
        Column("Key set", "key_set")
    )
}

extension TokenAlgorithm: ExpressibleByArgument {}
