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
        pages.get("/ui/accounts/{name}") { visit in
            try visit.needAdmin()
            let name = visit.parameter("name")
            guard name != visit.viewer?.username else { return .seeOther("/ui/account") }
            return visit.page(
                "accounts-one",
                .operate,
                title: name,
                try await content(of: name, visit),
                styles: ["operate.css"]
            )
        }
        pages.get("/ui/account") { visit in
            guard let name = visit.viewer?.username else { throw Unanswered(status: 401, body: .null) }
            return visit.page(
                "account",
                .account,
                title: "Your account",
                try await content(of: name, visit),
                styles: ["operate.css"],
                scripts: ["tokens.js"]
            )
        }
    }

    private static func content(of name: String, _ visit: Visit) async throws -> [String: Any] {
        let api = "/accounts/\(Paths.escape(name))"
        return try await visit.get(api).fields.merging(["api": api]) { _, new in new }
    }
}

/// One account in a list.
private struct AccountRow: Row {
    static let template = "accountrow"
    let content: [String: Any]

    init(_ item: JSON, for viewer: Account?) {
        let name = item["username"]?.string ?? ""
        var content = item.fields
        content["path"] = "/ui/accounts/\(Paths.escape(name))"
        content["isViewer"] = name == viewer?.username
        self.content = content
    }
}
