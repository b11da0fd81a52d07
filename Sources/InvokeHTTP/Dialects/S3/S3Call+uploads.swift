import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire

extension S3Call {
    /// Objects that arrive in parts.
    func answerForUpload() async throws -> Response {
        let bucket = try await bucket()
        if target["uploads"] != nil, request.method == .post {
            let id = Hex32.random().description
            try await agent.store.beginUpload(id, of: key, in: bucket, traits)
            return Response(xml: XMLElement("InitiateMultipartUploadResult", place + [XMLElement("UploadId", id)]))
        }
        guard let upload = try await agent.store.upload(target["uploadId"] ?? "", of: key, in: bucket) else {
            throw S3Error.noSuchUpload
        }
        switch request.method {
        case .get: return try await listParts(of: upload)
        case .put: return try await put(partOf: upload)
        case .post: return try await complete(upload, in: bucket)
        case .delete:
            try await agent.store.abort(upload)
            return Response(status: .noContent)
        default: throw S3Error.methodNotAllowed
        }
    }

    func listUploads(to bucket: Bucket) async throws -> Response {
        let uploads = try await agent.store.uploads(to: bucket).filter { $0.key.hasPrefix(target["prefix"] ?? "") }
        let body = [XMLElement("Bucket", bucket.name), XMLElement("IsTruncated", "false")]
        return Response(
            xml: XMLElement(
                "ListMultipartUploadsResult",
                body
                    + uploads.map { upload in
                        XMLElement(
                            "Upload",
                            [
                                XMLElement("Key", upload.key), XMLElement("UploadId", upload.id),
                                XMLElement("Initiated", upload.startedAt.millisecondText),
                            ]
                        )
                    }
            )
        )
    }

    private var place: [XMLElement] { [XMLElement("Bucket", bucketName), XMLElement("Key", key)] }

    private func put(partOf upload: ObjectUpload) async throws -> Response {
        guard headers["x-amz-copy-source"] == nil else { throw S3Error.notImplemented }
        guard let number = target["partNumber"].flatMap({ Int($0) }), (1...10_000).contains(number) else {
            throw S3Error.invalidArgument
        }
        let (writer, checksums) = try await content()
        do {
            let part = try await agent.put(part: number, of: upload, writer)
            var response = Response(status: .ok, headers: [.eTag: "\"\(part.md5.hexadecimal)\""])
            response.add(checksums)
            return response
        } catch {
            writer.discard()
            throw error
        }
    }

    private func listParts(of upload: ObjectUpload) async throws -> Response {
        let after = try number("part-number-marker", in: 0...10_000, default: 0)
        let limit = try number("max-parts", in: 1...1000, default: 1000)
        let rest = try await agent.store.parts(of: upload).filter { $0.number > after }
        let parts = rest.prefix(limit)
        let body =
            place + [
                XMLElement("UploadId", upload.id), XMLElement("PartNumberMarker", String(after)),
                XMLElement("NextPartNumberMarker", String(parts.last?.number ?? after)),
                XMLElement("MaxParts", String(limit)),
                XMLElement("IsTruncated", rest.count > limit ? "true" : "false"),
            ]
        return Response(
            xml: XMLElement(
                "ListPartsResult",
                body
                    + parts.map { part in
                        XMLElement(
                            "Part",
                            [
                                XMLElement("PartNumber", String(part.number)),
                                XMLElement("LastModified", part.modifiedAt.millisecondText),
                                XMLElement("ETag", "\"\(part.md5.hexadecimal)\""),
                                XMLElement("Size", String(part.content.size)),
                            ]
                        )
                    }
            )
        )
    }

    private func complete(_ upload: ObjectUpload, in bucket: Bucket) async throws -> Response {
        let order = try await xml()
        guard order.name == "CompleteMultipartUpload" else { throw S3Error.malformedXML }
        let here = Dictionary(uniqueKeysWithValues: try await agent.store.parts(of: upload).map { ($0.number, $0) })
        var chosen: [UploadPart] = []
        for element in order.children where element.name == "Part" {
            guard let number = element["PartNumber"].flatMap({ Int($0) }), let tag = element["ETag"] else {
                throw S3Error.malformedXML
            }
            guard chosen.last.map({ $0.number < number }) ?? true else { throw S3Error.invalidPartOrder }
            guard let part = here[number], tag.replacing("\"", with: "") == part.md5.hexadecimal else {
                throw S3Error.invalidPart
            }
            chosen.append(part)
        }
        guard !chosen.isEmpty else { throw S3Error.malformedXML }
        guard chosen.dropLast().allSatisfy({ $0.content.size >= Self.smallestPart }) else {
            throw S3Error.entityTooSmall
        }
        guard chosen.reduce(0, { $0 + $1.content.size }) <= agent.limits.contentBytes else {
            throw S3Error.entityTooLarge
        }
        let object = try await agent.complete(upload, in: bucket, chosen, by: cause)
        let body =
            [XMLElement("Location", "/\(bucketName)/\(key)")] + place + [XMLElement("ETag", "\"\(object.etag)\"")]
        return Response(xml: XMLElement("CompleteMultipartUploadResult", body))
    }

    /// Of all parts but the last, in bytes.
    private static let smallestPart = 5 << 20
}
