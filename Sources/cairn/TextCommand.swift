import ArgumentParser
import Domain
import Foundation
import Server
import Text
import TextReports

/// `cairn text`: what the text models make of messages, for people and for measurements.
struct TextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text",
        abstract: "Shows and measures what the text models make of messages.",
        discussion: """
            The server reads chats with two models: one turns words into directions and topics, the \
            other, the gate, tells whether a message is about a sensitive matter. These commands run \
            the same models on a file or on what you type. Nothing is sent anywhere or kept.
            """,
        subcommands: [Classify.self, Evaluate.self, Embed.self, Topics.self])

    struct Models: ParsableArguments {
        @Option(help: ArgumentHelp("Another file of the gate.", valueName: "file"))
        var gate: String?

        func load() throws -> (model: TextModel, reader: MessageReader) {
            try useInstructionSet()
            do throws(TextModelError) {
                let model = try TextModel.embedded()
                let path = gate ?? SensitiveGate.shippedPath
                let loaded = try SensitiveGate(path: path, model: model)
                return (model, try MessageReader(model: model, gate: loaded))
            } catch {
                throw ValidationError(error.message(of: "gate"))
            }
        }
    }

    /// One JSON line for each row.
    struct Classify: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable { case jsonl }

        static let configuration = CommandConfiguration(
            abstract: "Reads a table of messages and prints a JSON line for each row, in order.")

        @OptionGroup var models: Models
        @Option(help: "A file of tab-separated values; its first line names the columns.")
        var input: String
        @Option(help: "The column with the messages.")
        var column = "text"
        @Option(help: "How to print.")
        var format = Format.jsonl

        func run() throws {
            let texts = try table(input, columns: [column])[0]
            let (model, reader) = try models.load()
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            for text in texts {
                let found = Classification(text, reader: reader, model: model)
                try write(encoder.encode(found))
            }
        }
    }

    /// Recall, false blocks, leak, topics and speed on labelled messages.
    struct Evaluate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures the models on labelled messages.",
            discussion: """
                Labels are none, religion, sexuality, politics, health, ethnicity, philosophy and \
                union. Blocked is the share that the gate calls sensitive; used for ads the share \
                that passes every gate, which for sensitive messages is the leak. A topic is near \
                when its name's direction is within a cosine of 0.5 of the label's.
                """)

        @OptionGroup var models: Models
        @Option(help: "A file of tab-separated values; its first line names the columns.")
        var input: String
        @Option(help: "The column with the messages.")
        var textColumn = "text"
        @Option(help: "The column with their labels.")
        var labelColumn = "label"
        @Option(help: "The column with the topic that a person gave; '-' or empty for none.")
        var topicColumn: String?
        @Flag(help: "Prints JSON instead of a table.")
        var json = false

        func run() throws {
            let columns = try table(
                input, columns: [textColumn, labelColumn] + (topicColumn.map { [$0] } ?? []))
            let (model, reader) = try models.load()
            let nearness = TopicNearness(model: model)
            var evaluation = Evaluation()
            var seconds = 0.0
            for (index, text) in columns[0].enumerated() {
                let start = ContinuousClock.now
                let found = Classification(text, reader: reader, model: model)
                seconds += (ContinuousClock.now - start) / .seconds(1)
                evaluation.add(
                    label: columns[1][index], topic: columns.count > 2 ? columns[2][index] : nil,
                    found, nearness: nearness)
            }
            evaluation.finish(seconds: seconds)
            guard json else { return print(evaluation.table) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try write(encoder.encode(evaluation))
        }
    }

    /// A text's direction.
    struct Embed: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the direction of a text: 128 whole numbers, length 127.")

        @Argument(help: "The text.")
        var text: String

        func run() throws {
            let bytes = try checked(text)
            let row = try loadTextModel().embed(bytes.span)
            print((0..<Limits.textDimension).map { "\(row[$0])" }.joined(separator: " "))
        }
    }

    /// What a person would call the text's topics.
    struct Topics: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Prints the language, the sensitive category if any, and the topics of a text.")

        @OptionGroup var models: Models
        @Argument(help: "The text.")
        var text: String

        func run() throws {
            _ = try checked(text)
            let (model, reader) = try models.load()
            let found = Classification(text, reader: reader, model: model)
            print("language   \(found.language)")
            print("sensitive  \(found.sensitive ? found.category ?? "not judged" : "no")")
            for topic in found.topics {
                let percent = Int((topic.cosine * 100).rounded())
                print("topic      \(topic.name) (cosine 0.\(percent < 10 ? "0" : "")\(percent))")
            }
            print("ads        \(found.ads.used ? "used" : "not used: \(found.ads.why)")")
        }
    }
}

private func table(_ path: String, columns: [String]) throws -> [[String]] {
    do throws(TSVTable.Failure) {
        let table = try TSVTable(path: path)
        var found: [[String]] = []
        for column in columns { found.append(try table[column: column]) }
        return found
    } catch {
        throw ValidationError(error.message)
    }
}

private func checked(_ text: String) throws -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.count <= Limits.textBytesMax else {
        throw ValidationError("a text has at most \(Limits.textBytesMax) bytes")
    }
    return bytes
}

/// CAIRN_ISA counts here too: all instruction sets say the same.
private func useInstructionSet() throws {
    do throws(ConfigurationError) {
        try CairnServer.useInstructionSet()
    } catch {
        throw ValidationError(error.message)
    }
}

private func loadTextModel() throws -> TextModel {
    try useInstructionSet()
    do throws(TextModelError) {
        return try TextModel.embedded()
    } catch {
        throw ValidationError(error.message())
    }
}

private func write(_ line: Data) throws {
    try FileHandle.standardOutput.write(contentsOf: line + [UInt8(ascii: "\n")])
}
