import InvokeModel

/// What the three containers of an attempt's pod run, one after the other: the files are fetched, the program runs, and
/// what it has made is brought back.
///
/// They hold nothing of the job: a cluster shows its objects to many.
struct PodScripts {
    let view: ProgramView

    /// The environment of the containers that transfer files.
    static let url = "INVOKE_ATTEMPT_URL"
    static let token = "INVOKE_ATTEMPT_TOKEN"

    /// Fetches the attempt's files; tries for a minute.
    static let fetch = """
        cd /invoke || exit 1
        round=0
        while :; do
            : >program.sh
            curl -fsS --connect-timeout 10 -H "Authorization: Bearer $INVOKE_ATTEMPT_TOKEN" \\
                "$INVOKE_ATTEMPT_URL/inputs?place=$HOSTNAME" | tar -xf - && [ -s program.sh ] && exit 0
            round=$((round + 1))
            [ "$round" -lt 20 ] || exit 1
            sleep 3
        done
        """

    /// Brings back what the program has made, and then ends as the program did; tries until the agent has taken it or says
    /// that it never will.
    static let keep = """
        cd /invoke || exit 1
        while :; do
            status=$(tar -cf - exit output.log errors.log outputs | curl -sS -o /dev/null -w '%{http_code}' \\
                --connect-timeout 10 -H "Authorization: Bearer $INVOKE_ATTEMPT_TOKEN" -H Expect: \\
                -T - "$INVOKE_ATTEMPT_URL/outputs")
            case $status in
                2*) exit "$(cat exit)" ;;
                408 | 429) ;;
                4*) exit 70 ;;
            esac
            sleep 5
        done
        """

    /// Lies in the attempt's folder as `run.sh`. Runs the program in a session of its own, and lets what it says be heard
    /// line by line: each begins with O or E for the stream. Files hold it as it is.
    var run: String {
        """
        #!/bin/sh
        cd /invoke && : >output.log && : >errors.log || exit 126
        trap '[ -z "$program" ] || kill -TERM "-$program" 2>/dev/null' TERM
        tail -n +1 -f output.log | sed -u s/^/O/ &
        tail -n +1 -f errors.log | sed -u s/^/E/ &
        setsid /bin/sh ./program.sh <\(shellQuoted(view.standardInput)) >>output.log 2>\(errors) &
        program=$!
        while wait "$program"; status=$?; [ "$status" -gt 128 ] && kill -0 "$program" 2>/dev/null; do :; done
        kill -KILL -1 2>/dev/null
        echo "$status" >exit

        """
    }

    private var errors: String { view.attempt.script == nil ? ">errors.log" : "&1" }
}
