import InvokeModel

/// What somebody whose job has failed can do about it.
enum FailureAdvice {
    /// One or two sentences; nil for a code that does not end jobs.
    static func text(for code: ErrorCode) -> String? {
        switch code {
        case .operationFailed:
            "The program itself has failed. Read the end of its log below; if your inputs are the cause, run it again with "
                + "changes, otherwise show the log to the provider."
        case .deadlinePassed:
            "The job did not end in time. Try a smaller input, or ask the provider for a longer timeout; a job that waited "
                + "most of that time needs a less busy hour."
        case .outputTooLarge, .fileTooLarge:
            "The program wrote more than it may. Try a smaller input; if that can't be the cause, tell the provider."
        case .outputMismatch:
            "The program did not make the outputs that the operation declares. Only the provider can mend that: send the "
                + "job's id."
        case .outputNotStored:
            "The program ended well, but what it made could not be stored. Retry; if that fails too, tell the operator."
        case .killedBySignal:
            "The program was killed from outside, most often because it needed more memory than it has. Try a smaller "
                + "input, or tell the provider."
        case .sandboxUnavailable:
            "The agent's machine could not start the program. Your inputs are not at fault: tell the operator."
        case .attemptsExhausted:
            "Each attempt was cut off, and no more are made. Retry later; if it happens again, tell the operator."
        case .assetNotAccessible:
            "An input asset could not be read. See whether its content is uploaded and whether it is yours to read."
        case .notPaid:
            "An input or the operation was not paid for. Purchase it, wait until the purchase is settled, and retry."
        case .providerUnreachable:
            "The provider's own server did not answer. Retry later; if it lasts, tell the provider."
        case .providerBlocked:
            "The agent may not call the provider's server. Tell the provider: the operator has to allow its address."
        case .engineUnavailable:
            "No engine can run the program as it is asked for: the description says what is missing. Show it to the "
                + "provider, who chooses engines and resources."
        case .cancelled:
            "It was cancelled before it came to its end. Retry runs it again on the same inputs."
        default: nil
        }
    }
}
