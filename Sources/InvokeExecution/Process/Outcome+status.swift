import Glibc
import InvokeModel

extension Outcome {
    /// What the end of a process says, as `waitpid` tells it.
    ///
    /// bubblewrap passes on a signal as 128 plus its number, like a shell. A program that chooses such an exit code itself
    /// can't be told apart, and is taken for ended by the signal.
    init(status: Int32, behindSandbox: Bool) {
        let signal = status & 0x7F
        let code = (status >> 8) & 0xFF
        if signal != 0 {
            self.init(signal: signal)
        } else if behindSandbox, (129...159).contains(code) {
            self.init(signal: code - 128)
        } else {
            self = .exited(code: Int(code))
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
