import InvokeModel

/// Who looks at a page.
struct Viewer {
    let name: String
    private let roles: Set<String>

    /// - Parameter session: what `GET /session` answers.
    init(session: JSON) {
        name = session["username"]?.string ?? ""
        roles = Set((session["roles"]?.array ?? []).compactMap(\.string))
    }

    var isAdmin: Bool { roles.contains("admin") }
    var isProvider: Bool { roles.contains("provider") }
    var isConsumer: Bool { roles.contains("consumer") }
}
