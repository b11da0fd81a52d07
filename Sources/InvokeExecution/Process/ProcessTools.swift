import Glibc

/// The programs of the system that start a program.
package struct ProcessTools: Sendable, Hashable {
    package var bubblewrap = installed("bwrap")

    package init() {}

    /// The first of the usual folders that has the program; the first of them all when none has.
    private static func installed(_ name: String) -> String {
        let places = ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + name }
        return places.first { access($0, X_OK) == 0 } ?? places[0]
    }
}
