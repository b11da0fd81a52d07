import InvokeModel
import OrderedCollections

/// A shell script that becomes the program of an attempt: it sets the environment and the limits, and runs the command.
struct ProgramScript {
    let view: ProgramView
    let limits: ExecutionLimits

    var text: String {
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
