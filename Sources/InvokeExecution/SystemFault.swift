import Glibc

/// A call to the operating system that failed: what was tried, on what, and why it was refused.
package struct SystemFault: Error, Hashable, CustomStringConvertible {
    package let operation: String
    package let path: String
    /// The number of the error, as `errno` had it.
    package let number: Int32

    /// Takes the number of the last failed call.
    init(_ operation: String, _ path: String) {
        self.init(operation, path, errno)
    }

    init(_ operation: String, _ path: String, _ number: Int32) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    package var description: String { "can't \(operation) \(path): \(String(cString: strerror(number)))" }
}
