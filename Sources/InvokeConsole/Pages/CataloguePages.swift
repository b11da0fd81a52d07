import Hummingbird
import InvokeModel

/// The catalogue: what can be run here, found by words, tags and services.
enum CataloguePages {
    static func add(to pages: Pages<some RequestContext>) {
        pages.get("/ui") { visit in
            var asked = Query([("limit", "24")])
            for name in ["q", "tag", "service", "cursor"] { asked = asked.with(name, visit.query(name)) }
            let page = try await visit.get("/operations" + asked.text)
            let operations = (page["operations"]?.array ?? []).map { OperationView($0) }
            let tags = (page["operations"]?.array ?? []).flatMap { $0["tags"]?.array ?? [] }.compactMap(\.string)
            let isFiltered = ["q", "tag", "service"].contains { visit.query($0) != nil }
            var content: [String: Any] = [
                "operations": operations.map(\.content), "isEmpty": operations.isEmpty, "isFiltered": isFiltered,
                "knownTags": Set(tags).sorted(), "knownServices": Set(operations.map(\.service)).sorted(),
                "filters": filters(of: visit),
            ]
            for name in ["q", "tag", "service"] { content[name] = visit.query(name) }
            return visit.page(
                "catalogue",
                .catalogue,
                title: "Catalogue",
                content,
                below: page,
                styles: ["catalogue.css"]
            )
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
