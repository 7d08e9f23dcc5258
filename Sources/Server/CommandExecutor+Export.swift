import Domain
import Engine
import NIOCore
import Wire

/// `EXPORT`: all that is held about a user, as one JSON text that the person could be sent.
extension CommandExecutor {
    /// Null when nothing is held about the user. The text is written signal by signal, and is no
    /// longer than `Limits.exportBytesMax`; an error when this server lets out less.
    func export(_ id: UserID, writer: inout ReplyWriter) {
        guard let export = shared.engine.export(id, ranker: ranker) else { return writer.null() }
        var json = JSONWriter()
        json.beginObject(settings(of: export.settings, id: id))
        json.list("signals", of: export.signals, describe)
        json.list("reserve", of: export.reserve, describe)
        json.list("impressions", of: export.impressions, describe)
        json.endObject()
        let outputBytesMax = shared.configuration.outputBytesMax
        guard json.buffer.readableBytes < outputBytesMax else {
            shared.counters.commandErrors.increment()
            return writer.error(
                "ERR the export has \(json.buffer.readableBytes) bytes, and output_bytes_max is "
                    + "\(outputBytesMax)", code: .limitReached)
        }
        writer.json(text: json.buffer.readableBytesUInt8Span)
    }

    private func settings(of user: Engine.UserDescription, id: UserID) -> [Reply.Field] {
        [
            Reply.Field("user", .bulk(id.text)),
            Reply.Field("region", .bulk(user.regions.last?.region.description ?? "unknown")),
            Reply.Field("regions", regions(of: user)),
            Reply.Field("notice", optional(user.notice?.description)),
            Reply.Field("links", .array(user.links.map { .bulk($0.text) })),
            Reply.Field("language", .bulk(user.language.description)),
            Reply.Field("suppressed", .array(user.suppressed.map(Reply.bulk))),
        ]
    }

    private func describe(_ signal: UserExport.Signal) -> Reply {
        var fields = [
            Reply.Field("type", .bulk(signal.type.word)),
            Reply.Field("at", .bulk(signal.at.description)),
        ]
        switch signal.about {
        case .item(let item):
            fields.append(Reply.Field("item", .bulk(item)))
            if signal.isFlagged { fields.append(Reply.Field("flagged", .boolean(true))) }
        case .topics(let topics):
            fields.append(Reply.Field("topics", .array(topics.map(describe))))
        case .vector(let space, let values):
            fields.append(Reply.Field("space", .bulk(space.rawValue)))
            fields.append(Reply.Field("vector", .array(values.map { .integer(Int($0)) })))
        }
        if signal.signals == .chat {
            fields.append(Reply.Field("product", optional(signal.product?.text)))
        }
        fields.append(Reply.Field("event_hash", hash(signal.event)))
        return .map(fields)
    }

    /// Weights are between 0 and 1, to a thousandth: finer than they are kept.
    private func describe(_ topic: UserExport.Signal.Topic) -> Reply {
        let thousandths = (Double(topic.weight) * 1_000 / 255).rounded()
        return ["topic": .bulk(topic.name), "weight": .double(thousandths / 1_000)]
    }

    private func describe(_ impression: UserExport.Impression) -> Reply {
        [
            "item": .bulk(impression.item),
            "count": .integer(impression.count),
            "last": .bulk(impression.last.description),
            "newest": .array(
                impression.newest.map {
                    ["at": .bulk($0.at.description), "event_hash": hash($0.event)]
                }),
        ]
    }

    /// What is kept of an event's identifier, as 16 hexadecimal digits; null when it had none.
    private func hash(_ event: UInt64) -> Reply {
        guard event != 0 else { return .null }
        let digits = String(event, radix: 16)
        return .bulk(String(repeating: "0", count: 16 - digits.count) + digits)
    }
}
