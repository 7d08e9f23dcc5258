import Domain

/// A command as a client sends it, and as a person pastes it into redis-cli.
extension Step {
    /// The words, in the order of the protocol.
    package func words(in world: World) -> [[UInt8]] {
        var words = Words(world: world)
        switch command {
        case .item(let item):
            words.add("ITEM.ADD", item.id, "KIND", world.kind(ofItem: item.id))
            if let text = item.text { words.add("TEXT", world.texts[text].text) }
            words.add("BID", String(item.bid), "AUTHOR", world.author(ofItem: item.id))
        case .removeItem(let id): words.add("ITEM.DEL", id)
        case .user(let change): words.add(change, at: at)
        case .act(let act):
            words.add("SIGNAL", act.user, act.type.word, "ITEM", act.item)
            if let event = act.event { words.add("ID", event) }
            words.add("AT", instant(at))
        case .say(let saying): words.add(saying, at: at)
        case .suppress(let user, let topic):
            words.add("SUPPRESS", user, "TOPIC", world.topicName(topic))
        case .unsuppress(let user, let topic):
            words.add("UNSUPPRESS", user, "TOPIC", world.topicName(topic))
        case .retract(let user, let event): words.add("RETRACT", user, event)
        case .forget(let user): words.add("FORGET", user)
        case .surface(let name, let setting): words.add(setting, of: name)
        case .policy(let rule): words.add("POLICY.SET", Rule.all[rule].toml)
        case .rank(let request, let given, let top):
            words.add("RANK", request.user, "SURFACE", request.surface, "TOP", String(top))
            words.add(request, at: at)
            if let given {
                words.add("ITEMS")
                for id in given { words.add(id) }
            }
        case .explain(let request, let item):
            words.add("EXPLAIN", request.user, item, "SURFACE", request.surface)
            words.add(request, at: at)
        case .whyNot(let request, let item):
            words.add("WHYNOT", request.user, item, "SURFACE", request.surface)
            words.add(request, at: at)
        case .export(let user): words.add("EXPORT", user)
        }
        return words.words
    }

    package func line(in world: World) -> String {
        words(in: world).map(quoted).joined(separator: " ")
    }
}

extension Log {
    /// One command a line, for redis-cli.
    package func text(in world: World) -> String {
        steps.map { $0.line(in: world) }.joined(separator: "\n")
    }
}

/// An instant as people write it.
package func instant(_ milliseconds: Int64) -> String {
    do throws(DomainError) {
        return try Timestamp(milliseconds: milliseconds).description
    } catch {
        return String(milliseconds)
    }
}

private struct Words {
    let world: World
    private(set) var words: [[UInt8]] = []

    init(world: World) { self.world = world }

    mutating func add(_ more: String...) {
        for word in more { words.append(Array(word.utf8)) }
    }

    mutating func add(_ change: UserCommand, at time: Int64) {
        add("USER.SET", change.user)
        if let region = change.region { add("REGION", region) }
        if let notice = change.notice { add("NOTICE", instant(notice)) }
        if let links = change.links { add("LINKS", links.joined(separator: ",")) }
        add("AT", instant(time))
    }

    mutating func add(_ saying: SayCommand, at time: Int64) {
        add("SIGNAL", saying.user, saying.type.word)
        switch saying.about {
        case .message(let number): add("TEXT", world.messages[number].text)
        case .topic(let number): add("TOPIC", world.topicName(number))
        case .item(let id): add("ITEM", id)
        case .vector:
            add("VECTOR", "text")
            words.append(World.vectorBytes)
        }
        add("MODALITY", saying.isSpoken ? "voice" : "text")
        if let product = saying.product { add("PRODUCT", product) }
        if let label = saying.label { add("SENSITIVE", label.word) }
        if let event = saying.event { add("ID", event) }
        add("AT", instant(time))
    }

    mutating func add(_ setting: SurfaceSetting, of name: String) {
        add("SURFACE.SET", name)
        switch setting {
        case .product(let product): add("PRODUCT", product)
        case .chatWeight(let weight): add("WEIGHT", "chat.text", String(weight))
        case .chatsCount(let count): add("SIGNALS", "chat", String(count))
        case .behaviourCount(let count): add("SIGNALS", "behaviour", String(count))
        case .chatHalfLifeDays(let days): add("HALFLIFE", "chat", String(days * 86_400))
        case .chatsLinear(let isLinear): add("SHAPE", "chat", isLinear ? "linear" : "positive")
        }
    }

    mutating func add(_ request: RequestCommand, at time: Int64) {
        if let region = request.region { add("REGION", region) }
        for context in request.contexts {
            switch context {
            case .message(let number): add("CONTEXT", "TEXT", world.messages[number].text)
            case .topic(let number): add("CONTEXT", "TOPIC", world.topicName(number))
            case .item(let id): add("CONTEXT", "ITEM", id)
            }
        }
        add("AT", instant(time))
    }
}

/// A word as redis-cli reads it: in quotes unless it is plain.
private func quoted(_ word: [UInt8]) -> String {
    let isPlain = !word.isEmpty && word.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 }
    if isPlain { return String(decoding: word, as: UTF8.self) }
    let digits = Array("0123456789abcdef")
    var text = "\""
    for byte in word {
        switch byte {
        case 0x0A: text += "\\n"
        case 0x22, 0x5C: text += "\\" + String(UnicodeScalar(byte))
        case 0x20...0x7E: text += String(UnicodeScalar(byte))
        default: text += "\\x" + String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        }
    }
    return text + "\""
}
