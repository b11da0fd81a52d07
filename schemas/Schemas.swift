/// The published contracts, as files that the program carries.
package enum Schemas {
    /// What a provider registers: a JSON Schema (2020-12).
    package static let serviceDefinition = PackageResources.service_definition_schema_json

    /// The agent's whole surface: OpenAPI 3.1, as YAML.
    package static let openAPI = PackageResources.openapi_yaml
}
