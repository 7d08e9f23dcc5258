import Foundation
import Testing

/// A run of the built program `cairn`; ended, if nothing else ends it, with this value.
final class Program: @unchecked Sendable {
    struct Ended {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Lies beside the program of the tests.
    private static let executable = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("cairn")

    private let process = Process()
    private let output = Pipe()
    private let errors = Drain()
    private var written = Data()

    /// - Parameter fileBlocksMax: No file of the program may grow past so many blocks of 512 bytes,
    ///   until `liftFileLimit`.
    init(_ arguments: [String], isa: String? = nil, fileBlocksMax: Int? = nil) throws {
        if let fileBlocksMax {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments =
                [
                    "-c", "trap '' XFSZ; ulimit -S -f \(fileBlocksMax); exec \"$0\" \"$@\"",
                    Self.executable.path,
                ] + arguments
        } else {
            process.executableURL = Self.executable
            process.arguments = arguments
        }
        var environment = ProcessInfo.processInfo.environment
        environment["CAIRN_ISA"] = isa
        process.environment = environment
        process.standardOutput = output
        process.standardError = errors.pipe
        try process.run()
        errors.start()
    }

    deinit { if process.isRunning { process.terminate() } }

    /// Runs the program to its end.
    static func run(_ arguments: [String], isa: String? = nil) async throws -> Ended {
        await (try Program(arguments, isa: isa)).ended()
    }

    var identifier: Int32 { process.processIdentifier }

    func liftFileLimit() throws {
        let lifting = try Process.run(
            URL(fileURLWithPath: "/usr/bin/prlimit"),
            arguments: ["--pid", "\(identifier)", "--fsize=unlimited:unlimited"])
        lifting.waitUntilExit()
    }

    /// The port that it says it is ready on.
    func port() async throws -> Int {
        await onThread { [self] in
            while written.last != UInt8(ascii: "\n") {
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { break }
                written += more
            }
        }
        let line = String(decoding: written, as: UTF8.self)
        return try #require(line.split(separator: ":").last.flatMap { Int($0.dropLast()) })
    }

    func end(by signal: Int32) async -> Ended {
        kill(process.processIdentifier, signal)
        return await ended()
    }

    private func ended() async -> Ended {
        await onThread { [self] in
            written += output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Ended(
                status: process.terminationStatus, output: String(decoding: written, as: UTF8.self),
                errors: errors.text)
        }
    }

    private func onThread<Result: Sendable>(
        _ body: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}

/// Reads a pipe to its end as it comes: a program that logs much would else stand still.
private final class Drain: @unchecked Sendable {
    let pipe = Pipe()
    private let isDone = DispatchSemaphore(value: 0)
    private var bytes = Data()

    func start() {
        Thread.detachNewThread { [self] in
            bytes = pipe.fileHandleForReading.readDataToEndOfFile()
            isDone.signal()
        }
    }

    /// All of it; blocks until the end has come.
    var text: String {
        isDone.wait()
        defer { isDone.signal() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
