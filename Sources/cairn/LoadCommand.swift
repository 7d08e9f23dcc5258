import ArgumentParser
import Foundation
import Load
import Server

/// `cairn load`: measures a server under load, and does not flatter it.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Loads a server with requests on a schedule and measures how it bears them.",
        discussion: """
            Requests are due at instants that do not depend on replies, and latency counts from the \
            instant at which a request was due: while the server stalls, what would have been asked \
            grows old and shows. The first call loads items and users, later ones can leave that out:

                cairn load --rate 5000 --html report.html
                cairn load --no-setup --rate 5000 --baseline before.json
                cairn load --no-setup --sweep --html knee.html

            Any other server that speaks RESP is asked by templates:

                cairn load --port 6379 --setup-command "SET key:{seq} {bytes:800}" \\
                    --command "GET key:{user}" --rate 20000

            Templates have the placeholders {user}, {item}, {int:A-B}, {bytes:N} and {seq}; '9: GET \
            key:{user}' comes nine times as often as a template without a weight.

            The knee, which --sweep looks for, is the highest rate at which replies without an error \
            are at least --goodput-min of the requests and the p99 is at most --p99-max. A rate that \
            fails is tried a second time before it is believed.

            What the generator could not keep up with, it says: sends that came late although a \
            connection had room (--lateness-max), its threads' share of a core, and how long they \
            waited for one.

            Exit codes: 0 well, 1 the baseline failed or nothing was answered, 65 a baseline that \
            cannot be compared, 69 the server cannot be reached or refuses the setup.
            """)

    @OptionGroup(title: "Whom to ask") var target: LoadTargetOptions
    @OptionGroup(title: "How often and how long") var pace: LoadPaceOptions
    @OptionGroup(title: "For what") var work: LoadWorkOptions
    @OptionGroup(title: "What to do with the result") var output: LoadOutputOptions

    func validate() throws {
        do { _ = try plan() } catch let error as LoadError {
            throw ValidationError(error.message)
        }
    }

    func run() async throws {
        do {
            try await measure()
        } catch let error as LoadError {
            ProgressLine.complain("cairn load: \(error.message)")
            switch error {
            case .file, .incomparable: throw ExitCode(65)
            case .connect, .setup: throw ExitCode(69)
            case .setting, .template: throw ExitCode(64)
            }
        }
    }

    private func plan() throws -> (LoadPlan, SweepPlan, Tolerances) {
        var plan = try LoadPlan()
        target.apply(to: &plan)
        let sweep = try pace.apply(to: &plan)
        try work.apply(to: &plan)
        try plan.check()
        return (plan, sweep, try output.tolerances())
    }

    private func measure() async throws {
        let (plan, sweepPlan, tolerances) = try self.plan()
        let before = try output.baseline.map(LoadResult.read)
        let progress = ProgressLine(isOn: output.progress)
        let startedAt = Date()
        let (run, sweep) = try await LoadSession.with(plan, report: progress.report) { session in
            if work.setup { try await session.setUp() }
            guard pace.sweep else { return (try await session.measure(), SweepSummary?.none) }
            let (sweep, run) = try await session.sweep(sweepPlan, from: plan.rate) { step in
                progress.clear()
                ProgressLine.complain(TerminalReport.line(of: step))
            }
            return (run, sweep)
        }
        progress.clear()
        var result = LoadResult(
            plan, version: CairnVersion.current, startedAt: startedAt, run: run, sweep: sweep)
        var incomparable: LoadError?
        if let before {
            // The result is kept even when it cannot be judged.
            do throws(LoadError) {
                result.verdict = try Verdict(result, against: before, tolerances)
            } catch { incomparable = error }
        }
        try output.write(result)
        if let incomparable { throw incomparable }
        let isWell = run.answered > 0 && result.verdict?.isPassed ?? true
        if !isWell { throw ExitCode(1) }
    }
}
