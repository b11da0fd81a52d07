import Foundation
import Testing

@testable import InvokeConsole

@Suite struct ConsoleFilesTests {
    private static let room = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/InvokeConsole")

    @Test func theProgramCarriesTheFilesAsTheyAre() throws {
        var found: [String: [UInt8]] = [:]
        for folder in ["static", "templates"] {
            for path in try FileManager.default.subpathsOfDirectory(atPath: Self.room.appending(path: folder).path()) {
                let file = Self.room.appending(path: "\(folder)/\(path)")
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: file.path(), isDirectory: &isFolder)
                if !isFolder.boolValue { found["\(folder)/\(path)"] = try Array(Data(contentsOf: file)) }
            }
        }
        let carried = Dictionary(uniqueKeysWithValues: ConsoleFiles.carried.map { ($0.path, $0.bytes) })
        #expect(!found.isEmpty)
        #expect(carried == found, "after a file came or went: scripts/list-console-files")
    }

    @Test func whatTemplatesAreMadeOfIsThere() {
        for (path, bytes) in ConsoleFiles.carried where path.hasPrefix("templates/") {
            for match in String(decoding: bytes, as: UTF8.self).matches(of: /\{\{[<>] *([^ }]+) *\}\}/) {
                let partial = "templates/\(match.1).mustache"
                #expect(ConsoleFiles.carried.contains { $0.path == partial }, "\(path) names \(match.1)")
            }
        }
    }

    @Test func noPageHoldsMarkupOfOthersOrScriptsOfItsOwn() {
        for (path, bytes) in ConsoleFiles.carried where path.hasSuffix(".mustache") {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("{{{") && !text.contains("{{&"), "\(path): everything is escaped")
            #expect(!text.contains(" style=") && !text.contains("<style"), "\(path): styles are in files")
            #expect(!text.contains("javascript:") && !text.contains(" onclick="), "\(path): scripts are in files")
        }
    }
}
