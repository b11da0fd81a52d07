import Glibc
import InvokeModel
import Subprocess

extension Outcome {
    /// What the end of a process says.
    ///
    /// bubblewrap passes on a signal as 128 plus its number, like a shell. A program that chooses such an exit code itself
    /// can't be told apart, and is taken for ended by the signal.
    init(_ status: TerminationStatus, behindSandbox: Bool) {
        switch status {
        case .exited(let code) where behindSandbox && (129...159).contains(code): self.init(signal: code - 128)
        case .exited(let code): self = .exited(code: Int(code))
        case .signaled(let signal): self.init(signal: signal)
        }
    }

    private init(signal: Int32) {
        switch signal {
        case SIGXFSZ: self = .exceeded(.fileTooLarge, "A file grew beyond the limit for one file.")
        case SIGXCPU: self = .exceeded(.deadlinePassed, "The processor time of the attempt is used up.")
        default: self = .signalled(Int(signal))
        }
    }
}
