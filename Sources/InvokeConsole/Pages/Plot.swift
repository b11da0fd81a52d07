/// An hour as sixty columns, a drawing of 600 by 100.
struct Plot {
    private let title: String
    private let unit: String
    private let minutes: [Minute]
    private let values: [Int]
    private let isBad: Bool
    private let isLevel: Bool

    /// `unit` says what is counted. A level stands; other values are counts of a minute.
    init(
        _ title: String,
        _ unit: String,
        _ minutes: [Minute],
        isBad: Bool = false,
        isLevel: Bool = false,
        _ value: (Minute) -> Int
    ) {
        self.title = title
        self.unit = unit
        self.minutes = minutes
        values = minutes.map(value)
        self.isBad = isBad
        self.isLevel = isLevel
    }

    private var peak: Int { values.max() ?? 0 }

    /// A level stands as it is; of counts the last minute that is over says most.
    private var latest: Int { (isLevel ? values.last : values.dropLast().last) ?? 0 }

    /// What the drawing shows, in words.
    private var words: String {
        let count = Format.count
        if isLevel { return "\(count(values.last ?? 0)) \(unit) now, at most \(count(peak)) in the last hour" }
        return "\(count(values.reduce(0, +))) \(unit) in the last hour, at most \(count(peak)) in a minute"
    }

    var view: [String: Any] {
        let scale = max(peak, 1)
        let columns = values.enumerated().compactMap { index, value -> [String: Any]? in
            guard value > 0 else { return nil }
            let height = max(2, value * 100 / scale)
            return ["x": index * 10, "y": 100 - height, "height": height]
        }
        return [
            "title": title, "words": words, "columns": columns, "isBad": isBad,
            "latest": Format.count(latest), "id": title.lowercased().replacing(" ", with: "-"),
        ]
    }
}
