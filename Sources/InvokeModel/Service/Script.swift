/// A shell script that gets one file and leaves files, as OSCAR's services run them (oscar.md §9).
package struct Script: Sendable {
    /// The script itself, its variables and what it may use.
    package let program: Program
    /// From which level on the agent's own lines are in the answer of a run.
    package let logLevel: LogLevel
    /// Whether what the script returns does not matter.
    package let ignoresExitCode: Bool
    /// Whether the script fetches its input itself.
    package let skipsInput: Bool
    /// Whose objects start jobs.
    package let sources: [Folder]
    /// Where the files go that the script leaves.
    package let uploads: [Folder]

    /// The script's file in the working directory.
    package static let file = "script.sh"

    package init(
        program: Program,
        logLevel: LogLevel,
        ignoresExitCode: Bool,
        skipsInput: Bool,
        sources: [Folder],
        uploads: [Folder]
    ) {
        self.program = program
        self.logLevel = logLevel
        self.ignoresExitCode = ignoresExitCode
        self.skipsInput = skipsInput
        self.sources = sources
        self.uploads = uploads
    }

    /// Whose object it is, among those that start jobs.
    package func source(of key: String, in bucket: String) -> Folder? {
        let path = "\(bucket)/\(key)"
        return sources.first { $0.holds(path) && $0.takes(String(path.dropFirst($0.path.count + 1))) }
    }

    /// A folder of a bucket for the files whose paths begin and end in certain ways; in any way where there are none.
    package struct Folder: Sendable, Hashable {
        /// The store that the bucket is in: `minio.lab`.
        package let provider: String
        /// Bucket and folder.
        package let path: String
        package let prefixes: [String]
        package let suffixes: [String]

        package init(provider: String, path: String, prefixes: [String], suffixes: [String]) {
            self.provider = provider
            self.path = path
            self.prefixes = prefixes
            self.suffixes = suffixes
        }

        /// Whether it is in the agent's own store.
        package var isOwn: Bool { provider == StorageProvider.own }

        /// Whether a bucket's path is one below it.
        package func holds(_ path: String) -> Bool { path.hasPrefix(self.path + "/") }

        /// Whether a file is one of it, by its path below the folder.
        package func takes(_ path: String) -> Bool {
            (prefixes.isEmpty || prefixes.contains(where: path.hasPrefix))
                && (suffixes.isEmpty || suffixes.contains(where: path.hasSuffix))
        }
    }

    /// The levels of Python's logging, which OSCAR's supervisor is written in.
    package enum LogLevel: String, Sendable, CaseIterable, Comparable {
        case notset = "NOTSET"
        case debug = "DEBUG"
        case info = "INFO"
        case warning = "WARNING"
        case error = "ERROR"
        case critical = "CRITICAL"

        package static func < (one: LogLevel, two: LogLevel) -> Bool { one.rank < two.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }
}

/// What running a script takes that its definition does not show.
package struct ScriptEnvironment: Sendable {
    package let token: String
    /// Variables by name.
    package let secrets: [String: String]
    /// The stores of others that its service names.
    package let providers: [StorageProvider]

    package init(token: String, secrets: [String: String], providers: [StorageProvider]) {
        self.token = token
        self.secrets = secrets
        self.providers = providers
    }
}
