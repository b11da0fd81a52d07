import InvokeModel

/// What a page shows of one item of a list of the API's.
///
/// It is made of the item and of who looks, and of nothing else: what it renders to is kept for as long as neither
/// changes.
protocol Row {
    /// The template that renders it.
    static var template: String { get }

    init(_ item: JSON, for viewer: Account?)

    /// What the template is given.
    var content: [String: Any] { get }
}
