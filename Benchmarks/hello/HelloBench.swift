// A bare Hummingbird server on one event loop: what the framework leaves to whoever uses it. It reads
// the body of a POST to /hello and answers with one word. Benchmarks/README.md tells how to run it.

import Hummingbird
import NIOPosix

@main
struct HelloBench {
    static func main() async throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8_080
        let router = Router()
        router.post("/hello") { request, _ in
            _ = try await request.body.collect(upTo: 1 << 20)
            return "hello"
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)))
        try await application.runService()
    }
}
