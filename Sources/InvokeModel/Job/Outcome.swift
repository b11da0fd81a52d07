/// How one attempt ended, as the executor saw it; whether its outputs are right is judged afterwards.
package enum Outcome: Sendable, Hashable {
    /// The program ended by itself; 0 is success.
    case exited(code: Int)
    /// The program was ended by a signal that the agent did not send.
    case signalled(Int)
    /// The attempt's time was over; nothing of it is left running.
    case timedOut
    /// The attempt was stopped because its job was cancelled or the agent shuts down; nothing of it is left running.
    case stopped
    /// The attempt used more of something than it may: the code says of what, the text how much.
    case exceeded(ErrorCode, String)
    /// The program could not be started at all.
    case unavailable(String)
    /// The engine will never run it, whoever asks how often: the text says what was asked for and why not.
    case refused(String)
    /// Nobody can tell any more how it ended: the agent that started it is gone.
    case lost
}
