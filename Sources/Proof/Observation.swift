import Domain
import Engine
import Policy

/// What a machine answered to one step: all of it as text, and for some commands the parts.
struct Observation: Sendable {
    /// Every byte that the answer consists of, but for the time that it took.
    var reply: [UInt8] = []
    var verdict: Oracle.Verdict?
    var ranking: [Ranked] = []
    var report: Engine.ScoreReport?
    /// Whether the report says that a filter keeps the item out, where one does.
    var tellsFilter = true
    /// Of an export, the part that no request can see.
    var reserve: [UInt8] = []

    struct Ranked: Equatable {
        let id: String
        let score: Double
    }

    var text: String { String(decoding: reply, as: UTF8.self) }

    mutating func write(_ text: String) { reply.append(contentsOf: text.utf8) }

    /// The shortest decimal that reads back to the same double.
    mutating func write(_ number: Double) { write(number.description) }

    mutating func write(_ number: some BinaryInteger) { write(String(number)) }
}

extension Observation {
    mutating func write(_ report: Engine.ScoreReport) {
        if let filter = report.filter { write("filter \(filter.rawValue) ") }
        write("score ")
        write(report.score)
        write(" p ")
        write(report.probability)
        write(" logit ")
        write(report.logit)
        write(" bid ")
        write(report.bidMicros)
        write(" gates \(report.gates.map(\.rawValue))")
        for term in report.terms {
            write("\n  \(term.name) ")
            write(term.value)
            if let scale = term.scale {
                write(" scale ")
                write(scale)
            }
            for signal in term.signals {
                write("\n    \(signal.type) \(signal.about) age ")
                if let age = signal.ageSeconds { write(age) }
                write(" weight ")
                write(signal.weight)
                write(" share ")
                write(signal.share)
            }
        }
    }

    mutating func write(_ export: UserExport) {
        let settings = export.settings
        write("notice \(settings.notice?.description ?? "-") links \(settings.links)")
        write(" language \(settings.language) suppressed \(settings.suppressed)")
        for period in settings.regions { write("\n  \(period.from) \(period.region)") }
        for signal in export.signals { write(signal) }
        for impression in export.impressions {
            write("\n  shown \(impression.item) \(impression.count) \(impression.last)")
            for showing in impression.newest { write(" \(showing.at) \(showing.event)") }
        }
        var behind = Observation()
        for signal in export.reserve { behind.write(signal) }
        reserve = behind.reply
    }

    private mutating func write(_ signal: UserExport.Signal) {
        write("\n  \(signal.type.word) \(signal.at) ")
        write(signal.product?.text ?? "-")
        write(" ")
        write(signal.event)
        switch signal.about {
        case .item(let id): write(signal.isFlagged ? " flagged \(id)" : " item \(id)")
        case .topics(let topics):
            for topic in topics {
                write(" \(topic.name) ")
                write(topic.weight)
            }
        case .vector(let space, let values): write(" \(space) \(values)")
        }
    }
}
