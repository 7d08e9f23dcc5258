import Foundation
import NIOCore
import Synchronization

@testable import Load

extension LoadPlan {
    /// A short run of templates against a server of this process.
    static func templates(
        _ templates: String..., port: Int, change: (inout LoadPlan) throws -> Void = { _ in }
    ) throws -> LoadPlan {
        var plan = try LoadPlan()
        plan.target.port = port
        plan.work = .templates(try templates.map { try CommandTemplate($0) })
        plan.population.users = 100
        plan.population.items = 100
        plan.connections = 1
        plan.warmupSeconds = 0
        plan.seconds = 0.3
        plan.rate = 1_000
        // Replies are waited for as long as a slow machine needs.
        plan.drainSeconds = 60
        try change(&plan)
        return plan
    }

    func measured() async throws -> RunSummary {
        try await LoadSession.with(self) { try await $0.measure() }
    }
}

extension CommandWriter {
    /// What has been written, command by command.
    var commands: [[String]] {
        var words: [[String]] = []
        var lines = String(buffer: bytes).components(separatedBy: "\r\n").makeIterator()
        while let head = lines.next(), let count = Int(head.dropFirst()) {
            words.append(
                (0..<count).compactMap { _ in
                    _ = lines.next()
                    return lines.next()
                })
        }
        return words
    }
}

/// What was reported while a run went on.
final class ProgressLog: Sendable {
    private let told = Mutex<[String]>([])

    var lines: [String] { told.withLock { $0 } }

    var add: LoadSession.Report {
        { progress in self.told.withLock { $0.append(progress.line) } }
    }
}
