import Foundation
import Testing

/// The arrows of ARCHITECTURE.md, held by the import lines of every file.
@Suite("the modules and their arrows")
struct ArrowTests {
    /// What each module may import of the package's own.
    private static let arrows: [String: Set<String>] = [
        "Domain": [],
        "Policy": ["Domain"],
        "Digest": ["CCrypto"],
        "Text": ["Domain", "Digest", "CSIMD", "TextModel"],
        "Wire": ["Domain", "ShortestDecimal"],
        "OpenRTB": ["Domain", "FastJSON", "ShortestDecimal"],
        "Engine": ["Domain", "Policy", "Digest", "CSIMD"],
        "Journal": ["Domain", "Digest"],
        "Telemetry": ["Domain"],
        "HTTP": ["Domain", "Gzip", "Telemetry", "Wire"],
        "Server": [
            "Domain", "Policy", "Digest", "Engine", "Journal", "OpenRTB", "Text", "Wire", "HTTP",
            "Telemetry",
        ],
        "Proof": ["Domain", "Policy", "Digest", "Engine"],
        "TextReports": ["Domain", "Text"],
        "Load": ["Domain", "Wire"],
        "cairn": ["Domain", "Engine", "Load", "Proof", "Server", "Text", "TextReports"],
    ]
    /// What each may import of others.
    private static let libraries: [String: Set<String>] = [
        "Wire": ["NIOCore"],
        "Engine": ["Darwin", "Glibc"],
        "HTTP": [
            "CoreMetrics", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "NIOCore",
            "NIOHTTPTypes",
            "Synchronization",
        ],
        "Telemetry": ["CoreMetrics", "NIOConcurrencyHelpers", "Synchronization"],
        "Text": ["Foundation", "Glibc"],
        "Journal": ["Dispatch", "Foundation", "GRDB", "Glibc", "Synchronization"],
        "Proof": ["Dispatch", "Glibc", "Synchronization"],
        "TextReports": ["Foundation"],
        "Load": ["Foundation", "Histogram", "NIOCore", "NIOPosix"],
        "Server": [
            "CoreMetrics", "Dispatch", "Foundation", "Glibc", "Logging", "NIOConcurrencyHelpers",
            "NIOCore", "NIOPosix",
            "ServiceLifecycle",
            "Synchronization", "TOMLKit",
        ],
        "cairn": [
            "ArgumentParser", "CoreMetrics", "Foundation", "Logging", "NIOCore", "ServiceLifecycle",
            "UnixSignals",
        ],
    ]

    @Test("no file imports what its module may not", arguments: arrows.keys.sorted())
    func importsFollowTheArrows(module: String) throws {
        let allowed = (Self.arrows[module] ?? []).union(Self.libraries[module] ?? [])
        for file in try SourceTree.swiftFiles(below: "Sources/\(module)") {
            let strangers = try SourceTree.imports(of: file).subtracting(allowed)
            #expect(strangers.isEmpty, "\(file) imports \(strangers.sorted())")
        }
    }

    @Test("every module has its row in the table of arrows")
    func everyModuleIsKnown() throws {
        let languages = [
            "CCrypto", "FastJSON", "Gzip", "ShortestDecimal", "TextModel",
        ]  // no Swift in them
        let modules = try SourceTree.folders(in: "Sources").subtracting(languages)
        #expect(modules == Set(Self.arrows.keys))
    }

    @Test("C is called from the Core of Engine, Text, OpenRTB and HTTP alone")
    func coreHasFewDoors() throws {
        let doors = [
            ("Engine", "CSIMD"), ("Text", "CSIMD"), ("OpenRTB", "FastJSON"), ("HTTP", "Gzip"),
        ]
        for (module, core) in doors {
            for file in try SourceTree.swiftFiles(below: "Sources/\(module)")
            where try SourceTree.imports(of: file).contains(core) {
                #expect(file.contains("/\(module)/Core/"), "\(file) imports \(core)")
            }
        }
    }
}

@Suite("files")
struct FileTests {
    private static let linesMax = 500

    @Test("no file holds two ideas' worth of lines")
    func filesAreShort() throws {
        let files =
            try SourceTree.files(below: "Sources", "CSIMD", "Tests", "tools")
            .filter { file in [".swift", ".c", ".h", ".py"].contains(where: file.hasSuffix) }
        for file in files {
            let lines = try SourceTree.text(of: file).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= Self.linesMax, "\(file) has \(lines.count) lines")
        }
    }
}

/// The checkout that the tests were built from.
private enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func files(below folders: String...) throws -> [String] {
        try folders.flatMap { folder -> [String] in
            let names = try FileManager.default.subpathsOfDirectory(
                atPath: root.appending(path: folder).path())
            return names.map { "\(folder)/\($0)" }
        }
    }

    static func swiftFiles(below folder: String) throws -> [String] {
        try files(below: folder).filter { $0.hasSuffix(".swift") }
    }

    static func folders(in folder: String) throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(
                atPath: root.appending(path: folder).path()))
    }

    static func text(of file: String) throws -> String {
        try String(contentsOf: root.appending(path: file), encoding: .utf8)
    }

    /// The modules of a file's import lines.
    static func imports(of file: String) throws -> Set<String> {
        let lines = try text(of: file).split(separator: "\n")
        return Set(
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index < words.endIndex - 1,
                    words[..<index].allSatisfy({ $0.hasPrefix("@") || $0 == "package" })
                else { return nil }
                return String(words[index + 1])
            })
    }
}
