/// Where a program finds its things.
struct ProgramPaths {
    let inputs: String
    let inputsDocument: String
    let outputs: String
    /// The working directory.
    let home: String

    static let sandboxed = ProgramPaths(
        inputs: "/invoke/inputs",
        inputsDocument: "/invoke/inputs.json",
        outputs: "/invoke/outputs",
        home: "/home/job"
    )

    init(inputs: String, inputsDocument: String, outputs: String, home: String) {
        self.inputs = inputs
        self.inputsDocument = inputsDocument
        self.outputs = outputs
        self.home = home
    }

    init(_ sandbox: Sandbox, in directory: JobDirectory) {
        switch sandbox {
        case .bubblewrap:
            self = .sandboxed
        case .none:
            self.init(below: directory.path)
        }
    }

    /// What lies in an attempt's folder, wherever that is.
    init(below folder: String) {
        self.init(
            inputs: folder + "/inputs",
            inputsDocument: folder + "/inputs.json",
            outputs: folder + "/outputs",
            home: folder + "/files"
        )
    }

    func input(_ name: String) -> String { inputs + "/" + JobDirectory.component(name) }
}
