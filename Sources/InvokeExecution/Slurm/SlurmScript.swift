import InvokeModel

/// What the cluster is given to run: it starts the attempt's `ProgramScript`, which lies in the attempt's folder.
///
/// It holds nothing of the job, because clusters keep what they are given.
struct SlurmScript {
    let view: ProgramView
    let place: SlurmPlace
    let settings: SlurmSettings

    /// What Slurm tells a job that programs have a use for.
    private static let passed = [
        "CUDA_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK", "TMPDIR",
        "SLURM_CLUSTER_NAME", "SLURM_CPUS_ON_NODE", "SLURM_GPUS_ON_NODE", "SLURM_JOB_ACCOUNT", "SLURM_JOB_GPUS",
        "SLURM_JOB_ID", "SLURM_JOB_NODELIST", "SLURM_JOB_PARTITION", "SLURM_MEM_PER_NODE", "SLURMD_NODENAME",
    ]

    /// Starts the program in the shared folder, unless somebody has before, and writes down how it ended.
    var batch: String {
        """
        #!/bin/sh
        # One attempt of a job of invoke-agent. Whoever makes the folder "started" runs it: it runs once.
        cd \(shellQuoted(place.path)) && [ -e program.sh ] && mkdir started || exit 0

        \(start)
        \(end)
        echo "$status" >exit.new && mv exit.new exit

        """
    }

    /// Starts the program in a session of its own; the attempt's folder is the working directory.
    ///
    /// Slurm sends its polite signal to every process of the job, so this one only sees to the final signal.
    var start: String {
        """
        left() { grep -lzxF \(shellQuoted("INVOKE_JOB_ID=\(view.attempt.job)")) /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3; }
        end() {
            kill -KILL "-$program" 2>/dev/null
            for round in 1 2 3 4 5; do
                found=$(left) && [ -n "$found" ] || break
                kill -KILL $found 2>/dev/null
            done
        }
        trap 'trap "" TERM; (sleep \(Self.seconds(settings.killGrace)); kill -KILL "-$program") 2>/dev/null & clock=$!' TERM

        setsid env -i PATH="$PATH" \(passedOn) \\
            /bin/sh ./program.sh <\(shellQuoted(view.standardInput)) >output.log 2>\(errors) &
        program=$!
        """
    }

    /// Waits until nothing of the program is left; `status` is then how it ended.
    var end: String {
        """
        while wait "$program"; status=$?; [ "$status" -gt 128 ] && kill -0 "$program" 2>/dev/null; do :; done
        [ -z "$clock" ] || kill -KILL "$clock" 2>/dev/null
        end
        """
    }

    private var errors: String { view.attempt.script == nil ? "errors.log" : "&1" }

    private var passedOn: String { Self.passed.map { "${\($0)+\"\($0)=$\($0)\"}" }.joined(separator: " ") }

    private static func seconds(_ duration: Duration) -> Int { max(1, Int((duration / .seconds(1)).rounded(.up))) }
}
