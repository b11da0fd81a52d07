import Crypto
import Glibc
import InvokeModel

/// An image that lies as a file or a folder on this machine, as it is at one moment.
struct ImageFile: Sendable {
    enum Content: Sendable {
        /// An archive of a saved image, or of a root file system.
        case archive
        case folder([TarArchive.Entry])
    }

    /// As operations name it, such as `./debian.tar`.
    let name: String
    /// Where it lies, without links.
    let path: String
    let content: Content
    /// What the engine calls its states, such as `localhost/invoke-agent/debiantar-0123456789abcdef`, and this one.
    let repository: String
    let tag: String

    var reference: String { "\(repository):\(tag)" }

    /// - Throws: `ImageFault` for what is not there, and for what lies outside of the folder.
    init(_ name: String, in folder: String) throws(ImageFault) {
        guard let root = Self.place(folder) else {
            throw ImageFault(name, "the folder of this agent's images can't be read; see engines.container.images")
        }
        guard let path = Self.place("\(root)/\(name)") else {
            throw ImageFault(name, "the folder of this agent's images has no such archive or folder; put it there")
        }
        guard path.hasPrefix(root + "/") else { throw ImageFault(name, "it leads out of the folder of images") }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw ImageFault(name, SystemFault("examine", name)) }
        var state = SHA256()
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            do {
                let folder = try RootFolder(path)
                (content, state) = (.folder(folder.entries), folder.state)
            } catch {
                throw ImageFault(name, error)
            }
        case S_IFREG:
            content = .archive
            let changed = status.st_ctim
            state.update(data: Array("\(status.st_size) \(changed.tv_sec).\(changed.tv_nsec)".utf8))
        default: throw ImageFault(name, "it is neither a file nor a folder")
        }
        state.update(data: Array(path.utf8))
        (self.name, self.path) = (name, path)
        let word = String(name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(40))
        let number = Self.text(SHA256.hash(data: Array("\(root)/\(name)".utf8)))
        repository = "localhost/invoke-agent/" + (word.isEmpty ? number : "\(word)-\(number)")
        tag = Self.text(state.finalize())
    }

    /// Whether an archive is a saved image, of Docker's form or OCI's: such a one lists its parts at its top.
    /// - Throws: `ImageFault` when it is no archive.
    func isSavedImage() async throws(ImageFault) -> Bool {
        var isSaved = false
        do {
            var (source, reader) = (try FilePieces(of: path), TarReader())
            while !isSaved, let piece = try source.next() {
                try reader.take(piece) { part in
                    guard case .entry(let header) = part, header.kind == .file else { return }
                    let path = String(decoding: header.path, as: UTF8.self)
                    if ["manifest.json", "oci-layout", "./oci-layout"].contains(path) { isSaved = true }
                }
                await Task.yield()
            }
        } catch let fault as TarFault {
            throw ImageFault(name, "\(fault) Archives must not be compressed")
        } catch {
            throw ImageFault(name, error)
        }
        return isSaved
    }

    private static func place(_ path: String) -> String? {
        guard let place = realpath(path, nil) else { return nil }
        defer { free(place) }
        return String(cString: place)
    }

    private static func text(_ digest: SHA256Digest) -> String { Array(digest.prefix(8)).hexadecimal }
}

/// A file, as it is.
struct FilePieces: PieceSource {
    private let path: String
    private let file: Descriptor

    init(of path: String) throws(SystemFault) {
        self.path = path
        file = try Descriptor(reading: path)
    }

    mutating func next() throws(SystemFault) -> [UInt8]? {
        guard let bytes = readAll(file.number, limit: TarArchive.piece) else { throw SystemFault("read", path) }
        return bytes.isEmpty ? nil : bytes
    }
}

/// Why an image that is a file can't be used; nothing but its owner can mend it.
struct ImageFault: Error, CustomStringConvertible {
    let description: String

    init(_ name: String, _ reason: Any) {
        description = "The image '\(name)' can't be used: \(reason)."
    }
}
