import Crypto
import Foundation
import Hummingbird

let settings = ProcessInfo.processInfo.environment
let secret = Data(base64Encoded: String(settings["WEBHOOK_SECRET", default: ""].dropFirst("whsec_".count))) ?? Data()
precondition(secret.count >= 24, "WEBHOOK_SECRET is missing")
let router = Router()
router.post("/hook") { request, _ -> HTTPResponse.Status in
    let fields = Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { first, _ in first }
    let (id, time) = (fields["webhook-id"] ?? "", fields["webhook-timestamp"] ?? "")
    let body = Data(buffer: try await request.body.collect(upTo: 64 << 10))
    let signed = Data("\(id).\(time).".utf8) + body
    let isFresh = abs(Date().timeIntervalSince1970 - (Double(time) ?? 0)) < 300
    let isOurs = (fields["webhook-signature"] ?? "").split(separator: " ").contains { signature in
        let code = Data(base64Encoded: String(signature.dropFirst("v1,".count))) ?? Data()
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: SymmetricKey(data: secret))
    }
    guard isFresh, isOurs else { return .badRequest }
    print(id, String(decoding: body, as: UTF8.self))
    return .noContent
}
let address = BindAddress.hostname("127.0.0.1", port: Int(settings["PORT"] ?? "") ?? 8080)
try await Application(router: router, configuration: .init(address: address)).runService()
