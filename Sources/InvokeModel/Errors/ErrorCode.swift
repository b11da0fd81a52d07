/// The one catalogue of error codes. 8001, 8003 and 8004 are DEP-6's own; codes from 8200 end jobs and never answer a request.
package enum ErrorCode: Int, Sendable, CaseIterable {
    case unknownJob = 8001
    case outputNotStored = 8002
    case notPaid = 8003
    case assetNotAccessible = 8004
    case operationFailed = 8005
    case malformedJSON = 8100
    case invalidInput = 8101
    case invalidServiceDefinition = 8102
    case invalidParameter = 8103
    case tooComplex = 8104
    case unknownOperation = 8105
    case unknownRoute = 8106
    case methodNotAllowed = 8107
    case modeNotOffered = 8108
    case unauthenticated = 8110
    case forbidden = 8111
    case unknownResource = 8112
    case notAcceptable = 8121
    case requestTimeout = 8122
    case idempotencyInProgress = 8130
    case conflict = 8131
    case alreadyRegistered = 8132
    case idempotencyMismatch = 8134
    case bodyTooLarge = 8140
    case targetTooLong = 8141
    case unsupportedMediaType = 8142
    case headersTooLarge = 8143
    case rangeNotSatisfiable = 8144
    case rateLimited = 8150
    case callerQuota = 8151
    case queueFull = 8160
    case draining = 8161
    case storageUnavailable = 8162
    case storageFull = 8164
    case blockedURL = 8170
    case invalidWebhook = 8171
    case internalFault = 8190
    case deadlinePassed = 8200
    case outputTooLarge = 8203
    case outputMismatch = 8204
    case killedBySignal = 8205
    case sandboxUnavailable = 8206
    case attemptsExhausted = 8207
    case cancelled = 8208
    case providerUnreachable = 8209
    case providerBlocked = 8210
    case fileTooLarge = 8211
    case engineUnavailable = 8212
}

extension ErrorCode {
    /// The stable word of the code: the last part of its RFC 9457 `type`, and the label of its metric.
    package var slug: String { entry.slug }

    /// The RFC 9457 title: the same text for every occurrence.
    package var title: String { entry.title }

    /// The HTTP status outside of the seed dialect's own table; 200 for codes that only end jobs.
    package var status: Int { entry.status }

    private var entry: (slug: String, title: String, status: Int) {
        switch self {
        case .unknownJob: ("unknown-job", "No such job", 404)
        case .outputNotStored: ("output-not-stored", "A produced asset could not be stored", 200)
        case .notPaid: ("not-paid", "Not paid for", 403)
        case .assetNotAccessible: ("asset-not-accessible", "Asset not accessible", 400)
        case .operationFailed: ("operation-failed", "The operation failed", 200)
        case .malformedJSON: ("malformed-json", "Malformed JSON", 400)
        case .invalidInput: ("invalid-input", "Invalid input", 400)
        case .invalidServiceDefinition: ("invalid-service-definition", "Invalid service definition", 400)
        case .invalidParameter: ("invalid-parameter", "Invalid parameter", 400)
        case .tooComplex: ("too-complex", "Document too complex", 400)
        case .unknownOperation: ("unknown-operation", "No such operation", 404)
        case .unknownRoute: ("unknown-route", "No such route", 404)
        case .methodNotAllowed: ("method-not-allowed", "Method not allowed", 405)
        case .modeNotOffered: ("mode-not-offered", "Mode not offered", 400)
        case .unauthenticated: ("unauthenticated", "Credentials needed", 401)
        case .forbidden: ("forbidden", "Not allowed", 403)
        case .unknownResource: ("unknown-resource", "No such resource", 404)
        case .notAcceptable: ("not-acceptable", "Not acceptable", 406)
        case .requestTimeout: ("request-timeout", "Request not complete in time", 408)
        case .idempotencyInProgress: ("idempotency-in-progress", "Same request still in progress", 409)
        case .conflict: ("conflict", "Conflict with the present state", 409)
        case .alreadyRegistered: ("already-registered", "Already registered", 409)
        case .idempotencyMismatch: ("idempotency-mismatch", "Idempotency key used for another request", 422)
        case .bodyTooLarge: ("body-too-large", "Body too large", 413)
        case .targetTooLong: ("target-too-long", "Request target too long", 414)
        case .unsupportedMediaType: ("unsupported-media-type", "Unsupported media type", 415)
        case .headersTooLarge: ("headers-too-large", "Headers too large", 431)
        case .rangeNotSatisfiable: ("range-not-satisfiable", "No such range of bytes", 416)
        case .rateLimited: ("rate-limited", "Too many requests", 429)
        case .callerQuota: ("caller-quota", "Too many waiting jobs", 429)
        case .queueFull: ("queue-full", "Queue full", 503)
        case .draining: ("draining", "Shutting down", 503)
        case .storageUnavailable: ("storage-unavailable", "Storage unavailable", 503)
        case .storageFull: ("storage-full", "No space left", 507)
        case .blockedURL: ("blocked-url", "URL refused", 400)
        case .invalidWebhook: ("invalid-webhook", "Invalid webhook", 400)
        case .internalFault: ("internal", "Internal error", 500)
        case .deadlinePassed: ("deadline", "Deadline passed", 200)
        case .outputTooLarge: ("output-too-large", "Output too large", 200)
        case .outputMismatch: ("output-mismatch", "Output does not match its declaration", 200)
        case .killedBySignal: ("killed-by-signal", "Killed by a signal", 200)
        case .sandboxUnavailable: ("sandbox-unavailable", "Sandbox unavailable", 200)
        case .attemptsExhausted: ("attempts-exhausted", "Attempts exhausted", 200)
        case .cancelled: ("cancelled", "Cancelled", 200)
        case .providerUnreachable: ("provider-unreachable", "Provider endpoint unreachable", 200)
        case .providerBlocked: ("provider-blocked", "Provider URL refused", 200)
        case .fileTooLarge: ("file-size", "File too large", 200)
        case .engineUnavailable: ("engine-unavailable", "No engine can run it", 200)
        }
    }
}
