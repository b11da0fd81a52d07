import InvokeModel
import Synchronization

/// Brings images that lie as files on this machine into an engine, once for each state of theirs.
final class ContainerImages: Sendable {
    /// nil when there are none.
    private let folder: String?
    private let engine: ContainerEngine
    /// What is brought in at the moment, by what it will be called.
    private let arriving = Mutex<[String: Task<Void, any Error>]>([:])

    init(folder: String?, engine: ContainerEngine) {
        self.folder = folder
        self.engine = engine
    }

    /// What the engine calls the image of an operation; one that is a file is there then.
    /// - Throws: `ImageFault`, `EngineUnavailable`.
    func reference(of image: String) async throws -> String {
        guard image.hasPrefix(Program.imageFile) else { return image }
        guard let folder else {
            throw ImageFault(image, "this agent has no folder of images; set engines.container.images")
        }
        let file = try ImageFile(image, in: folder)
        do {
            try await bring(file)
        } catch let refusal as EngineRefusal {
            throw ImageFault(image, refusal)
        } catch let fault as SystemFault {
            throw ImageFault(image, fault)
        }
        return file.reference
    }

    /// Those who want the same wait for the first.
    private func bring(_ file: ImageFile) async throws {
        let task = arriving.withLock { arriving in
            let task =
                arriving[file.reference]
                ?? Task {
                    defer { self.arriving.withLock { $0[file.reference] = nil } }
                    guard try await !self.engine.hasImage(file.reference) else { return }
                    try await self.take(file)
                    await self.removeOthers(of: file)
                }
            arriving[file.reference] = task
            return task
        }
        try await task.value
    }

    private func take(_ file: ImageFile) async throws {
        switch file.content {
        case .folder(let entries): try await engine.import(TarArchive(of: entries), as: file.reference)
        case .archive where try await file.isSavedImage():
            let names = try await engine.load(FilePieces(of: file.path))
            guard let name = names.first, names.count == 1 else {
                throw ImageFault(
                    file.name,
                    "the archive has to hold one image, of one name at most, not \(names.count)"
                )
            }
            try await engine.tag(name, file.repository, file.tag)
        case .archive: try await engine.import(FilePieces(of: file.path), as: file.reference)
        }
    }

    /// Removes what the file was before, unless a container still uses it: then it goes with the next one.
    private func removeOthers(of file: ImageFile) async {
        for name in (try? await engine.images(of: file.repository)) ?? [] where name != file.reference {
            try? await engine.removeImage(name)
        }
    }
}
