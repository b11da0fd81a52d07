import Glibc
import InvokeModel

/// A file that a script has left, at any depth below its folder of outputs.
package struct LeftFile: Sendable, Hashable {
    /// The path below the folder.
    package let path: String
    /// Where it lies on the host.
    package let place: String
    /// Bytes.
    package let size: Int
}

extension OutputCollector {
    /// Every regular file that a script has left, by their paths; links, pipes and devices are none, nor are files with
    /// a second name somewhere else.
    /// - Throws: `outputMismatch` when the folder can't be read, or a file's name is no text.
    package func files(from directory: JobDirectory) throws(OutputFault) -> [LeftFile] {
        var files: [LeftFile] = []
        try collect(below: "", of: directory.outputs, &files)
        return files.sorted { $0.path < $1.path }
    }

    /// What a script has printed, and whether there was more than is kept.
    package func printed(in directory: JobDirectory) -> (path: String, size: Int, isCut: Bool)? {
        var status = stat()
        guard lstat(directory.stdout, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return (directory.stdout, Int(status.st_size), access(directory.stdoutDropped, F_OK) == 0)
    }

    private func collect(below folder: String, of root: String, _ files: inout [LeftFile]) throws(OutputFault) {
        let place = folder.isEmpty ? root : "\(root)/\(folder)"
        let descriptor = open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0, let stream = fdopendir(descriptor) else {
            if descriptor >= 0 { close(descriptor) }
            throw OutputFault(.outputMismatch, "The folder of the outputs can't be read.")
        }
        defer { closedir(stream) }
        for bytes in entries(of: stream) {
            var status = stat()
            guard fstatat(dirfd(stream), bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            guard let name = String(validating: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) else {
                throw OutputFault(.outputMismatch, "The name of an output file is not UTF-8.")
            }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try collect(below: path, of: root, &files)
            case S_IFREG where status.st_nlink == 1:
                files.append(LeftFile(path: path, place: "\(root)/\(path)", size: Int(status.st_size)))
            default: break
            }
        }
    }
}
