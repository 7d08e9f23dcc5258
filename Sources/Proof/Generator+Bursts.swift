import Domain

extension Mix {
    /// More of something than a ring shows.
    enum Burst {
        /// Chats to one product, then a sensitive one.
        case chats
        /// Likes of flagged items, behind some of others.
        case flagged
        /// Signals of one class, of which some are taken back.
        case retracted
    }

    func bursting(_ bursts: Burst...) -> Mix {
        var mix = self
        mix.bursts = bursts
        return mix
    }
}

/// Logs in which rings wrap.
extension Generator {
    mutating func appendBurst(_ burst: Mix.Burst, to log: inout Log) {
        switch burst {
        case .chats: appendChats(to: &log)
        case .flagged: appendFlagged(to: &log)
        case .retracted: appendRetracted(to: &log)
        }
    }

    private static let start = Rule.effectiveInstant + 12 * Rule.day

    private mutating func chat(of user: String, _ messages: [Int]) -> SayCommand {
        var saying = SayCommand(user: user, type: .chat, about: .message(random.pick(messages)))
        saying.product = "app"
        return saying
    }

    private mutating func appendChats(to log: inout Log) {
        let user = random.pick(mix.users)
        let messages = [random.pick(world.usableMessages), random.pick(world.usableMessages)]
        for number in 0..<66 {
            log.append(.say(chat(of: user, messages)), at: Self.start + Int64(number))
        }
        let last = chat(of: user, world.unusableMessages)
        log.append(.say(last), at: Self.start + 100)
    }

    private mutating func appendFlagged(to log: inout Log) {
        let user = random.pick(mix.users)
        let plain = World.items.filter { !$0.isFlagged }.map(\.id)
        let flagged = World.items.filter(\.isFlagged).map(\.id)
        let (type, ringMax) = random.pick([
            (SignalType.like, Limits.behaviourRingMax), (.view, Limits.viewRingMax),
            (.view, Limits.viewRingMax), (.report, Limits.negativeRingMax),
            (.hide, Limits.negativeRingMax),
        ])
        for number in 0..<3 {
            let act = ActCommand(user: user, type: type, item: random.pick(plain))
            log.append(.act(act), at: Self.start + Int64(number))
        }
        for number in 0..<ringMax {
            let act = ActCommand(user: user, type: type, item: random.pick(flagged))
            log.append(.act(act), at: Self.start + Int64(10 + number))
        }
        appendRequest(of: user, World.ads, to: &log)
    }

    /// So many signals that some are in the reserve or gone, of which a few are taken back; others
    /// come meanwhile, some of them late.
    private mutating func appendRetracted(to log: inout Log) {
        let user = random.pick(mix.users)
        let (type, visible, reserve) = random.pick([
            (SignalType.chat, Limits.chatRingMax, Limits.chatReserveMax),
            (.chat, Limits.chatRingMax, Limits.chatReserveMax),
            (.view, Limits.viewRingMax, Limits.viewReserveMax),
            (.hide, Limits.negativeRingMax, Limits.negativeReserveMax),
            (.like, Limits.behaviourRingMax, Limits.behaviourReserveMax),
        ])
        var events: [String] = []
        for number in 0..<(visible + random.below(reserve + 12)) {
            events.append(appendSignal(of: user, type, at: Int64(number), to: &log))
        }
        for number in 0..<random.below(12) {
            if random.below(3) == 0 {
                _ = appendSignal(
                    of: user, type, at: Int64(random.below(events.count + number)), to: &log)
            } else {
                // Mostly of those that requests look at.
                let newest = events.suffix(random.below(4) == 0 ? events.count : visible)
                log.append(.retract(user: user, event: random.pick(Array(newest))), at: 0)
            }
        }
        appendRequest(of: user, random.pick(World.surfaces), to: &log)
    }

    private mutating func appendSignal(
        of user: String, _ type: SignalType, at time: Int64, to log: inout Log
    ) -> String {
        let event = newEvent()
        if type == .chat {
            var saying = chat(of: user, world.usableMessages)
            saying.event = event
            log.append(.say(saying), at: Self.start + time)
        } else {
            var act = ActCommand(user: user, type: type, item: random.pick(World.items).id)
            act.event = event
            log.append(.act(act), at: Self.start + time)
        }
        return event
    }

    private mutating func appendRequest(of user: String, _ surface: String, to log: inout Log) {
        let request = RequestCommand(user: user, surface: surface)
        log.append(
            random.chance(oneIn: 2)
                ? .rank(request, given: nil, top: 9)
                : .explain(request, item: random.pick(World.items).id),
            at: Rule.effectiveInstant + 40 * Rule.day)
    }
}
