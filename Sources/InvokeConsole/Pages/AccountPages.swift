import Hummingbird
import InvokeModel

/// Accounts for admins, and everybody's own.
enum AccountPages {
    static func add(to pages: Pages<some RequestContext>) {
        pages.get("/ui/accounts") { visit in
            try visit.needAdmin()
            let list = try await visit.get("/accounts\(visit.query.text)")
            let accounts = (list["accounts"]?.array ?? []).map { account -> [String: Any] in
                let name = account["username"]?.string ?? ""
                var view = account.fields
                view["api"] = "/accounts/\(Paths.escape(name))"
                view["isViewer"] = name == visit.viewer?.name
                return view
            }
            return visit.page(
                "accounts",
                .operate,
                title: "Accounts",
                ["tab": ["accounts": true], "accounts": accounts],
                below: list,
                styles: ["operate.css"]
            )
        }
        pages.get("/ui/account") { visit in
            let name = try await visit.get("/session")["username"]?.string ?? ""
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
