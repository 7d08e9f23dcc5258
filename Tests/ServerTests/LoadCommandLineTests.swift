import Foundation
import Testing

/// `cairn load` as a program: files, exit codes, and words for people.
@Suite(.serialized) struct LoadCommandLineTests {
    @Test func `the help defines the knee and names every setting`() async throws {
        let help = try await Program.run(["load", "--help"])
        #expect(help.status == 0)
        for word in [
            "--rate", "--arrivals", "--sweep", "--closed", "--p99-max", "--goodput-min", "--mix",
            "--command", "--setup-command", "--no-setup", "--user-alpha", "--candidates",
            "--candidates-alpha", "--form", "--budget", "--connections", "--pipeline", "--threads",
            "--warmup", "--duration", "--drain", "--seed", "--baseline", "--tolerance", "--json",
            "--csv", "--html", "--progress", "--password", "--lateness-max",
        ] {
            #expect(help.output.contains(word), "\(word)")
        }
        #expect(help.output.contains("The knee"))
    }

    @Test func `a run writes its files, and passes against itself`() async throws {
        try await TestServer.with { server in
            let folder = try TemporaryFolder()
            let common =
                [
                    "load", "--port", "\(server.port)", "--items", "100", "--users", "10",
                    "--likes", "2", "--chats", "1", "--candidates", "5-20", "--top", "5",
                    "--rate", "200", "--duration", "0.5", "--warmup", "0", "--drain", "60",
                ]
            let json = folder.path("run.json")
            let first = try await Program.run(
                common + [
                    "--json", json, "--csv", folder.path("run.csv"), "--html",
                    folder.path("run.html"),
                ])
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.contains("open loop (poisson), 200/s, 0.5 s"))
            #expect(first.output.contains("errors 0"))
            #expect(first.errors.isEmpty)
            #expect(try folder.text("run.csv").contains("\n0,"))
            #expect(try folder.text("run.html").hasPrefix("<!DOCTYPE html>"))
            let loose = "throughput=100%,p50=10000000%,p90=10000000%,p99=10000000%"
            let again = try await Program.run(
                common + ["--no-setup", "--baseline", json, "--tolerance", loose])
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.output.contains("baseline   passed"))
            let other = try await Program.run(
                common + ["--no-setup", "--baseline", json, "--pipeline", "3"])
            #expect(other.status == 65)
            #expect(other.errors.contains("other settings: pipeline was 16, is 3"))
            let wrong = try await Program.run(
                common + [
                    "--no-setup", "--surface", "nowhere", "--mix", "rank=1", "--progress",
                ])
            #expect(wrong.status == 1)
            #expect(wrong.output.contains("nothing was answered"))
        }
    }

    @Test(arguments: [
        (["--command", "GET {usr}"], 64, "--command 'GET {usr}': column 5: '{usr}' is none of"),
        (["--rate", "0"], 64, "--rate: 0.0 is not within 0.001 to 10000000.0"),
        (["--mix", "rank"], 64, "--mix: 'rank' is not NAME=WEIGHT"),
        (["--closed", "--sweep"], 64, "--closed: a closed loop has no rate to sweep"),
        (["--threads", "20"], 64, "--threads: 20 need as many connections, got 16"),
        (["--port", "1"], 69, "cannot connect to 127.0.0.1:1: Connection refused"),
        (["--baseline", "/nonexistent"], 65, "/nonexistent: cannot be read"),
    ])
    func `what cannot be done is said, with an exit code`(
        _ arguments: [String], _ status: Int32, _ message: String
    ) async throws {
        let ended = try await Program.run(["load", "--no-setup"] + arguments)
        #expect(ended.status == status)
        #expect(ended.errors.contains(message), "\(ended.errors)")
    }
}

/// A folder, gone with this value.
private final class TemporaryFolder: Sendable {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("cairn-load-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }
}
