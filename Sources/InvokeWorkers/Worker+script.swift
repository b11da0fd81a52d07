import Foundation
import InvokeAssets
import InvokeExecution
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire
import OrderedCollections

extension Worker {
    /// Runs a script as OSCAR's supervisor does: one file goes in, what it prints or the files that it leaves come out.
    func run(
        _ script: Script,
        of known: KnownOperation,
        _ claim: Claim,
        at placement: Placement,
        _ traces: AttemptTraces,
        running: @Sendable (AttemptStop) async -> Void
    ) async throws -> AttemptEnding {
        let directory = try makeFolder(for: claim, at: placement, movesAssets: true, traces)
        let own = try await scriptEnvironment(known.record.service)
        let stores = ServiceStores(
            providers: own.providers,
            claim: claim,
            retries: script.program.retries,
            client: ObjectStoreClient(calls.client, through: calls.outbound),
            store: store,
            logger: logger
        )
        let file =
            script.skipsInput || placement.isResumed
            ? nil : try await stageFile(of: claim, for: script, from: stores, in: directory, running)
        var program = script.program
        program.environment.merge(own.secrets) { $1 }
        let recorder = AttemptRecorder(claim, store: store)
        let specification = AttemptSpecification(
            job: claim.job,
            number: claim.attempt,
            operation: DID(agent: agent, asset: known.record.asset).description,
            program: program,
            variables: OSCAR.variables(of: claim.job, known.record.serviceName, claim.inputs, token: own.token),
            script: ScriptRun(file: file, isEvent: !OSCAR.hasShortText(claim.inputs)),
            directory: directory,
            remaining: remaining(of: claim),
            listener: recorder
        )
        let outcome = try await execute(specification, at: placement, claim, recorder, traces, running: running)
        guard case .exited(let code) = outcome else {
            return ending(of: outcome, at: placement, claim, script.program, recorder)
        }
        guard code == 0 || script.ignoresExitCode else {
            let failure = JobFailure(.operationFailed, "\(OSCAR.exitStatus(code))\n\(recorder.lastLines)")
            return claim.counted <= script.program.retries ? delayed(claim, failure.text) : .failed(failure)
        }
        let files: [LeftFile]
        do { files = try OutputCollector().files(from: directory) } catch {
            throw JobFailure(error.code, error.message)
        }
        let output = try await output(files, of: directory, claim)
        let objects = try await upload(files, to: script.uploads, in: stores, claim, running)
        return try end(with: ["output": output], objects, of: known, claim)
    }

    /// Puts the input where the script will find it.
    /// - Returns: its name among the inputs.
    private func stageFile(
        of claim: Claim,
        for script: Script,
        from stores: ServiceStores,
        in directory: JobDirectory,
        _ running: @Sendable (AttemptStop) async -> Void
    ) async throws -> String {
        if let object = OSCAR.object(thatStarted: claim.inputs) {
            return try await stage(object, for: script, from: stores, in: directory, running)
        }
        let name = "event-file-\(UUID().uuidString.lowercased())"
        switch claim.inputs["input"] {
        case .object(let reference)?:
            _ = try await stage(reference["did"]?.string ?? "", at: directory.input(name))
        case let value:
            do {
                try directory.write(try FileContent.bytes(of: (value?.string ?? "").utf8, at: "#/input"), asInput: name)
            } catch let fault as Invalid {
                throw JobFailure(.operationFailed, Refusal(.invalidInput, fault.violations).message)
            }
        }
        return name
    }

    /// Puts an object where the script will find it, under the last part of its key.
    private func stage(
        _ object: (bucket: String, key: String),
        for script: Script,
        from stores: ServiceStores,
        in directory: JobDirectory,
        _ running: @Sendable (AttemptStop) async -> Void
    ) async throws -> String {
        let last = object.key.split(separator: "/").last.map(String.init) ?? object.key
        let name = last.utf8.count <= 200 ? last : String(last.suffix(50))
        // Whoever may invoke the operation can write an event.
        guard let source = script.source(of: object.key, in: object.bucket) else {
            throw JobFailure(.assetNotAccessible, "\(object.bucket)/\(object.key) is not among the service's inputs.")
        }
        guard source.isOwn else {
            let path = directory.input(name)
            try await stores.get(object.key, in: object.bucket, of: source.provider, to: path, running)
            return name
        }
        guard let bucket = try await store.bucket(named: object.bucket),
            let stored = try await store.object(object.key, in: bucket), contents.path(of: stored.content.hash) != nil
        else { throw JobFailure(.assetNotAccessible, "There is no object \(object.bucket)/\(object.key).") }
        try await contents.stage(stored.content.hash, at: directory.input(name))
        return name
    }

    /// Puts what the script has left into the stores of others that its service names.
    /// - Returns: what is for the agent's own, where it is put as the job ends.
    private func upload(
        _ files: [LeftFile],
        to targets: [Script.Folder],
        in stores: ServiceStores,
        _ claim: Claim,
        _ running: @Sendable (AttemptStop) async -> Void
    ) async throws -> [PlacedObject] {
        var objects: [PlacedObject] = []
        for file in files {
            var kept: (content: ContentReference, md5: String)?
            for target in targets where target.takes(file.path) {
                let parts = target.path.split(separator: "/", maxSplits: 1)
                let (bucket, key) = (String(parts[0]), (parts.count > 1 ? "\(parts[1])/" : "") + file.path)
                guard target.isOwn else {
                    try await stores.put(file, as: key, in: bucket, of: target.provider, running)
                    continue
                }
                let (content, md5) =
                    if let kept { kept } else {
                        try await stored("output", of: claim) { try await contents.keepMeasured(fileAt: file.place) }
                    }
                kept = (content, md5)
                let object = NewObject(key: key, content: content, etag: md5, traits: ObjectTraits())
                objects.append(PlacedObject(bucket: bucket, object: object))
            }
        }
        return objects
    }

    /// The one file that the script has left, a zip of several, or what it has printed.
    private func output(_ files: [LeftFile], of directory: JobDirectory, _ claim: Claim) async throws -> KeptOutput {
        switch files.count {
        case 0: return try await printed(OutputCollector().printed(in: directory), claim)
        case 1:
            let content = try await stored("output", of: claim) { try await contents.keep(fileAt: files[0].place) }
            return .asset(content, contentType: nil, name: files[0].path.split(separator: "/").last.map(String.init))
        default:
            let content = try await stored("output", of: claim) {
                var archive = ZipArchive(to: try await contents.begin())
                do {
                    for file in files { try await archive.add(file.path, fileAt: file.place) }
                    return try await archive.finish()
                } catch {
                    archive.discard()
                    throw error
                }
            }
            return .asset(content, contentType: "application/zip", name: "output.zip")
        }
    }

    /// Text that is not too long is the output itself.
    private func printed(_ printed: (path: String, size: Int, isCut: Bool)?, _ claim: Claim) async throws -> KeptOutput
    {
        guard let printed else { return .value("") }
        guard !printed.isCut else {
            throw JobFailure(.outputTooLarge, "The script printed more than \(printed.size) bytes; write a file.")
        }
        if printed.size <= Self.longestText {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: printed.path))
            if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) { return .value(.string(text)) }
        }
        let content = try await stored("output", of: claim) { try await contents.keep(fileAt: printed.path) }
        return .asset(content, contentType: OSCAR.printedType)
    }

    /// Bytes of text that a job's row holds.
    private static let longestText = 256 << 10
}
