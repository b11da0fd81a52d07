import InvokeModel
import OrderedCollections

/// The two shell scripts of an attempt: what the cluster is given, and what that runs.
///
/// The first holds nothing of the job, because clusters keep what they are given; the second lies in the attempt's folder.
struct SlurmScript {
    let view: ProgramView
    let place: SlurmPlace
    let limits: ExecutionLimits
    let killGrace: Duration

    /// What Slurm tells a job that programs have a use for.
    private static let passed = [
        "CUDA_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK", "TMPDIR",
        "SLURM_CLUSTER_NAME", "SLURM_CPUS_ON_NODE", "SLURM_GPUS_ON_NODE", "SLURM_JOB_ACCOUNT", "SLURM_JOB_GPUS",
        "SLURM_JOB_ID", "SLURM_JOB_NODELIST", "SLURM_JOB_PARTITION", "SLURM_MEM_PER_NODE", "SLURMD_NODENAME",
    ]

    /// Starts the program in a session of its own, unless somebody has before, and writes down how it ended.
    ///
    /// Slurm sends its polite signal to every process of the job, so this one only sees to the final signal.
    var batch: String {
        """
        #!/bin/sh
        # One attempt of a job of invoke-agent. Whoever makes the folder "started" runs it: it runs once.
        cd \(shellQuoted(place.path)) && [ -e program.sh ] && mkdir started || exit 0

        left() { grep -lzxF \(shellQuoted("INVOKE_JOB_ID=\(view.attempt.job)")) /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3; }
        end() {
            kill -KILL -- "-$program" 2>/dev/null
            for round in 1 2 3 4 5; do
                found=$(left) && [ -n "$found" ] || break
                kill -KILL $found 2>/dev/null
            done
        }
        trap 'trap "" TERM; (sleep \(Self.seconds(killGrace)); kill -KILL -- "-$program") 2>/dev/null & clock=$!' TERM

        setsid env -i PATH="$PATH" \(passedOn) \\
            /bin/sh ./program.sh <\(shellQuoted(view.standardInput)) >output.log 2>\(errors) &
        program=$!
        while wait "$program"; status=$?; [ "$status" -gt 128 ] && kill -0 "$program" 2>/dev/null; do :; done
        [ -z "$clock" ] || kill -KILL "$clock" 2>/dev/null
        end
        echo "$status" >exit.new && mv exit.new exit

        """
    }

    /// Becomes the program.
    var program: String {
        var lines = [
            "cd \(shellQuoted(view.paths.home)) || exit 126",
            // In units of 512 bytes.
            "ulimit -f \(limits.fileSize / 512)", "ulimit -n \(limits.openFiles) 2>/dev/null", "ulimit -c 0",
        ]
        let variables = view.environment
        for (name, value) in variables where Self.isExportable(name) {
            lines.append("export \(name)=\(shellQuoted(value))")
        }
        // env(1) also sets what shells can't, and takes away what they add themselves.
        var words = ["exec", "env", "-u", "OLDPWD", "-u", "PWD", "-u", "SHLVL", "-u", "_"]
        words += variables.filter { !Self.isExportable($0.key) }.map { shellQuoted("\($0.key)=\($0.value)") }
        let command = view.attempt.program.command
        // A program with this sign in its name would be taken for a variable.
        if command.first?.contains("=") == true { words += ["nice", "-n", "0"] }
        lines.append((words + command.map(shellQuoted)).joined(separator: " "))
        return lines.joined(separator: "\n") + "\n"
    }

    private var errors: String { view.attempt.script == nil ? "errors.log" : "&1" }

    private var passedOn: String { Self.passed.map { "${\($0)+\"\($0)=$\($0)\"}" }.joined(separator: " ") }

    private static func seconds(_ duration: Duration) -> Int { max(1, Int((duration / .seconds(1)).rounded(.up))) }

    /// Whether a variable can be set in every shell without a meaning of its own there.
    private static func isExportable(_ name: String) -> Bool {
        let isWord = name.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
            case 0x30...0x39: index > 0
            default: false
            }
        }
        return isWord && !name.hasPrefix("BASH") && !shellsOwn.contains(name)
    }

    private static let shellsOwn: Set<String> = [
        "_", "DIRSTACK", "ENV", "EPOCHREALTIME", "EPOCHSECONDS", "EUID", "FUNCNAME", "GROUPS", "HISTCMD", "IFS",
        "LINENO", "OLDPWD", "OPTARG", "OPTERR", "OPTIND", "POSIXLY_CORRECT", "PPID", "PS4", "PWD", "RANDOM", "SECONDS",
        "SHELLOPTS", "SHLVL", "SRANDOM", "UID",
    ]
}

/// A text as one word of a shell, whatever is in it.
func shellQuoted(_ text: String) -> String {
    var word = "'"
    for scalar in text.unicodeScalars {
        if scalar == "'" { word += #"'\''"# } else { word.unicodeScalars.append(scalar) }
    }
    return word + "'"
}
