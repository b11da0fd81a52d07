/// What the object store answers when it refuses something: S3's own codes.
package enum S3Error: String, Error, Sendable, CaseIterable {
    case accessDenied = "AccessDenied"
    case authorizationHeaderMalformed = "AuthorizationHeaderMalformed"
    case badDigest = "BadDigest"
    case bucketAlreadyOwnedByYou = "BucketAlreadyOwnedByYou"
    case bucketNotEmpty = "BucketNotEmpty"
    case contentSHA256Mismatch = "XAmzContentSHA256Mismatch"
    case entityTooLarge = "EntityTooLarge"
    case entityTooSmall = "EntityTooSmall"
    case incompleteBody = "IncompleteBody"
    case internalError = "InternalError"
    case invalidAccessKey = "InvalidAccessKeyId"
    case invalidArgument = "InvalidArgument"
    case invalidBucketName = "InvalidBucketName"
    case invalidDigest = "InvalidDigest"
    case invalidPart = "InvalidPart"
    case invalidPartOrder = "InvalidPartOrder"
    case invalidRange = "InvalidRange"
    case invalidURI = "InvalidURI"
    case keyTooLong = "KeyTooLongError"
    case malformedXML = "MalformedXML"
    case methodNotAllowed = "MethodNotAllowed"
    case noSuchBucket = "NoSuchBucket"
    case noSuchKey = "NoSuchKey"
    case noSuchUpload = "NoSuchUpload"
    case notImplemented = "NotImplemented"
    case notModified = "NotModified"
    case preconditionFailed = "PreconditionFailed"
    case requestTimeTooSkewed = "RequestTimeTooSkewed"
    case requestTimeout = "RequestTimeout"
    case serviceUnavailable = "ServiceUnavailable"
    case signatureDoesNotMatch = "SignatureDoesNotMatch"
    case storageFull = "XMinioStorageFull"

    package var status: Int { entry.status }

    package var message: String { entry.message }

    private var entry: (status: Int, message: String) {
        switch self {
        case .accessDenied: (403, "The signature does not allow this, or no longer.")
        case .authorizationHeaderMalformed: (400, "The signature can't be read.")
        case .badDigest: (400, "The content does not have the digest that came with it.")
        case .bucketAlreadyOwnedByYou: (409, "The bucket is there already.")
        case .bucketNotEmpty: (409, "The bucket has objects in it.")
        case .contentSHA256Mismatch: (400, "The body does not have the SHA-256 that x-amz-content-sha256 names.")
        case .entityTooLarge: (400, "The content is larger than this store takes.")
        case .entityTooSmall: (400, "Every part but the last must have 5 MiB.")
        case .incompleteBody: (400, "The body is shorter or longer than it says, or not in chunks.")
        case .internalError: (500, "Something went wrong inside the agent.")
        case .invalidAccessKey: (403, "There is no such access key.")
        case .invalidArgument: (400, "A parameter or header field has a value that means nothing here.")
        case .invalidBucketName: (400, "A bucket's name has 3 to 63 small letters, digits, full stops and hyphens.")
        case .invalidDigest: (400, "A digest of the content can't be read.")
        case .invalidPart: (400, "A part is not here, or has another ETag.")
        case .invalidPartOrder: (400, "The parts must be listed by their numbers, rising.")
        case .invalidRange: (416, "The object has none of these bytes.")
        case .invalidURI: (400, "The path or the query can't be decoded.")
        case .keyTooLong: (400, "A key has 1,024 bytes at most.")
        case .malformedXML: (400, "The body is not the XML that this takes.")
        case .methodNotAllowed: (405, "This can't be done with a bucket or an object.")
        case .noSuchBucket: (404, "There is no such bucket.")
        case .noSuchKey: (404, "There is no object with this key.")
        case .noSuchUpload: (404, "There is no such upload, or it has ended.")
        case .notImplemented: (501, "This store does not do this.")
        case .notModified: (304, "The object is the one that you have.")
        case .preconditionFailed: (412, "The object is not as the condition wants it.")
        case .requestTimeTooSkewed: (403, "Your clock and the agent's are too far apart.")
        case .requestTimeout: (400, "The body was not complete in time.")
        case .serviceUnavailable: (503, "The agent takes nothing at the moment; try again shortly.")
        case .signatureDoesNotMatch: (403, "The signature is not the one that the secret key makes of this request.")
        case .storageFull: (507, "There is no space left. Nothing was stored.")
        }
    }

    /// The body of the answer.
    package func document(resource: String, request: String) -> XMLElement {
        XMLElement(
            "Error",
            [
                XMLElement("Code", rawValue), XMLElement("Message", message), XMLElement("Resource", resource),
                XMLElement("RequestId", request),
            ]
        )
    }
}
