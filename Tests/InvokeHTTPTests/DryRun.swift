import GRDB
import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import Testing

extension TestClientProtocol {
    /// Asks what a call would come to, and checks what holds for every answer; `path` may have a query.
    func dryRun(
        _ path: String,
        _ inputs: JSON? = nil,
        as caller: Caller = .consumer,
        body: [UInt8]? = nil,
        headers: [String: String] = [:],
        at place: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        let query = path.contains("?") ? "&dryrun=1" : "?dryrun=1"
        let answer = try await ask(
            .post,
            path + query,
            as: caller,
            json: inputs,
            body: body,
            headers: headers,
            at: place
        )
        try #require(answer.status == 200, "\(answer.text)", sourceLocation: place)
        #expect(answer.header("Content-Type") == "application/json", sourceLocation: place)
        #expect(answer.json["dryrun"] == true, sourceLocation: place)
        #expect(answer.json["accepted"] == .bool(answer.refusals.isEmpty), sourceLocation: place)
        for refusal in answer.refusals {
            let code = refusal["errorcode"]?.int.flatMap(ErrorCode.init(rawValue:))
            #expect(refusal["title"]?.string == code?.title, "\(refusal.text)", sourceLocation: place)
            #expect(refusal["detail"] == refusal["description"], "\(refusal.text)", sourceLocation: place)
        }
        return answer
    }

    /// Ends every job of a caller's, so that nobody waits for one.
    func cancelAll(as caller: Caller = .consumer, at place: SourceLocation = #_sourceLocation) async throws {
        for job in try await ask(.get, "/jobs?limit=200", as: caller, at: place).json["jobs"]?.array ?? []
        where ["scheduled", "running"].contains(job["status"]?.string) {
            _ = try await ask(.post, "/jobs/\(job["jobid"]?.string ?? "")/cancel", as: caller, at: place)
        }
    }

    /// Has the consumer buy what the provider offers for an asset, and the provider say that it is paid.
    /// - Returns: the purchase, which is the token.
    func buy(_ asset: String, at place: SourceLocation = #_sourceLocation) async throws -> String {
        let listings = try await ask(.get, "/api/v1/market/listings", as: .provider, at: place).json.array ?? []
        let listing = try #require(listings.first { $0["assetid"] == .string(asset) }?["id"], sourceLocation: place)
        let order: JSON = ["listingid": listing, "status": "ordered"]
        let id = try await ask(.post, "/api/v1/market/purchases", as: .consumer, json: order, at: place).string("id")
        let path = "/api/v1/market/purchases/\(id)"
        let paid = try await ask(.put, path, as: .provider, json: ["payment": "settled"], at: place)
        try #require(paid.status == 200, "\(paid.text)", sourceLocation: place)
        return id
    }
}

extension Answer {
    /// What a dry run found against the call.
    var refusals: [JSON] { json["refusals"]?.array ?? [] }
    var codes: [Int] { refusals.compactMap { $0["errorcode"]?.int } }
    var statuses: [Int] { refusals.compactMap { $0["status"]?.int } }
}

extension TestAgent {
    /// Every row of every table.
    func rows() throws -> [String: [[DatabaseValue]]] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: folder.path + "/agent.sqlite", configuration: configuration)
        return try queue.read { database in
            let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            let rows = try tables.map { table in
                try Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\"").map { Array($0.databaseValues) }
            }
            return Dictionary(uniqueKeysWithValues: zip(tables, rows))
        }
    }
}
