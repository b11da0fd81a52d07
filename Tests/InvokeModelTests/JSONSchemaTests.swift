import Testing

@testable import InvokeModel

@Suite struct JSONSchemaTests {
    /// Schema, value, and whether the value is valid.
    @Test(
        arguments: [
            ("true", "1", true), ("false", "1", false), ("{}", "null", true),
            (#"{"type":"integer"}"#, "1.0", true), (#"{"type":"integer"}"#, "1e2", true),
            (#"{"type":"integer"}"#, "1.5", false),
            (#"{"type":"number"}"#, "1", true), (#"{"type":["string","null"]}"#, "null", true),
            (#"{"type":["string","null"]}"#, "false", false), (#"{"type":"boolean"}"#, "0", false),
            (#"{"enum":[1,"a",{"x":[1]}]}"#, #"{"x":[1.0]}"#, true), (#"{"enum":[1,"a"]}"#, "true", false),
            (#"{"const":null}"#, "null", true), (#"{"const":0}"#, "false", false), (#"{"const":100}"#, "1e2", true),
            (#"{"minimum":1}"#, "1.0", true), (#"{"minimum":1}"#, "0.999", false), (#"{"maximum":1}"#, "1.0001", false),
            (#"{"exclusiveMinimum":1}"#, "1", false), (#"{"exclusiveMaximum":1}"#, "0.9", true),
            (#"{"maximum":9007199254740992}"#, "9007199254740993", false), (#"{"minimum":1}"#, #""a""#, true),
            (#"{"multipleOf":0.01}"#, "4.02", true), (#"{"multipleOf":0.01}"#, "4.025", false),
            (#"{"multipleOf":0.1}"#, "1e300", true), (#"{"multipleOf":7}"#, "1e300", false),
            (#"{"multipleOf":2}"#, "0", true),
            (#"{"multipleOf":3}"#, "111111111111111111111111111111", true), (#"{"multipleOf":1.5}"#, "-4.5", true),
            (#"{"minLength":2}"#, "\"\u{1F600}\"", false), (#"{"maxLength":1}"#, "\"\u{1F600}\"", true),
            (#"{"maxLength":1}"#, "\"e\u{301}\"", false), (#"{"pattern":"b"}"#, #""abc""#, true),
            (#"{"pattern":"^b"}"#, #""abc""#, false),
            (#"{"items":{"type":"string"}}"#, #"["a",1]"#, false), (#"{"items":false}"#, "[]", true),
            (#"{"prefixItems":[{"type":"string"}],"items":{"type":"number"}}"#, #"["a",1,2]"#, true),
            (#"{"items":{"type":"number"},"prefixItems":[{"type":"string"}]}"#, #"["a","b"]"#, false),
            (#"{"prefixItems":[{"type":"string"}]}"#, "[]", true), (#"{"contains":{"type":"string"}}"#, "[1]", false),
            (#"{"contains":{"type":"string"}}"#, #"[1,"a"]"#, true), (#"{"contains":{}}"#, "[]", false),
            (#"{"uniqueItems":true}"#, "[1,1.0]", false), (#"{"uniqueItems":true}"#, #"[1,true,"1"]"#, true),
            (#"{"uniqueItems":true}"#, #"[{"a":1,"b":2},{"b":2,"a":1e0}]"#, false),
            (#"{"uniqueItems":false}"#, "[1,1]", true),
            (#"{"uniqueItems":true}"#, "[\"\u{E9}\",\"e\u{301}\"]", true),
            (#"{"minItems":1,"maxItems":2}"#, "[1,2,3]", false),
            (#"{"required":["a"]}"#, #"{"a":null}"#, true), (#"{"required":["a"]}"#, "{}", false),
            (#"{"required":["a"]}"#, "[]", true),
            (#"{"minProperties":1}"#, "{}", false), (#"{"maxProperties":1}"#, #"{"a":1,"b":1}"#, false),
            (#"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1}"#, false),
            (#"{"dependentRequired":{"a":["b"]}}"#, "{}", true),
            (#"{"properties":{"a":{"type":"string"}}}"#, #"{"a":1}"#, false),
            (#"{"properties":{"a":false}}"#, #"{"b":1}"#, true), (#"{"properties":{"a":false}}"#, #"{"a":1}"#, false),
            (#"{"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}"#, #"{"xy":"1"}"#, true),
            (#"{"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}"#, #"{"y":"1"}"#, false),
            (#"{"additionalProperties":{"type":"number"},"properties":{"a":true}}"#, #"{"a":"x","b":"x"}"#, false),
            (#"{"propertyNames":{"maxLength":2}}"#, #"{"abc":1}"#, false),
            (#"{"propertyNames":{"maxLength":3}}"#, #"{"abc":1}"#, true),
            (#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, "3", false),
            (#"{"anyOf":[{"minimum":3},{"maximum":1}]}"#, "2", false),
            (#"{"anyOf":[{"minimum":3},{"maximum":1}]}"#, "3", true),
            (#"{"oneOf":[{"minimum":1},{"maximum":2}]}"#, "1.5", false),
            (#"{"oneOf":[{"minimum":1},{"maximum":2}]}"#, "3", true), (#"{"not":{"type":"string"}}"#, #""a""#, false),
            (#"{"not":false}"#, "1", true),
            (#"{"if":{"minimum":5},"then":{"multipleOf":5},"else":{"multipleOf":2}}"#, "7", false),
            (#"{"if":{"minimum":5},"then":{"multipleOf":5},"else":{"multipleOf":2}}"#, "4", true),
            (#"{"if":{"minimum":5},"then":{"multipleOf":5},"else":{"multipleOf":2}}"#, "3", false),
            (#"{"if":false}"#, "1", true),
            (##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}}"##, "1", false),
            (##"{"$ref":"#/$defs/a~1b%20%25","$defs":{"a/b %":{"type":"string"}}}"##, "1", false),
            (##"{"$ref":"#/$defs/a","maximum":1,"$defs":{"a":{"minimum":0}}}"##, "2", false),
            (##"{"type":"object","additionalProperties":{"$ref":"#"}}"##, #"{"a":{"b":{}}}"#, true),
            (##"{"type":"object","additionalProperties":{"$ref":"#"}}"##, #"{"a":{"b":1}}"#, false),
            (##"{"properties":{"a":{"$ref":"#/properties/b"},"b":{"type":"null"}}}"##, #"{"a":1}"#, false),
            (
                #"{"format":"date","title":"t","default":1,"examples":[1],"x-unit":"m","deprecated":true}"#,
                #""no date""#, true
            ),
        ] as [(String, String, Bool)]
    )
    func aValueIsValidOrNot(schema: String, value: String, isValid: Bool) throws {
        let violations = try self.violations(of: value, under: schema)
        #expect(violations.isEmpty == isValid, "\(violations)")
    }

    /// Schema, value, and what is found, as `pointer: detail`.
    @Test(
        arguments: [
            (#"{"type":"string"}"#, "1", ["#: must be a string, not a number"]),
            (#"{"type":["string","integer","null"]}"#, "1.5", ["#: must be a string, an integer or null, not 1.5"]),
            (#"{"type":"string","minLength":2,"enum":["ab"]}"#, "null", ["#: must be a string, not null"]),
            (#"{"enum":["sync","async"]}"#, #""snyc""#, [#"#: must be one of "sync", "async"; did you mean `sync`?"#]),
            (#"{"const":false}"#, "true", ["#: must be false"]),
            (#"{"required":["a","b/c"]}"#, "{}", ["#/a: is required", "#/b~1c: is required"]),
            (
                #"{"properties":{"inputs":{},"run":{}},"additionalProperties":false}"#, #"{"inptus":1,"zebra":2}"#,
                [
                    "#/inptus: unknown member; did you mean `inputs`?",
                    "#/zebra: unknown member; not used yet: inputs, run",
                ]
            ),
            (#"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1,"b":2}"#, ["#/b: unknown member"]),
            (#"{"properties":{"a":false}}"#, #"{"a":1}"#, ["#/a: is not allowed here"]),
            (#"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1}"#, ["#/b: is required when `a` is given"]),
            (
                #"{"items":{"properties":{"n":{"minimum":0,"multipleOf":0.5}}}}"#, #"[{"n":1},{"n":-0.2}]"#,
                ["#/1/n: must be at least 0", "#/1/n: must be a multiple of 5e-1"]
            ),
            (
                #"{"pattern":"^[0-9]+$","maxLength":1}"#, #""ab""#,
                ["#: must match the pattern ^[0-9]+$", "#: must have at most 1 character, not 2"]
            ),
            (#"{"uniqueItems":true}"#, "[1,2,1.0]", ["#/2: is the same as element 0"]),
            (
                #"{"minItems":2,"contains":{"const":1}}"#, "[0]",
                [
                    "#: must have at least 2 elements, not 1",
                    "#: must contain an element that matches the schema at #/contains",
                ]
            ),
            (#"{"not":{"const":1}}"#, "1", ["#: is excluded by the schema at #/not"]),
            (
                #"{"propertyNames":{"pattern":"^[a-z]+$"}}"#, #"{"A":1}"#,
                ["#/A: has a name that is refused: the name must match the pattern ^[a-z]+$"]
            ),
        ] as [(String, String, [String])]
    )
    func everyViolationIsToldWithItsPlace(schema: String, value: String, expected: [String]) throws {
        #expect(try violations(of: value, under: schema) == expected)
    }

    @Test(arguments: [
        (#"{"kind":"circle","radius":0}"#, "#/radius: must be above 0"),
        (#"{"kind":"box"}"#, "#/side: is required"),
        (
            "[]",
            "#: matches none of 3 alternatives: must be an object, not an array; or must be a string, not an array"
        ),
        (
            #"{"kind":"line"}"#,
            ##"#: matches none of 3 alternatives: #/kind must be "circle"; or #/kind must be "box"; "##
                + "or must be a string, not an object"
        ),
    ])
    func ofAlternativesTheClosestIsReported(value: String, expected: String) throws {
        let schema = #"""
            {"oneOf": [
                {"type": "object", "required": ["kind", "radius"],
                 "properties": {"kind": {"const": "circle"}, "radius": {"exclusiveMinimum": 0}}},
                {"type": "object", "required": ["kind", "side"],
                 "properties": {"kind": {"const": "box"}, "side": {"type": "number"}}},
                {"type": "string"}
            ]}
            """#
        #expect(try violations(of: value, under: schema) == [expected])
    }

    @Test func violationsBeginAtTheGivenPlace() throws {
        let schema = try JSONSchema(JSON(parsing: #"{"items":{"type":"string"}}"#))
        #expect(
            schema.violations(in: [1], at: "#/inputs/rows")
                == [Violation("#/inputs/rows/0", "must be a string, not a number")]
        )
    }

    /// Schema, the pointer of its fault, and part of the text.
    @Test(arguments: [
        ("1", "#", "must be a schema"), (#"{"type":"text"}"#, "#/type", "must be one of null, boolean"),
        (#"{"type":[]}"#, "#/type", "at least one"),
        (#"{"requird":["a"]}"#, "#/requird", "did you mean `required`?"),
        (#"{"unevaluatedProperties":false}"#, "#/unevaluatedProperties", "not a supported"),
        (#"{"definitions":{}}"#, "#/definitions", "`$defs`"),
        (##"{"$dynamicRef":"#a"}"##, "#/$dynamicRef", "not a supported"),
        (#"{"enum":[]}"#, "#/enum", "at least one"),
        (#"{"minimum":"1"}"#, "#/minimum", "must be a number, not a string"),
        (#"{"multipleOf":0}"#, "#/multipleOf", "above 0"),
        (#"{"multipleOf":1234567890123456789}"#, "#/multipleOf", "18 digits"),
        (#"{"minLength":-1}"#, "#/minLength", "from 0"), (#"{"maxItems":1.5}"#, "#/maxItems", "from 0"),
        (#"{"pattern":"(?=a)"}"#, "#/pattern", "look-ahead"),
        (#"{"pattern":1}"#, "#/pattern", "must be a string"),
        (#"{"patternProperties":{"(a":{}}}"#, "#/patternProperties/(a", "not closed"),
        (#"{"properties":[]}"#, "#/properties", "must be an object of schemas"),
        (#"{"properties":{"a":1}}"#, "#/properties/a", "must be a schema"),
        (#"{"required":["a","a"]}"#, "#/required", "different strings"),
        (#"{"required":true}"#, "#/required", "different strings"),
        (#"{"dependentRequired":{"a":"b"}}"#, "#/dependentRequired/a", "different strings"),
        (#"{"items":[{}]}"#, "#/items", "`prefixItems`"),
        (#"{"prefixItems":[]}"#, "#/prefixItems", "at least one schema"),
        (#"{"allOf":{}}"#, "#/allOf", "at least one schema"),
        (#"{"uniqueItems":1}"#, "#/uniqueItems", "must be a boolean"), (#"{"then":{}}"#, "#/then", "without `if`"),
        (##"{"$ref":"#/$defs/a"}"##, "#/$ref", "no schema"),
        (#"{"$ref":"http://example.org"}"#, "#/$ref", "in this document"),
        (##"{"$ref":"#a"}"##, "#/$ref", "in this document"), (#"{"$ref":1}"#, "#/$ref", "must be a string"),
        (#"{"not":{"$id":"a"}}"#, "#/not/$id", "root only"),
        (#"{"$defs":{"a":{"typ":1}}}"#, "#/$defs/a/typ", "did you mean `type`?"),
    ])
    func aWrongKeywordIsRefusedAtItsPlace(schema: String, pointer: String, part: String) throws {
        let fault = #expect(throws: SchemaFault.self) { try JSONSchema(JSON(parsing: schema)) }
        let violations = try #require(fault?.violations)
        #expect(violations.map(\.pointer) == [pointer])
        #expect(violations.first?.detail.contains(part) == true, "\(violations)")
    }

    @Test func everyWrongKeywordIsReported() throws {
        let schema = try JSON(parsing: #"{"minimum":"1","items":{"maxLength":-1},"anyOf":[{"foo":1},{"pattern":"["}]}"#)
        let fault = #expect(throws: SchemaFault.self) { try JSONSchema(schema, at: "#/x/schema") }
        #expect(
            fault?.violations.map(\.pointer) == [
                "#/x/schema/minimum", "#/x/schema/items/maxLength", "#/x/schema/anyOf/0/foo",
                "#/x/schema/anyOf/1/pattern",
            ]
        )
    }

    @Test(arguments: [
        ##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"}]}"##, ##"{"not":{"anyOf":[{"if":true,"then":{"$ref":"#"}}]}}"##,
        ##"{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
    ])
    func aSchemaThatLeadsBackToItselfIsRefused(schema: String) throws {
        let fault = #expect(throws: SchemaFault.self) { try JSONSchema(JSON(parsing: schema)) }
        #expect(fault?.violations.first?.detail.contains("back to itself") == true)
    }

    @Test(arguments: [true, false])
    func aLongChainOfReferencesIsRefused(backwards: Bool) throws {
        func chain(_ count: Int) throws -> JSON {
            let links = (0..<count).map { ##""d\##($0)":{"$ref":"#/$defs/d\##($0 + 1)"}"## } + [#""d\#(count)":{}"#]
            return try JSON(
                parsing: #"{"$defs":{"# + (backwards ? links.reversed() : links).joined(separator: ",") + "}}"
            )
        }
        _ = try JSONSchema(chain(60))
        #expect(throws: SchemaFault.self) { try JSONSchema(chain(3_000)) }
    }

    @Test func aCheckThatTakesTooLongIsGivenUp() throws {
        let choices = Array(repeating: ##"{"items":{"$ref":"#/$defs/a"},"minItems":99999}"##, count: 400).joined(
            separator: ","
        )
        let schema = try JSONSchema(JSON(parsing: #"{"anyOf":["# + choices + #"],"$defs":{"a":{"type":"number"}}}"#))
        let value = JSON.array(Array(repeating: 1, count: 9_000))
        let violations = schema.violations(in: value, at: "#/inputs/a")
        #expect(violations.map(\.pointer) == ["#/inputs/a"])
        #expect(violations.first?.detail.contains("given up") == true)
    }

    @Test func branchesThatMultiplyAreGivenUp() throws {
        let schema = try JSONSchema(
            JSON(parsing: ##"{"items":{"oneOf":[{"$ref":"#"},{"$ref":"#"}]}}"##)
        )
        var value: JSON = [1]
        for _ in 0..<30 { value = [value] }
        #expect(schema.violations(in: value, at: "#").count == 1)
    }

    @Test func recursionIsBounded() throws {
        let links = (0..<60).map { ##""d\##($0)":{"$ref":"#/$defs/d\##($0 + 1)"}"## }.joined(separator: ",")
        let schema = try JSONSchema(
            JSON(parsing: ##"{"$ref":"#/$defs/d0","$defs":{"## + links + ##","d60":{"items":{"$ref":"#/$defs/d0"}}}}"##)
        )
        var value: JSON = []
        #expect(schema.violations(in: value, at: "#").isEmpty)
        for _ in 0..<31 { value = [value] }
        #expect(schema.violations(in: value, at: "#").first?.detail.contains("given up") == true)
    }

    @Test func aPatternThatTakesTooLongIsGivenUp() throws {
        let schema = try JSONSchema(JSON(parsing: #"{"pattern":"(a?){900}b"}"#))
        let text = JSON.string(String(repeating: "a", count: 100_000))
        #expect(schema.violations(in: text, at: "#").first?.detail.contains("given up") == true)
    }

    @Test(
        arguments: [
            ("inptus", "inputs"), ("Inputs", "inputs"), ("output", "outputs"), ("nmae", "name"), ("zzz", nil),
            ("xy", nil),
            ("descripton", "description"),
        ] as [(String, String?)]
    )
    func theNearestNameIsSuggested(name: String, expected: String?) {
        #expect(nearestName(to: name, among: ["name", "inputs", "outputs", "description"]) == expected)
    }

    private func violations(of value: String, under schema: String) throws -> [String] {
        try JSONSchema(JSON(parsing: schema)).violations(in: JSON(parsing: value), at: "#").map {
            "\($0.pointer): \($0.detail)"
        }
    }
}
