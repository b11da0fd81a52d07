import Foundation
import InvokeTesting

/// A `multipart/form-data` body with a file.
struct Form {
    static let boundary = "----border-7f3a"

    let bytes: [UInt8]
    /// What follows the file in a form without further parts.
    let end = Array("\r\n--\(Self.boundary)--\r\n".utf8)
    let headers = ["Content-Type": "multipart/form-data; charset=utf-8; boundary=\"\(Self.boundary)\""]

    init(
        file: [UInt8],
        name: String = "file",
        before: [(name: String, value: String)] = [],
        after: [(name: String, value: String)] = []
    ) {
        func part(_ part: (name: String, value: String)) -> [UInt8] {
            let header = "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\r\n\r\n"
            return Array("\(header)\(part.value)\r\n".utf8)
        }
        let header =
            "--\(Self.boundary)\r\ncontent-type: text/plain\r\n"
            + "Content-Disposition: form-data; name=\"\(name)\"; filename=\"any; name=x.csv\"\r\n\r\n"
        let last = "--\(Self.boundary)--\r\n"
        bytes =
            before.flatMap(part) + Array(header.utf8) + file + Array("\r\n".utf8) + after.flatMap(part)
            + Array(last.utf8)
    }
}

extension TestAgent {
    /// The files of the content store, unfinished ones included.
    func contentFiles() throws -> [String] {
        let root = folder.path + "/contents"
        return try FileManager.default.subpathsOfDirectory(atPath: root).filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }
}
