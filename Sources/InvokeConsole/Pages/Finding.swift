/// What a look at the agent has found in one place.
struct Finding {
    enum Status: String {
        case ok, warning, failed
    }

    /// What was looked at.
    let name: String
    let status: Status
    /// What was seen there.
    let seen: String
    /// Whether it is a choice of the operator's, and no news.
    var isChosen = false
    /// How to mend it; nil when there is nothing to mend.
    var advice: String?
    /// The page where to go on, and what the link says.
    var link: (path: String, text: String)?

    var view: [String: Any] {
        let (state, kind, word) =
            switch status {
            case .ok: ("ok", "ok", "ok")
            case .warning: ("warn", "warn", "look at it")
            case .failed: ("bad", "bad", "failed")
            }
        var view: [String: Any] = ["check": name, "state": state, "kind": kind, "word": word, "seen": seen]
        view["advice"] = advice
        if let link { view["link"] = ["path": link.path, "text": link.text] }
        return view
    }
}
