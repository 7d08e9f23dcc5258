import Domain
import Engine

/// Why an item stands where it stands, in sentences for a person: `WHYNOT`'s `why`.
///
/// They follow from the item, the surface, the user's settings and the terms of the score. Of what the
/// user said they know what EXPLAIN shows and no more.
struct Reasons {
    let report: Engine.StandingReport
    let surface: Surface
    let setup: Setup
    let clock: Timestamp

    var sentences: [String] {
        guard let item = report.item else { return ["no live item has this name"] }
        var sentences = [standing(of: item)]
        if let fatigue, fatigue < 0 {
            let times = report.showings == 1 ? "once" : "\(report.showings) times"
            sentences.append(
                "it was shown to the user \(times), which takes \(-fatigue) from its logit")
        }
        if item.isSensitive && surface.lane == .ads {
            sentences.append("it is on a sensitive matter, so no interest raises it on ads")
        }
        if !report.suppressed.isEmpty {
            sentences.append(
                "the user's interest in these topics raises no ad: "
                    + report.suppressed.joined(separator: ", "))
        }
        return sentences
    }

    private var fatigue: Double? {
        report.score.terms.first { $0.name == Term.fatigue.rawValue }?.value
    }

    private func standing(of item: ItemView) -> String {
        switch report.score.filter {
        case .unknown: "no live item has this name"
        case .kind:
            "it is a \(setup.kind(numbered: item.kind)), and the surface shows "
                + list(surface.kinds.map(\.text))
        case .created:
            "it begins at \(text(item.created)), and the request's clock is \(clock)"
        case .expired: "it ended at \(text(item.expires)), and the request's clock is \(clock)"
        case .region:
            "it is for \(list(item.details.regions)), and the region is \(report.region)"
        case .language:
            "it is for \(list(item.details.languages)), and the language is \(report.language)"
        case .floor:
            "its value of \(report.score.score) is \(surface.floor - report.score.score) below "
                + "the surface's floor of \(surface.floor)"
        case nil: rank
        }
    }

    private var rank: String {
        guard let rank = report.rank else {
            return "\(Limits.topMax) or more of \(report.candidates) candidates are better" + behind
        }
        let better =
            rank == 1
            ? "no candidate is better"
            : "\(rank - 1) of \(report.candidates) candidates are better"
        return rank <= Limits.topDefault ? better : better + behind
    }

    private var behind: String {
        guard let last = report.lastShownScore else { return "" }
        return "; it is \(last - report.score.score) behind the last of \(Limits.topDefault)"
    }

    private func text(_ time: Timestamp?) -> String { time?.description ?? "no time" }

    private func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
