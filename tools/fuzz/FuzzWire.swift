// The libFuzzer target for what a peer can send: the RESP decoder and the command parser.
//
// It holds that nothing traps; that bytes mean the same in one piece and cut in pieces; and that a
// command which parses still parses, to the same, when its arguments are encoded again.

import Domain
import NIOCore
import Wire

/// Called by libFuzzer with one input after the other.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWire(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    let whole = Outcome(feeding: bytes, cutAt: [])
    // The input itself chooses where it is cut, so that every finding can be repeated.
    var cuts: [Int] = []
    var state = UInt64(count) &+ 0x9E37_79B9
    while cuts.count < 8, count > 0 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        cuts.append(Int((state >> 33) % UInt64(count)))
    }
    let cut = Outcome(feeding: bytes, cutAt: cuts.sorted())
    precondition(whole == cut, "the pieces mean something else than the whole")
    if count <= 256 {
        let single = Outcome(feeding: bytes, cutAt: Array(0..<count))
        precondition(whole == single, "single bytes mean something else than the whole")
    }
    for step in whole.steps { step.checkEncodingAgain() }
    return 0
}

/// What a connection makes of its bytes.
private struct Outcome: Equatable {
    /// One command, or what is wrong with it.
    enum Step: Equatable {
        case command([[UInt8]], Command)
        case refused([[UInt8]], CommandError)
        case empty

        init(_ arguments: CommandArguments) {
            guard !arguments.isEmpty else {
                self = .empty
                return
            }
            do { self = .command(arguments.copied(), try CommandParser.parse(arguments)) } catch {
                precondition(!error.message.isEmpty)
                self = .refused(arguments.copied(), error)
            }
        }

        /// Ranges move with the lengths in front of them, so commands are compared as texts are:
        /// by what the arguments hold, which is equal, and by the case and values they parse to.
        static func == (left: Step, right: Step) -> Bool {
            switch (left, right) {
            case (.command(let a, let first), .command(let b, let second)):
                a == b && first.name == second.name
            case (.refused(let a, let first), .refused(let b, let second)):
                a == b && first == second
            case (.empty, .empty): true
            default: false
            }
        }

        /// Encodes the arguments again and holds that they mean what they meant.
        func checkEncodingAgain() {
            let arguments: [[UInt8]]
            switch self {
            case .command(let copied, _), .refused(let copied, _): arguments = copied
            case .empty: return
            }
            var writer = ReplyWriter()
            writer.array(count: arguments.count)
            for argument in arguments { writer.bulk(argument.span) }
            let encoded = [UInt8](writer.buffer.readableBytesView)
            let again = Outcome(feeding: encoded, cutAt: [])
            precondition(again.error == nil && again.bytesLeft == 0, "the encoding is not RESP")
            precondition(again.steps == [self], "the encoding means something else")
        }
    }

    var steps: [Step] = []
    var error: WireError?
    var bytesLeft = 0

    init(feeding bytes: [UInt8], cutAt cuts: [Int]) {
        var decoder = RESPDecoder()
        var used = 0
        for end in cuts + [bytes.count] {
            do {
                while used < end,
                    let count = try decoder.next(in: bytes.span.extracting(used..<end))
                {
                    precondition(count > 0 && count <= end - used)
                    steps.append(Step(decoder.arguments(in: bytes.span.extracting(used..<end))))
                    used += count
                }
            } catch {
                precondition(!error.message.isEmpty)
                self.error = error
                return
            }
        }
        bytesLeft = bytes.count - used
    }
}

extension CommandArguments {
    fileprivate func copied() -> [[UInt8]] {
        ranges.indices.map { index in
            let bytes = self[index]
            return bytes.indices.map { bytes[$0] }
        }
    }
}
