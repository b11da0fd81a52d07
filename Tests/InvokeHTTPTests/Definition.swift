import InvokeModel

/// Definitions of services that do little, for tests to register.
enum Definition {
    static func service(
        _ name: String,
        version: String = "1.0.0",
        concurrency: Int? = 2,
        _ operations: JSON
    ) -> JSON {
        [
            "name": .string(name), "version": .string(version), "operations": operations,
            "pool": concurrency.map { ["concurrency": .number(JSONNumber($0))] } ?? [:],
        ]
    }

    /// An operation whose program is a line of shell.
    static func operation(
        _ script: String,
        inputs: JSON = ["text": ["type": "string"]],
        outputs: JSON = ["out": ["type": "string"]],
        modes: JSON = ["sync", "async"],
        price: JSON? = nil
    ) -> JSON {
        let run: JSON = ["engine": "process", "command": ["sh", "-c", .string(script)]]
        guard let price else { return ["modes": modes, "inputs": inputs, "outputs": outputs, "run": run] }
        return ["modes": modes, "inputs": inputs, "outputs": outputs, "run": run, "price": price]
    }

    /// `text` in capitals, and a mark after it.
    static func shout(price: JSON? = nil) -> JSON {
        operation(
            #"echo heard >&2; printf '%s%s' "$INVOKE_INPUT_TEXT" "$INVOKE_INPUT_MARK" | tr a-z A-Z"#,
            inputs: [
                "text": ["type": "string", "max_length": 40],
                "mark": ["type": "string", "required": false, "default": "!", "pattern": "^[!?]+$"],
            ],
            outputs: ["loud": ["type": "string"]],
            price: price
        )
    }

    /// The operation of DEP-6's own example: an asset goes in, an asset with its hash comes out.
    static let hash = operation(
        #"sha256sum < "$INVOKE_INPUT_TO_HASH" | cut -c1-64 > "$INVOKE_OUTPUT_DIR/hash_val""#,
        inputs: ["to_hash": ["type": "asset"]],
        outputs: ["hash_val": ["type": "asset", "content_type": "text/plain"]]
    )

    static let failing = operation("echo out of luck >&2; exit 3")
    /// Does not end by itself within a test.
    static let slow = operation("sleep 55")
    static let syncOnly = operation("echo now", modes: ["sync"])
    static let asyncOnly = operation("echo later", modes: ["async"])

    /// One service with all of these.
    static let everything = service(
        "everything",
        [
            "shout": shout(), "hash": hash, "failing": failing, "slow": slow, "sync-only": syncOnly,
            "async-only": asyncOnly,
        ]
    )
}
