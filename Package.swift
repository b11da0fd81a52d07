// swift-tools-version: 6.2
import PackageDescription

/// What every target is compiled with: warnings are errors, imports are private unless said otherwise.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let orderedCollections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nioFoundationCompat = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "invoke-agent",
    products: [
        .executable(name: "invoke-agent", targets: ["invoke-agent"]),
        // An agent's routes, typed, for other programs; with the JSON values that they take and give.
        .library(name: "InvokeClient", targets: ["InvokeClient", "InvokeModel"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            exact: "1.4.0",
            traits: [.defaults, "YAML"]
        ),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        // 6: what everything rests on.
        .target(
            name: "InvokeMigrations",
            path: "migrations",
            resources: [
                .embedInCode("sqlite/v001_accounts.sql"), .embedInCode("sqlite/v002_assets.sql"),
                .embedInCode("sqlite/v003_services.sql"), .embedInCode("sqlite/v004_market.sql"),
                .embedInCode("sqlite/v005_jobs.sql"), .embedInCode("sqlite/v006_deliveries.sql"),
                .embedInCode("sqlite/v007_idempotency.sql"), .embedInCode("sqlite/v008_purchase_tokens.sql"),
                .embedInCode("sqlite/v009_provenance.sql"), .embedInCode("sqlite/v010_children.sql"),
                .embedInCode("sqlite/v011_collections.sql"), .embedInCode("sqlite/v012_completions.sql"),
                .embedInCode("sqlite/v013_objects.sql"),
            ],
            swiftSettings: strict
        ),
        .target(name: "InvokeModel", dependencies: [orderedCollections], swiftSettings: strict),
        .target(
            name: "InvokeSchemas",
            path: "schemas",
            resources: [.embedInCode("service-definition.schema.json"), .embedInCode("openapi.yaml")],
            swiftSettings: strict
        ),
        // 5: the bodies of each dialect.
        .target(
            name: "InvokeWire",
            dependencies: ["InvokeModel", "InvokeSchemas", orderedCollections, yams],
            swiftSettings: strict
        ),
        .target(
            name: "InvokeOutbound",
            dependencies: ["InvokeModel", asyncHTTPClient, crypto, logging, nioCore, nioHTTP1],
            swiftSettings: strict
        ),
        // The console's pages, styles and scripts, carried in the program.
        .target(name: "CConsoleFiles"),
        // 4: what keeps and what runs.
        .target(
            name: "InvokeAssets",
            dependencies: ["InvokeModel", crypto, nioCore, nioPosix, orderedCollections],
            swiftSettings: strict
        ),
        .target(name: "CSpawn"),
        .target(
            name: "InvokeExecution",
            dependencies: [
                "CSpawn", "InvokeModel", "InvokeWire", asyncHTTPClient, crypto, logging, nioCore, nioHTTP1, nioPosix,
                nioSSL,
                orderedCollections,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "InvokeStore",
            dependencies: ["InvokeMigrations", "InvokeModel", grdb, grdbSQLite, orderedCollections],
            swiftSettings: strict
        ),
        .target(
            name: "InvokeTokens",
            dependencies: ["InvokeModel", "InvokeOutbound", crypto, jwtKit, logging, nioPosix, orderedCollections],
            swiftSettings: strict
        ),
        // 3: what the agent does.
        .target(
            name: "InvokeAgent",
            dependencies: [
                "InvokeAssets", "InvokeModel", "InvokeOutbound", "InvokeStore", "InvokeTokens", "InvokeWire", crypto,
                cryptoExtras, nioPosix, orderedCollections,
            ],
            resources: [.embedInCode("demo.yaml")],
            swiftSettings: strict
        ),
        .target(
            name: "InvokeWebhooks",
            dependencies: [
                "InvokeModel", "InvokeOutbound", "InvokeStore", "InvokeWire", logging, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "InvokeWorkers",
            dependencies: [
                "InvokeAssets", "InvokeExecution", "InvokeModel", "InvokeOutbound", "InvokeStore", "InvokeWire",
                logging,
                orderedCollections, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "InvokeClient",
            dependencies: [
                "InvokeAssets", "InvokeModel", asyncHTTPClient, nioCore, nioFoundationCompat, nioHTTP1, nioPosix,
                orderedCollections,
            ],
            swiftSettings: strict
        ),
        // 2: how it is spoken to.
        .target(
            name: "InvokeHTTP",
            dependencies: [
                "InvokeAgent", "InvokeAssets", "InvokeExecution", "InvokeModel", "InvokeOutbound", "InvokeSchemas",
                "InvokeStore", "InvokeWire", httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1,
                nioPosix,
                orderedCollections, yams,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "InvokeConsole",
            dependencies: [
                "CConsoleFiles", "InvokeModel", "InvokeWire", crypto, httpTypes, hummingbird, logging, mustache,
                nioCore,
                orderedCollections,
            ],
            exclude: ["static", "templates"],
            swiftSettings: strict
        ),
        .target(
            name: "InvokeCommands",
            dependencies: [
                "InvokeClient", "InvokeModel", "InvokeTokens", "InvokeWire", argumentParser, orderedCollections,
                unixSignals,
            ],
            swiftSettings: strict
        ),
        // 1: the program.
        .executableTarget(
            name: "invoke-agent",
            dependencies: [
                "InvokeAgent", "InvokeAssets", "InvokeCommands", "InvokeConsole", "InvokeExecution", "InvokeHTTP",
                "InvokeModel", "InvokeOutbound", "InvokeStore", "InvokeTokens", "InvokeWebhooks", "InvokeWire",
                "InvokeWorkers",
                argumentParser, configuration, hummingbird, logging,
                nioCore, orderedCollections, serviceLifecycle, systemPackage, unixSignals,
            ],
            swiftSettings: strict
        ),
        // The ceilings that `make bench` measures beside the agent.
        .executableTarget(
            name: "invoke-bench",
            dependencies: [argumentParser, grdbSQLite, httpTypes, hummingbird, logging, nioCore],
            path: "Benchmarks/invoke-bench",
            swiftSettings: strict
        ),
        // The receiver in Swift of docs/webhooks.md.
        .executableTarget(
            name: "webhook-receiver",
            dependencies: [crypto, hummingbird],
            path: "examples/webhook-receiver",
            exclude: ["receiver.mjs", "receiver.py"]
        ),
        // The client in Swift of docs/cli.md.
        .executableTarget(
            name: "swift-client",
            dependencies: ["InvokeClient", "InvokeModel"],
            path: "examples/swift-client"
        ),
        // Tests: the kit, then a folder per room.
        .target(
            name: "InvokeTesting",
            dependencies: [
                "InvokeAgent", "InvokeAssets", "InvokeExecution", "InvokeHTTP", "InvokeModel", "InvokeOutbound",
                "InvokeStore", "InvokeWebhooks", "InvokeWire", "InvokeWorkers", crypto, hummingbird, hummingbirdTesting,
                logging, nioCore, nioPosix, orderedCollections, serviceLifecycle,
            ],
            path: "Tests/InvokeTesting",
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeAgentTests",
            dependencies: ["InvokeAgent", "InvokeModel", "InvokeStore", "InvokeTesting"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeAssetsTests",
            dependencies: ["InvokeAssets", "InvokeModel", "InvokeTesting"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeClientTests",
            dependencies: ["InvokeClient", "InvokeModel"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeConsoleTests",
            dependencies: [
                "InvokeConsole", "InvokeModel", httpTypes, hummingbird, hummingbirdTesting, mustache, nioCore,
                orderedCollections,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeExecutionTests",
            dependencies: [
                "InvokeExecution", "InvokeHTTP", "InvokeModel", "InvokeTesting", httpTypes, hummingbird, logging,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeHTTPTests",
            dependencies: [
                "InvokeAgent", "InvokeHTTP", "InvokeModel", "InvokeStore", "InvokeTesting", grdb, httpTypes,
                hummingbird, hummingbirdTesting, nioCore, orderedCollections,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeModelTests",
            dependencies: ["InvokeModel", orderedCollections],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeOutboundTests",
            dependencies: ["InvokeModel", "InvokeOutbound", crypto],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeStoreTests",
            dependencies: [
                "InvokeMigrations", "InvokeModel", "InvokeStore", "InvokeTesting", grdb, orderedCollections,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeTokensTests",
            dependencies: [
                "InvokeModel", "InvokeOutbound", "InvokeTesting", "InvokeTokens", crypto, logging, orderedCollections,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeWebhooksTests",
            dependencies: [
                "InvokeModel", "InvokeOutbound", "InvokeStore", "InvokeTesting", "InvokeWebhooks", "InvokeWire",
                logging, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeWireTests",
            dependencies: ["InvokeModel", "InvokeSchemas", "InvokeWire", orderedCollections],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InvokeWorkersTests",
            dependencies: [
                "InvokeAgent", "InvokeAssets", "InvokeModel", "InvokeStore", "InvokeTesting", "InvokeWorkers", logging,
            ],
            swiftSettings: strict
        ),
    ]
)
