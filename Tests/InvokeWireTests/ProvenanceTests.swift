import Foundation
import InvokeModel
import InvokeWire
import OrderedCollections
import Testing

/// The provenance of produced assets, row by row (DEP-12).
@Suite struct ProvenanceTests {
    private static let agent = Hex32(first32: Array(repeating: 0xAA, count: 32))
    private static let consumer = Hex32(first32: Array(repeating: 0xCC, count: 32))
    private static let provider = "did:dep:\(agent)"
    private static let operation = DID(agent: agent, asset: Hex32(first32: Array(repeating: 0x0F, count: 32)))
    private static let rows = "did:dep:\(agent)/" + String(repeating: "b1", count: 32)
    private static let model = "did:dep:\(agent)/" + String(repeating: "b2", count: 32)

    private func document(inputAssets: [String] = [rows, model]) -> JSON {
        let activity = Provenance.Activity(
            job: JobID(value: 408_812),
            operation: Self.operation,
            consumer: Self.consumer,
            started: Date(timeIntervalSince1970: 1_740_823_200),
            ended: Date(timeIntervalSince1970: 1_740_823_203),
            inputs: ["rows": ["did": .string(Self.rows)], "limit": "3"],
            outputs: ["clean": ["did": "dep:this"], "report": ["name": "report"]],
            inputAssets: inputAssets,
            generated: [Provenance.this]
        )
        return Provenance(agent: Self.agent, of: activity).document
    }

    private func text(_ value: String) -> JSON { ["$": .string(value), "type": "xsd:string"] }

    @Test func thePrefixesAreThoseOfTheStandardAndThoseThatOurNamesNeed() {
        let prefixes: JSON = [
            "xsd": "http://www.w3.org/2001/XMLSchema#", "prov": "http://www.w3.org/ns/prov#",
            "dep": "http://datacraft.sg", "did": "did:", "default": .string("\(Self.provider)#"),
        ]
        #expect(document()["prefix"] == prefixes)
    }

    @Test func theEntitiesAreTheAssetItsInputsAndTheOperation() {
        let entities = document()["entity"]
        #expect(entities?.object?.keys.elements == ["dep:this", Self.rows, Self.model, Self.operation.description])
        for asset in ["dep:this", Self.rows, Self.model] {
            #expect(entities?[asset] == ["prov:type": text("dep:asset")])
        }
        #expect(entities?[Self.operation.description] == ["prov:type": text("dep:operation")])
    }

    @Test func theActivityIsTheJob() throws {
        let activities = try #require(document()["activity"]?.object)
        #expect(activities.keys.elements == ["408812"])
        let activity = try #require(activities["408812"])
        #expect(activity["prov:type"] == text("dep:invoke"))
        #expect(activity["dep:operation"] == text(Self.operation.description))
        #expect(activity["dep:inputs"] == text(#"{"limit":"3","rows":{"did":"\#(Self.rows)"}}"#))
        #expect(activity["dep:outputs"] == text(#"{"clean":{"did":"dep:this"},"report":{"name":"report"}}"#))
        #expect(activity["prov:startTime"] == "2025-03-01T10:00:00Z")
        #expect(activity["prov:endTime"] == "2025-03-01T10:00:03Z")
    }

    @Test func theAgentsAreTheServiceProviderAndTheConsumer() {
        let agents = document()["agent"]
        let account = "dep:account-\(Self.consumer)"
        #expect(agents?.object?.keys.elements == [Self.provider, account])
        #expect(agents?[Self.provider] == ["prov:type": text("dep:service-provider")])
        #expect(agents?[account]?["prov:type"] == text("dep:account"))
        #expect(agents?[account]?["dep:account"] == text(Self.consumer.description))
        #expect(agents?[account]?["dep:service-provider"] == text(Self.provider))
    }

    @Test func theAssetWasGeneratedByTheJob() {
        let relation: JSON = ["_:gen_1": ["prov:entity": "dep:this", "prov:activity": "408812"]]
        #expect(document()["wasGeneratedBy"] == relation)
    }

    @Test func theJobIsAssociatedWithEachAgent() {
        let relations: JSON = [
            "_:assoc_1": ["prov:agent": .string(Self.provider), "prov:activity": "408812"],
            "_:assoc_2": ["prov:agent": .string("dep:account-\(Self.consumer)"), "prov:activity": "408812"],
        ]
        #expect(document()["wasAssociatedWith"] == relations)
    }

    @Test func theAssetIsDerivedFromEachInputAsset() {
        let relations: JSON = [
            "_:derived_1": ["prov:usedEntity": .string(Self.rows), "prov:generatedEntity": "dep:this"],
            "_:derived_2": ["prov:usedEntity": .string(Self.model), "prov:generatedEntity": "dep:this"],
        ]
        #expect(document()["wasDerivedFrom"] == relations)
    }

    @Test func theJobUsedItsInputAssetsAndTheOperation() {
        let entities = [Self.rows, Self.model, Self.operation.description]
        let used = document()["used"]?.object
        #expect(used?.count == 3)
        for (number, entity) in entities.enumerated() {
            let relation: JSON = ["prov:activity": "408812", "prov:entity": .string(entity)]
            #expect(used?["_:used_\(number + 1)"] == relation)
        }
    }

    @Test func withoutInputAssetsNothingIsDerived() {
        let document = document(inputAssets: [])
        #expect(document["wasDerivedFrom"] == nil)
        #expect(document["entity"]?.object?.keys.elements == ["dep:this", Self.operation.description])
    }
}
