/// The batch script where no folder is shared.
extension SlurmScript {
    /// Fetches the attempt's files into a folder of the node's, runs the program there and lets it be heard, and brings back
    /// what it has made, until the agent has taken it or says that it never will.
    ///
    /// The agent gives the files to the first run of a script that asks, so the program runs once. A run that was killed
    /// leaves its folder; the next one on the node removes it.
    func batch(agentURL: String) -> String {
        """
        #!/bin/sh
        # One attempt of a job of invoke-agent.
        drop() { chmod -R u+rwX "$1"; rm -rf "$1"; } 2>/dev/null
        node=$(uname -n)
        for run in \(shellQuoted("\(place.workingFolder)/\(settings.prefix)"))*/"run-$node"; do
            [ ! -O "$run" ] || kill -0 "$(cat "$run")" 2>/dev/null || drop "${run%/*}"
        done
        folder=\(shellQuoted(place.nodePath))
        mkdir -m 700 "$folder" && cd "$folder" || exit 1
        trap 'cd /; drop "$folder"' EXIT
        trap 'exit 1' TERM
        echo "$$" >run && mv run "run-$node"
        # Not on a command line, where others on the node could see it.
        cat >curl.conf <<'END'
        silent
        header = "Authorization: Bearer \(place.transfer?.token ?? "")"
        header = "Expect:"
        connect-timeout = 10
        speed-limit = 1
        speed-time = 60
        END
        agent=\(shellQuoted("\(agentURL)/attempts/\(view.attempt.name)"))
        read -r run </proc/sys/kernel/random/uuid

        round=0
        until
            status= && : >program.sh && : >answer
            curl -K curl.conf -f -D answer "$agent/inputs?place=$SLURM_JOB_ID-$run" | tar -xf - && [ -s program.sh ]
        do
            while read -r word code rest; do case $word in HTTP/*) status=$code ;; esac; done <answer
            case $status in
                408 | 429) ;;
                4*) exit 0 ;;
            esac
            round=$((round + 1))
            [ "$round" -lt 60 ] || exit 1
            sleep 5
        done

        # Brings what a stream has said since the last time; the agent tells how much it has.
        push() {
            taken=$(tail -c "+$((offset + 1))" "$1.log" | head -c \(AttemptTransfer.longestPiece) |
                curl -K curl.conf -f -T - "$agent/log/$1?from=$offset")
            case $taken in
                '' | *[!0-9]*) ;;
                *) offset=$taken ;;
            esac
        }
        follow() {
            offset=0
            push "$1"
            while sleep 2 && kill -0 "$$" 2>/dev/null; do [ "$(wc -c <"$1.log")" -le "$offset" ] || push "$1"; done
        }
        # So that a program does not fill the node, nor outlive a script that was killed; the agent counts what comes.
        guard() {
            while kill -0 "$$" && used=$(du -sk outputs | cut -f 1) && [ "${used:-0}" -le \(mostOutputs) ]; do sleep 2; done
            : >\(AttemptTransfer.excessMark)
            kill -KILL "-$program"
        } 2>/dev/null
        mkdir outputs && : >output.log && : >errors.log || exit 1
        \(start)
        follow output &
        helpers=$!
        follow errors &
        helpers="$helpers $!"
        guard &
        helpers="$helpers $!"
        \(end)
        trap '' TERM
        kill $helpers 2>/dev/null
        echo "$status" >exit

        set -- exit output.log errors.log outputs
        if [ -e \(AttemptTransfer.excessMark) ]; then
            drop outputs
            mkdir outputs
            set -- "$@" \(AttemptTransfer.excessMark)
        fi
        while :; do
            status=$(tar -cf - "$@" | curl -K curl.conf -o /dev/null -w '%{http_code}' -T - "$agent/outputs")
            case $status in
                408 | 429) ;;
                2* | 4*) exit 0 ;;
            esac
            sleep 5
        done

        """
    }

    /// In KiB; a little more than the agent allows, for what file systems count differently.
    private var mostOutputs: Int { (settings.limits.outputs >> 10) + 1024 }
}
