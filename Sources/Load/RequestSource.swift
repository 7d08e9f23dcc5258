/// Where the next request of a loop comes from.
enum RequestSource: Sendable {
    case none
    case mix(MixSource)
    case templates(TemplateSource)
    case setup(SetupSource)
    case templateSetup(TemplateSetupSource)

    /// Writes one command; returns the number of its kind, or `nil` at the end, which only a setup
    /// has.
    mutating func next(into writer: inout CommandWriter) -> Int? {
        switch self {
        case .none: return nil
        case .mix(var source):
            let kind = source.next(into: &writer)
            self = .mix(source)
            return kind
        case .templates(var source):
            let kind = source.next(into: &writer)
            self = .templates(source)
            return kind
        case .setup(var source):
            let kind = source.next(into: &writer)
            self = .setup(source)
            return kind
        case .templateSetup(var source):
            let kind = source.next(into: &writer)
            self = .templateSetup(source)
            return kind
        }
    }

    /// The work of a plan, for one of its loops.
    static func work(of plan: LoadPlan, share: Int, of shares: Int) -> RequestSource {
        let random = RandomSource(seed: plan.seed, stream: UInt64(share))
        return switch plan.work {
        case .mix(let mix): .mix(MixSource(mix, plan, random))
        case .templates(let templates): .templates(TemplateSource(templates, plan, random))
        }
    }
}
