// swift-tools-version: 6.2
// The modules of Cairn and the arrows between them; ARCHITECTURE.md draws the same picture.
import PackageDescription

// Sanitizers replace malloc themselves, so builds under them drop jemalloc (CAIRN_MALLOC=system).
let systemMalloc = Context.environment["CAIRN_MALLOC"] == "system"

let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A view of a command's bytes must not outlive them; the compiler checks it with this feature.
let lifetimes: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

// tools/test-leaks builds an engine in which leaks can be planted; no other build has them.
let hasLeaks = Context.environment["CAIRN_LEAKS"] == "1"
let leaks: [SwiftSetting] = hasLeaks ? [.define("PLANTED_LEAKS")] : []

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioConcurrency = Target.Dependency.product(
    name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(
    name: "HummingbirdCore", package: "hummingbird")
let nioHTTPTypes = Target.Dependency.product(
    name: "NIOHTTPTypes", package: "swift-nio-extras")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "cairn",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "cairn", targets: ["cairn"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", exact: "1.35.2"),
    ],
    targets: [
        // The vectorised core, in C11. SIMDe is header only and lies on the default include path.
        .target(
            name: "CSIMD", path: "CSIMD", exclude: ["tests"], sources: ["src"],
            publicHeadersPath: "include",
            cSettings: systemMalloc ? [.define("CSIMD_SYSTEM_MALLOC")] : [],
            linkerSettings: systemMalloc ? [] : [.linkedLibrary("jemalloc")]),
        .systemLibrary(
            name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Digest", dependencies: ["CCrypto"], swiftSettings: strict),
        .target(name: "Domain", swiftSettings: strict),
        .target(name: "Policy", dependencies: ["Domain"], swiftSettings: strict),
        .target(
            name: "Engine", dependencies: ["Domain", "Policy", "Digest", "CSIMD"],
            swiftSettings: strict + lifetimes + leaks),
        // The shortest decimal of a double, by the C++ standard library.
        .target(name: "ShortestDecimal"),
        .target(
            name: "Wire", dependencies: ["Domain", "ShortestDecimal", nioCore],
            swiftSettings: strict + lifetimes),
        // Whole texts to and from gzip, by zlib.
        .target(name: "Gzip", linkerSettings: [.linkedLibrary("z")]),
        // JSON texts to values, by Debian's simdjson.
        .target(name: "FastJSON", linkerSettings: [.linkedLibrary("simdjson")]),
        // Bid requests read, judged and answered.
        .target(
            name: "OpenRTB", dependencies: ["Domain", "FastJSON", "ShortestDecimal"],
            swiftSettings: strict + lifetimes),
        // The distilled text model as one constant; #embed reads text.bundle.
        .target(name: "TextModel"),
        .target(
            name: "Text", dependencies: ["Domain", "Digest", "CSIMD", "TextModel"],
            exclude: ["Models/text.bundle", "Models/MODEL.md", "Models/NOTICE"],
            resources: [.copy("Models/gate.bundle")], swiftSettings: strict),
        // What keeps the changes: Server -> Journal -> Digest. It knows bytes and their order only.
        .target(
            name: "Journal", dependencies: ["Domain", "Digest", grdb], swiftSettings: strict),
        .target(
            name: "Server",
            dependencies: [
                "Domain", "Policy", "Digest", "Engine", "Journal", "OpenRTB", "Text", "Wire",
                "HTTP",
                "Telemetry", coreMetrics, nioConcurrency, nioCore, nioPosix, logging, lifecycle,
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            resources: [
                .embedInCode("Resources/default.toml"), .embedInCode("Resources/policy.toml"),
            ], swiftSettings: strict + lifetimes),
        // What is counted, and its text for Prometheus.
        .target(
            name: "Telemetry", dependencies: ["Domain", coreMetrics, nioConcurrency],
            swiftSettings: strict),
        // Random logs and what must hold of each: the policy, proved on the real engine.
        .target(
            name: "Proof", dependencies: ["Domain", "Policy", "Digest", "Engine"],
            swiftSettings: strict),
        .target(
            name: "HTTP",
            dependencies: [
                "Domain", "Gzip", "Telemetry", "Wire", hummingbird, hummingbirdCore, httpTypes,
                nioCore, nioHTTPTypes, logging, coreMetrics,
            ],
            resources: [.embedInCode("Resources/openapi.json")],
            swiftSettings: strict + lifetimes),
        .target(name: "TextReports", dependencies: ["Domain", "Text"], swiftSettings: strict),
        // The load generator: a client of any server that speaks RESP.
        .target(
            name: "Load",
            dependencies: ["Domain", "Wire", histogram, nioCore, nioPosix],
            swiftSettings: strict),
        .executableTarget(
            name: "cairn",
            dependencies: [
                "Domain", "Engine", "Load", "Proof", "Server", "Text", "TextReports",
                argumentParser, coreMetrics, lifecycle, logging, nioCore, unixSignals,
            ],
            swiftSettings: strict),
        .testTarget(name: "DomainTests", dependencies: ["Domain"]),
        .testTarget(name: "TidyTests"),
        .testTarget(name: "PolicyTests", dependencies: ["Policy", "Domain"]),
        .testTarget(
            name: "TextTests", dependencies: ["Text", "Digest", "Domain"],
            exclude: ["gate-reference.tsv"]),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "Domain", "Policy"]),
        .testTarget(name: "ProofTests", dependencies: ["Proof", "Domain", "Engine"]),
        // A process for the journal's tests to kill, starve of disk, and time.
        .executableTarget(
            name: "JournalProbe", dependencies: ["Journal", "Domain"], path: "Tests/JournalProbe",
            swiftSettings: strict),
        .testTarget(
            name: "JournalTests",
            dependencies: ["Journal", "JournalProbe", "Domain", "Digest", grdb]),
        .testTarget(name: "OpenRTBTests", dependencies: ["OpenRTB", "FastJSON", "Domain"]),
        .testTarget(name: "WireTests", dependencies: ["Wire", "Domain", nioCore]),
        .testTarget(
            name: "LoadTests",
            dependencies: [
                "Load", "Server", "Domain", "Wire", histogram, logging, lifecycle, nioCore,
                nioPosix,
            ]),
        .testTarget(
            name: "TelemetryTests", dependencies: ["Telemetry", coreMetrics]),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "HTTP", "Server", "Journal", httpTypes, logging, lifecycle, nioCore,
            ]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Domain", "Engine", "OpenRTB", "Policy", "Text", "Wire", "cairn", logging,
                lifecycle, nioCore,
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)

