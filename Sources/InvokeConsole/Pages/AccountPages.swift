import Hummingbird
import InvokeModel

/// Accounts for admins, and everybody's own.
enum AccountPages {
    static func add(to pages: Pages) {
        pages.get("/ui/accounts") { visit in
            try visit.needAdmin()
            return visit.page(
                "accounts",
                .operate,
                title: "Accounts",
                of: try await visit.list("/accounts\(visit.query.text)", "accounts"),
                as: AccountRow.self,
                styles: ["operate.css"]
            ) {
                ["tab": ["accounts": true]]
            }
        }
        pages.get("/ui/account") { visit in
            guard let name = visit.viewer?.username else { throw Unanswered(status: 401, body: .null) }
            let account = try await visit.get("/accounts/\(Paths.escape(name))")
            var content = account.fields
            content["api"] = "/accounts/\(Paths.escape(name))"
            return visit.page(
                "account",
                .account,
                title: "Your account",
                content,
                styles: ["operate.css"],
                scripts: ["tokens.js"]
            )
        }
    }
}

/// One account in a list.
private struct AccountRow: Row {
    static let template = "accountrow"
    let content: [String: Any]

    init(_ item: JSON, for viewer: Account?) {
        let name = item["username"]?.string ?? ""
        var content = item.fields
        content["api"] = "/accounts/\(Paths.escape(name))"
        content["isViewer"] = name == viewer?.username
        self.content = content
    }
}
