import Testing

/// Everything about the HTTP surface, one test after the other: each starts an agent with workers of its own, and many
/// of them side by side would only wait for each other.
@Suite(.serialized) struct HTTPTests {}
