import InvokeModel
import InvokeWire
import Testing

/// How invocations are read: asset values in every spelling that clients have used, and bodies.
@Suite struct InvocationReadingTests {
    private func reference(_ text: String) throws -> AssetReference {
        try AssetReference(invocationValue: JSON(parsing: text), at: "#/table")
    }

    private func faults(_ text: String) throws -> [String] {
        do {
            _ = try reference(text)
            return []
        } catch let invalid as Invalid {
            return invalid.violations.map(\.pointer)
        }
    }

    @Test(arguments: ["did", "assetid", "asset_id", "id"])
    func theAssetIsNamedByAnyOfItsKeys(key: String) throws {
        #expect(try reference(#"{"\#(key)": "did:dep:x"}"#) == AssetReference(did: "did:dep:x"))
    }

    @Test(arguments: ["purchasetoken", "purchase_token", "purchase-token", "purchaseToken"])
    func thePurchaseTokenIsReadInEverySpelling(key: String) throws {
        #expect(try reference(#"{"did": "x", "\#(key)": "t"}"#) == AssetReference(did: "x", purchaseToken: "t"))
    }

    @Test func theAccessTokenOfV1IsRead() throws {
        #expect(try reference(#"{"did": "x", "auth": {"token": "t"}}"#) == AssetReference(did: "x", accessToken: "t"))
        #expect(try reference(#"{"did": "x", "auth": {}}"#) == AssetReference(did: "x"))
    }

    @Test func nullCountsAsAbsent() throws {
        let value = #"{"did": "x", "purchasetoken": null, "auth": null}"#
        #expect(try reference(value) == AssetReference(did: "x"))
    }

    @Test func twoEqualTokensAreOne() throws {
        let value = #"{"did": "x", "purchasetoken": "t", "purchase_token": "t"}"#
        #expect(try reference(value).purchaseToken == "t")
    }

    @Test(arguments: [
        (#"{"did": "x", "purchasetoken": "t", "purchase_token": "u"}"#, ["#/table/purchase_token"]),
        (#"{"did": "x", "purchase-token": "t", "purchaseToken": "u"}"#, ["#/table/purchaseToken"]),
        (#""did:dep:x""#, ["#/table"]), ("[]", ["#/table"]), ("{}", ["#/table/did"]),
        (#"{"did": 7}"#, ["#/table/did"]), (#"{"id": ""}"#, ["#/table/id"]),
        (#"{"did": "x", "id": "y"}"#, ["#/table"]), (#"{"did": "x", "colour": 1}"#, ["#/table/colour"]),
        (#"{"did": "x", "purchasetoken": 7}"#, ["#/table/purchasetoken"]),
        (#"{"did": "x", "auth": "t"}"#, ["#/table/auth"]), (#"{"did": "x", "auth": {"token": 7}}"#, ["#/table/auth"]),
        (#"{"purchasetoken": 7, "colour": 1}"#, ["#/table/colour", "#/table/did", "#/table/purchasetoken"]),
    ])
    func whatIsWrongWithAnAssetIsNamedWhereItIs(value: String, pointers: [String]) throws {
        #expect(try faults(value) == pointers)
    }

    @Test(arguments: ["", " \r\n\t"])
    func aBlankBodyStandsForNoInputs(body: String) throws {
        #expect(try InvocationRequest(dep: Array(body.utf8)).body == [:])
    }

    @Test(arguments: [
        ("{", ErrorCode.malformedJSON), (#"{"a": 1, "a": 2}"#, .malformedJSON), ("{} {}", .malformedJSON),
        (#"{"a": "\u0000"}"#, .malformedJSON),
        (String(repeating: "[", count: 40) + String(repeating: "]", count: 40), .tooComplex),
    ])
    func aBodyThatIsNoJSONIsRefused(body: String, code: ErrorCode) {
        #expect {
            try InvocationRequest(dep: Array(body.utf8))
        } throws: {
            ($0 as? Refusal)?.code == code
        }
    }

    @Test func metadataIsReadAsFarAsItIsNeeded() throws {
        let hash = String(repeating: "aB", count: 32)
        let text = #"{"name": "n", "type": "bundle", "contentType": "text/csv", "contentHash": "0x\#(hash)", "x": [1]}"#
        let facts = try AssetFacts(metadata: Array(text.utf8))
        let expected = AssetFacts(name: "n", type: "bundle", contentType: "text/csv", contentHash: Hex32(hash))
        #expect(facts == expected)
        #expect(try AssetFacts(metadata: Array("{}".utf8)).type == "dataset")
    }

    @Test(arguments: ["[]", #"{"contentHash": "ab"}"#, #"{"contentHash": 7}"#, #"{"provenance": "mine"}"#, "{"])
    func metadataThatContradictsItselfIsRefused(text: String) {
        #expect(throws: Refusal.self) { try AssetFacts(metadata: Array(text.utf8)) }
    }
}
