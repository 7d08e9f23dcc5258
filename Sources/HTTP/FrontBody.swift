import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// The body of a request, when it comes whole, in time and not too long.
struct FrontBody {
    private let request: Request
    private let context: FrontContext
    private let bytesMax: Int

    init(_ request: Request, _ context: FrontContext, bytesMax: Int = Limits.httpBodyBytesMax) {
        self.request = request
        self.context = context
        self.bytesMax = bytesMax
    }

    func bytes() async throws(Problem) -> [UInt8] {
        let tooLarge = Problem(.tooLarge, field: "", "the body has more than \(bytesMax) bytes")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bytesMax {
            throw tooLarge
        }
        let deadline = BodyDeadline(context.channel)
        defer { deadline.cancel() }
        var bytes: [UInt8] = []
        do {
            for try await part in request.body {
                guard bytes.count + part.readableBytes <= bytesMax else { throw tooLarge }
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            if deadline.isOver { throw deadline.problem }
            throw Problem(.malformedRequest, field: "", "the body does not come as announced")
        }
        if deadline.isOver { throw deadline.problem }
        return bytes
    }
}

/// Ends the reading of a body that does not come in time.
private final class BodyDeadline: Sendable {
    private let timer: Scheduled<Void>
    private let hasPassed: Passed

    private final class Passed: Sendable {
        let value = Atomic<Bool>(false)
    }

    init(_ channel: any Channel) {
        let hasPassed = Passed()
        self.hasPassed = hasPassed
        timer = channel.eventLoop.scheduleTask(in: .seconds(Limits.httpBodySeconds)) {
            hasPassed.value.store(true, ordering: .relaxed)
            channel.close(mode: .input, promise: nil)
        }
    }

    func cancel() { timer.cancel() }

    var isOver: Bool { hasPassed.value.load(ordering: .relaxed) }

    var problem: Problem {
        Problem(
            .bodyTimeout, field: "",
            "the body was not complete within \(Limits.httpBodySeconds) seconds")
    }
}
