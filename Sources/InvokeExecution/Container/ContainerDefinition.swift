import Glibc
import InvokeModel

/// The container of an attempt, as the engine is asked for it.
struct ContainerDefinition {
    let view: ProgramView
    let settings: ContainerSettings
    let image: String
    /// Who the program is, as `user:group` in numbers.
    let user: String

    private var attempt: AttemptSpecification { view.attempt }
    private var limits: ExecutionLimits { settings.limits }
    private var directory: JobDirectory { attempt.directory }

    /// The body of Docker's `POST /containers/create`.
    var document: JSON {
        let command = view.shell + attempt.program.command
        return [
            "Image": .string(image),
            // The image's own entry point would come before the command otherwise.
            "Entrypoint": .array(command.prefix(1).map { .string($0) }),
            "Cmd": .array(command.dropFirst().map { .string($0) }),
            "Env": .array(view.environment.map { .string("\($0)=\($1)") }),
            "WorkingDir": .string(view.paths.home),
            "User": .string(user),
            "Labels": [
                ContainerLabel.agent: .string(settings.agent), ContainerLabel.attempt: .string("\(attempt.name)"),
            ],
            "Healthcheck": ["Test": ["NONE"]],
            "HostConfig": host,
        ]
    }

    private var host: JSON {
        let resources = attempt.program.resources
        let memory = JSON.number(JSONNumber(max(resources.memory, Self.leastMemory)))
        let scratch = "rw,exec,nosuid,nodev,mode=1777,size=\(limits.scratch)"
        return [
            "NetworkMode": .string(attempt.program.usesNetwork ? settings.network : "none"),
            "Memory": memory,
            // The same sum: nothing beyond it in swap.
            "MemorySwap": memory,
            "NanoCpus": .number(JSONNumber(Int(resources.cpus * 1_000_000_000))),
            "PidsLimit": .number(JSONNumber(limits.processes)),
            "Ulimits": [
                ulimit("nofile", limits.openFiles), ulimit("fsize", limits.fileSize), ulimit("core", 0),
                // podman would ask for more than it may give where it lacks rights; `PidsLimit` is what counts.
                ulimit("nproc", Self.processesOfUser),
            ],
            "ReadonlyRootfs": true,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "Init": .bool(settings.usesInit),
            "ShmSize": .number(JSONNumber(limits.scratch)),
            "Tmpfs": ["/tmp": .string(scratch), view.paths.home: .string(scratch)],
            "Mounts": .array(mounts),
            "DeviceRequests": .array(devices(resources.gpus)),
            // It is read while the program runs and after its end; other drivers may be unreadable or lose its beginning.
            "LogConfig": ["Type": "json-file", "Config": [:]],
            "RestartPolicy": ["Name": "no"],
        ]
    }

    private var mounts: [JSON] {
        let files = attempt.program.files.keys.sorted().map { name in
            mount("\(directory.files)/\(name)", "\(view.paths.home)/\(name)")
        }
        return files + [
            mount(directory.inputs, view.paths.inputs), mount(directory.inputsDocument, view.paths.inputsDocument),
            mount(directory.outputs, view.paths.outputs, isWritable: true),
        ]
    }

    private func mount(_ place: String, _ path: String, isWritable: Bool = false) -> JSON {
        ["Type": "bind", "Source": .string(place), "Target": .string(path), "ReadOnly": .bool(!isWritable)]
    }

    private func ulimit(_ name: String, _ value: Int) -> JSON {
        let number = JSON.number(JSONNumber(value))
        return ["Name": .string(name), "Soft": number, "Hard": number]
    }

    private func devices(_ gpus: Int) -> [JSON] {
        gpus == 0 ? [] : [["Count": .number(JSONNumber(gpus)), "Capabilities": [["gpu"]]]]
    }

    /// Bytes below which engines refuse to start anything.
    private static let leastMemory = 16 << 20
    private static let processesOfUser = 4_096
}

extension ProgramView {
    /// What goes before the command in a container: Docker's API has no way to make a file the standard input, nor to join
    /// the two streams.
    fileprivate var shell: [String] {
        guard needsShell else { return [] }
        return ["/bin/sh", "-c", #"exec "$@" <"$0""# + (attempt.script == nil ? "" : " 2>&1"), standardInput]
    }

    /// Whether a shell of the image has to be there.
    var needsShell: Bool { attempt.script != nil || onlyRequiredInput != nil }
}
