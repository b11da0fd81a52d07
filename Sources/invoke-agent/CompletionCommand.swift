import ArgumentParser

/// `invoke-agent completion`.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print what makes a shell complete the commands.",
        discussion: """
            Examples:
              source <(invoke-agent completion bash)
              invoke-agent completion zsh > "${fpath[1]}/_invoke-agent"
              invoke-agent completion fish > ~/.config/fish/completions/invoke-agent.fish
            """
    )

    /// The shells that can complete.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() {
        let shell: CompletionShell =
            switch self.shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        print(InvokeAgentCommand.completionScript(for: shell))
    }
}
