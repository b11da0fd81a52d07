/// The types of DEP-6: `asset` and `string` of the seed, `json` of v1.
package enum ValueType: String, Sendable, CaseIterable {
    case asset, string, json
}

/// How an operation may be called.
package enum Mode: String, Sendable, CaseIterable {
    case sync, async
}

/// One named, typed input of an operation.
package struct InputDeclaration: Sendable {
    package let name: String
    package let type: ValueType
    /// Whether the value is the content of a file: a string input then takes an asset as well.
    package let isFile: Bool
    package let required: Bool
    /// Where a caller that passes inputs by position puts it, from 0.
    package let position: Int
    package let description: String?
    /// The media type an asset should have; told to callers, not enforced.
    package let contentType: String?
    /// Used when a caller leaves out an input that is not required.
    package let defaultValue: JSON?
    /// What a string must be: every rule that is present.
    package let pattern: Pattern?
    package let choices: [String]?
    package let minLength: Int?
    package let maxLength: Int?
    /// What a json value must be.
    package let schema: JSONSchema?

    package init(
        name: String,
        type: ValueType,
        isFile: Bool = false,
        required: Bool = true,
        position: Int,
        description: String? = nil,
        contentType: String? = nil,
        defaultValue: JSON? = nil,
        pattern: Pattern? = nil,
        choices: [String]? = nil,
        minLength: Int? = nil,
        maxLength: Int? = nil,
        schema: JSONSchema? = nil
    ) {
        self.name = name
        self.type = type
        self.isFile = isFile
        self.required = required
        self.position = position
        self.description = description
        self.contentType = contentType
        self.defaultValue = defaultValue
        self.pattern = pattern
        self.choices = choices
        self.minLength = minLength
        self.maxLength = maxLength
        self.schema = schema
    }

    /// Whether an asset may be its value.
    package var takesAssets: Bool { type == .asset || isFile }
}

/// One named, typed output of an operation.
package struct OutputDeclaration: Sendable {
    package let name: String
    package let type: ValueType
    package let description: String?
    package let contentType: String?

    package init(name: String, type: ValueType, description: String? = nil, contentType: String? = nil) {
        self.name = name
        self.type = type
        self.description = description
        self.contentType = contentType
    }
}
