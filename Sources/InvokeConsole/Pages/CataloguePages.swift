import Hummingbird
import InvokeModel

/// The catalogue: what can be run here, found by words, tags and services.
enum CataloguePages {
    static func add(to pages: Pages) {
        pages.get("/ui") { visit in
            var asked = Query([("limit", "24")])
            for name in ["q", "tag", "service", "cursor"] { asked = asked.with(name, visit.query(name)) }
            return visit.page(
                "catalogue",
                .catalogue,
                title: "Catalogue",
                of: try await visit.list("/operations" + asked.text, "operations"),
                as: OperationView.self,
                styles: ["catalogue.css"],
                scripts: ["suggest.js"]
            ) {
                var content: [String: Any] = ["filters": filters(of: visit)]
                content["isFiltered"] = ["q", "tag", "service"].contains { visit.query($0) != nil }
                for name in ["q", "tag", "service"] { content[name] = visit.query(name) }
                return content
            }
        }
    }

    /// What narrows the list, each with the way to do without.
    private static func filters(of visit: Visit) -> [[String: Any]] {
        [("q", "text"), ("tag", "tag"), ("service", "service")].compactMap { name, word in
            visit.query(name).map { value in
                [
                    "word": word, "value": value,
                    "without": "/ui" + visit.query.with(name, nil).with("cursor", nil).text,
                ]
            }
        }
    }
}