// tools/fuzz/run builds these with libFuzzer, which brings its own main; other builds must not.
if Context.environment["CAIRN_FUZZ"] == "1" {
    package.targets += [
        .executableTarget(
            name: "FuzzWire", dependencies: ["Wire", "Domain", nioCore], path: "tools/fuzz",
            exclude: ["corpus", "openrtb", "run", "wire.dict"], sources: ["FuzzWire.swift"],
            swiftSettings: strict + lifetimes),
        .executableTarget(
            name: "FuzzOpenRTB", dependencies: ["OpenRTB", "FastJSON", "Domain"],
            path: "tools/fuzz/openrtb", exclude: ["corpus", "openrtb.dict"],
            swiftSettings: strict + lifetimes),
    ]
}

// Benchmarks/README.md tells how to run it.
if Context.environment["CAIRN_BENCH"] == "1" {
    package.targets += [
        .executableTarget(
            name: "OpenRTBBench", dependencies: ["OpenRTB", "FastJSON", "Domain"],
            path: "Benchmarks/openrtb", swiftSettings: strict + lifetimes),
        .executableTarget(
            name: "HelloBench", dependencies: [hummingbird, nioPosix], path: "Benchmarks/hello",
            swiftSettings: strict),
    ]
}

if hasLeaks {
    package.targets.append(
        .executableTarget(
            name: "PlantedLeaks", dependencies: ["Proof", "Engine"], path: "tools/leaks"))
}
