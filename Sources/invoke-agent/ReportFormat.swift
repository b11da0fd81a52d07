import ArgumentParser

/// How a command about the agent's own machine answers: in sentences for its operator, or as JSON.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
