import InvokeModel

extension [ChildJob] {
    /// The member that tells of them in their parent's body, with a comma before it (DEP-13); nothing when there are none.
    ///
    /// `word` is the dialect's for a state.
    func member(word: (JobState) -> String) -> [UInt8] {
        isEmpty ? [] : [UInt8](",\"children\":".utf8) + object(word: word)
    }

    /// Each child by its name. Results are JSON of our own writing, so they go out as they are stored.
    func object(word: (JobState) -> String) -> [UInt8] {
        var body = [UInt8]("{".utf8)
        for (index, child) in enumerated() {
            if index > 0 { body += ",".utf8 }
            body += JSON.string(child.name).bytes()
            body += ":{\"status\":\"\(word(child.state))\"".utf8
            if let id = child.id { body += ",\"jobid\":\"\(id)\"".utf8 }
            if let result = child.result {
                body += ",\"outputs\":".utf8
                body += result.utf8
            }
            if let failure = child.failure {
                body += ",\"error\":{\"errorcode\":\(failure.code.rawValue),\"description\":".utf8
                body += JSON.string(failure.text).bytes()
                body += "}".utf8
            }
            body += "}".utf8
        }
        return body + "}".utf8
    }
}
