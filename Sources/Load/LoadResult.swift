import Foundation

/// A result as it is kept in a file: what was asked, what was found, and on what.
package struct LoadResult: Codable, Equatable, Sendable {
    /// Names the form of the file; another number is another form.
    package static let formatNow = "cairn load 1"

    package var format = Self.formatNow
    package var cairnVersion: String
    package var startedAt: String
    package var target: String
    package var machine: String
    /// What makes results comparable, in the words of the command line.
    package var settings: [String: String]
    package var warmupSeconds: Double
    /// The run; of a sweep the one at the knee.
    package var run: RunSummary
    package var sweep: SweepSummary?
    package var verdict: Verdict?

    package init(
        _ plan: LoadPlan, version: String, startedAt: Date, run: RunSummary,
        sweep: SweepSummary? = nil
    ) {
        cairnVersion = version
        self.startedAt = startedAt.formatted(.iso8601)
        target = plan.target.name
        let info = ProcessInfo.processInfo
        machine = "\(info.activeProcessorCount) cores, \(info.operatingSystemVersionString)"
        settings = plan.settings
        warmupSeconds = plan.warmupSeconds
        self.run = run
        self.sweep = sweep
    }

    // MARK: Files

    package static func read(_ path: String) throws(LoadError) -> LoadResult {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw .file(path, reason: "cannot be read")
        }
        guard let header = try? JSONDecoder().decode(Header.self, from: data) else {
            throw .file(path, reason: "is no result of cairn load")
        }
        guard header.format == formatNow else {
            throw .file(path, reason: "has the form '\(header.format)', not '\(formatNow)'")
        }
        do { return try JSONDecoder().decode(LoadResult.self, from: data) } catch {
            throw .file(path, reason: "is a damaged result of cairn load")
        }
    }

    private struct Header: Codable {
        var format: String
    }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("a result holds a number that JSON has no word for")
        }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// The time series, a second a line; a second is that in which requests were due. Times are
    /// microseconds. The first line names the columns, and lines with `#` before it say what was
    /// wrong with the run.
    package var csv: String {
        var text = ""
        for reason in run.generator.reasons { text += "# generator: \(reason)\n" }
        for error in run.errors { text += "# error: \(error.word) \(error.count)\n" }
        text += "second,scheduled,answered,errors,p50_us,p99_us,max_us\n"
        for second in run.series {
            text += "\(second.second),\(second.scheduled),\(second.answered),\(second.errors),"
            text += "\(second.p50),\(second.p99),\(second.max)\n"
        }
        return text
    }
}
