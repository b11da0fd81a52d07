import InvokeModel
import InvokeOutbound
import OrderedCollections

/// A bucket as clients describe it.
struct BucketBody {
    let name: String
    let visibility: BucketAccess.Visibility?
    let allowedUsers: [String]?

    init(_ call: Call) async throws {
        let members = try await LooseMembers(call)
        name = try members.string("bucket_name") ?? ""
        visibility = try members.string("visibility").flatMap { $0.isEmpty ? nil : $0 }.map { word in
            guard let visibility = BucketAccess.Visibility(rawValue: word) else {
                throw Refusal(.invalidInput, "`visibility` must be private, restricted or public.")
            }
            return visibility
        }
        allowedUsers = try members["allowed_users"].map { value in
            guard let names = value.array?.map(\.string), !names.contains(nil) else {
                throw Refusal(.invalidInput, "`allowed_users` must be a list of names.")
            }
            return names.compactMap(\.self)
        }
    }
}

/// What a presigned URL is wanted for.
struct PresignOrder {
    let key: String
    let isUpload: Bool
    /// Whole seconds.
    let lifetime: Int
    /// What the request will have to bring.
    let headers: OrderedDictionary<String, String>

    init(_ members: LooseMembers) throws {
        key = try members.string("object_key") ?? ""
        guard (1...StoredObject.longestKey).contains(key.utf8.count), !key.utf8.contains(0) else {
            throw Refusal(.invalidInput, "`object_key` must have 1 to \(StoredObject.longestKey) bytes.")
        }
        switch try members.string("operation") {
        case "upload": isUpload = true
        case "download": isUpload = false
        default: throw Refusal(.invalidInput, "`operation` must be upload or download.")
        }
        // One client calls it `expires`, the other `expires_in` (oscar.md D3); 0 is what they send for none.
        let given = ["expires_in", "expires"].compactMap { members[$0] }.map { $0.int ?? -1 }.filter { $0 != 0 }
        guard given.allSatisfy((1...ReceivedSignature.longestLifetime).contains) else {
            throw Refusal(.invalidInput, "`expires_in` must be 1 to \(ReceivedSignature.longestLifetime) seconds.")
        }
        lifetime = given.first ?? 900
        var headers: OrderedDictionary<String, String> = [:]
        headers["Content-Type"] = try members.string("content_type").flatMap { $0.isEmpty ? nil : $0 }
        let extra = members["extra_headers"] ?? [:]
        guard let fields = extra.object else { throw Refusal(.invalidInput, "`extra_headers` must be an object.") }
        for (name, value) in fields {
            let isSound = !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3A }
            guard let text = value.string, isSound, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw Refusal(.invalidInput, "`extra_headers` must be header fields: names, and their values as text.")
            }
            headers[name] = text
        }
        self.headers = headers
    }
}

/// The members of a body as clients written in Go send and expect them: names in any case, `null` for what is not there,
/// unknown ones passed over, whatever the media type (oscar.md W6, W8, W9).
struct LooseMembers {
    private let members: [String: JSON]

    init(_ call: Call) async throws {
        let bytes = try await call.body(limit: 1 << 20)
        let body: JSON
        do { body = try JSON(parsing: bytes) } catch { throw Refusal(error) }
        guard let object = body.object else { throw Refusal(.invalidInput, "The body must be a JSON object.") }
        members = Dictionary(object.map { ($0.key.lowercased(), $0.value) }) { $1 }
    }

    subscript(_ name: String) -> JSON? { members[name].flatMap { $0 == .null ? nil : $0 } }

    func string(_ name: String) throws -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw Refusal(.invalidInput, "`\(name)` must be a string.") }
        return text
    }
}
