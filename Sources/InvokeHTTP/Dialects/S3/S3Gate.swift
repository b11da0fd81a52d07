import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeAssets
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire
import Logging

/// Answers requests that are signed as S3's are, whatever their path; all others go on to the agent's routes. So clients
/// that know nothing but an address find buckets right under it.
struct S3Gate: RouterMiddleware {
    let agent: Agent

    func handle(
        _ request: Request,
        context: AgentContext,
        next: @concurrent (Request, AgentContext) async throws -> Response
    ) async throws -> Response {
        let authorization = request.headers.value(of: .authorization)
        guard ReceivedSignature.isThere(authorization: authorization, target: request.uri.string) else {
            return try await next(request, context)
        }
        do {
            guard !agent.lifecycle.isDraining else { throw S3Error.serviceUnavailable }
            return try await S3Call(request, context, agent).answer()
        } catch {
            return Self.answer(to: request, S3Error(error, request, context), context)
        }
    }

    private static func answer(to request: Request, _ error: S3Error, _ context: AgentContext) -> Response {
        let document = error.document(resource: request.uri.path, request: context.requestID)
        var response = Response(xml: document, status: HTTPResponse.Status(code: error.status))
        switch error {
        // The rest of the body is not wanted.
        case .entityTooLarge, .incompleteBody, .requestTimeout, .storageFull, .serviceUnavailable:
            response.headers[.connection] = "close"
        default: break
        }
        if error == .notModified || request.method == .head { response.body = ResponseBody() }
        return response
    }
}

extension Response {
    init(xml: XMLElement, status: HTTPResponse.Status = .ok) {
        self.init(bytes: xml.document(), contentType: "application/xml", status: status)
    }
}

extension S3Error {
    /// What a failure is to a client of the object store.
    fileprivate init(_ error: any Error, _ request: Request, _ context: AgentContext) {
        switch error {
        case let error as S3Error: self = error
        case let fault as SignatureFault: self.init(fault)
        case let fault as ObjectFault:
            self =
                switch fault {
                case .noBucket: .noSuchBucket
                case .exists: .preconditionFailed
                case .noUpload: .noSuchUpload
                }
        case let fault as FileFault where fault.isDiskFull: self = .storageFull
        case let refusal as Refusal: self.init(refusal)
        case is XMLElement.Malformed: self = .malformedXML
        case is StreamedBodyDecoder.Fault: self = .incompleteBody
        default:
            context.logger.error(
                "fault",
                metadata: [
                    "request": "\(context.requestID)", "method": "\(request.method)", "route": "S3",
                    "error": "\(error)",
                ]
            )
            self = .internalError
        }
    }

    private init(_ fault: SignatureFault) {
        self =
            switch fault {
            case .malformed: .authorizationHeaderMalformed
            case .unsignedHeaders, .expired: .accessDenied
            case .mismatch: .signatureDoesNotMatch
            case .skewed: .requestTimeTooSkewed
            }
    }

    private init(_ refusal: Refusal) {
        self =
            switch refusal.code {
            case .storageFull: .storageFull
            case .requestTimeout: .requestTimeout
            case .draining, .storageUnavailable: .serviceUnavailable
            case .bodyTooLarge: .entityTooLarge
            case .invalidParameter: .incompleteBody
            default: .internalError
            }
    }
}
