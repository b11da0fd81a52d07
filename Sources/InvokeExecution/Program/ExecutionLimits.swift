import InvokeModel

/// What an attempt may use beyond the memory and time that its operation asks for.
package struct ExecutionLimits: Sendable, Hashable {
    /// Bytes of one file that the program writes.
    package var fileSize = 64 << 20
    /// Bytes on disk of all output files together.
    package var outputs = 1 << 30
    /// Files and folders among the outputs.
    package var outputEntries = 10_000
    /// Bytes of the private working folder and of the private temporary folder, each.
    package var scratch = 64 << 20
    package var openFiles = 1_024
    /// Processes and threads at one time.
    package var processes = 64
    /// Bytes kept of standard output as a result.
    package var result = 1 << 20
    /// Bytes of standard output, and of standard error, that reach the log.
    package var log = 256 << 10
    /// The same for the output of a script of OSCAR, of which the log is often all there is.
    package var scriptLog = 10 << 20

    package init() {}

    /// What is said of outputs that were not even counted to their end.
    var outputsExceeded: String { "The outputs take more than the \(outputs) bytes that are allowed." }

    /// The end of an attempt that has left more outputs than it may; nil for all others.
    func excess(in directory: JobDirectory) -> Outcome? {
        let use = fileTreeUse(directory.outputs, maxEntries: outputEntries)
        if use.incomplete {
            return .exceeded(.fileTooLarge, "The outputs are more than \(outputEntries) files or 32 levels deep.")
        }
        guard use.bytes > outputs else { return nil }
        return .exceeded(.fileTooLarge, "The outputs take \(use.bytes) bytes; \(outputs) are allowed.")
    }
}
