import HTTPTypes
import Hummingbird
import NIOCore
import Telemetry
import Wire

/// What a request is answered with, whatever it is.
struct FrontResponder: HTTPResponder {
    let service: any CommandService & BidService
    let meters: RouteMeters

    func respond(to request: Request, context: FrontContext) async -> Response {
        let start = ContinuousClock.now
        let isHead = request.method == .head
        var place: Int?
        var response: Response
        do throws(Problem) {
            response = try await answer(
                request, as: isHead ? .get : request.method, context, place: &place)
        } catch {
            response = error.response
        }
        Self.protect(&response)
        meters.count(route: place, response.status, start.duration(to: .now))
        return isHead ? response.createHeadResponse() : response
    }

    /// Browsers are to take nothing here for a page, and no one is to keep what is personal.
    private static func protect(_ response: inout Response) {
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        response.headers[.referrerPolicy] = "no-referrer"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    }

    /// - Parameter place: Gets the place of the request's route in the table, if it has one.
    private func answer(
        _ request: Request, as method: HTTPRequest.Method, _ context: FrontContext,
        place: inout Int?
    ) async throws(Problem) -> Response {
        guard Self.hasOneLength(request.headers) else {
            // Where the body ends is a matter of opinion: nothing more is read from here.
            context.channel.close(mode: .input, promise: nil)
            throw Problem(
                .malformedRequest, field: "header:transfer-encoding",
                "expected either a length or chunks")
        }
        let target = RequestTarget(request.head.path ?? "")
        let (number, names) = try Self.route(for: method, target.path)
        let route = RouteTable.routes[number]
        place = number
        guard route.isOpen || service.admits(bearer: BearerToken.token(in: request.headers)) else {
            throw Problem(.unauthorised, field: "header:authorization", "no valid bearer token")
        }
        let parameters = try target.parameters(allowed: route.parameters)
        try MediaType.check(request.headers[values: .contentType], for: route.body)
        switch route.work {
        case .health: return Answer.json(["status": "ok"])
        case .readiness:
            guard service.isReady else { throw Problem(.unavailable, "not ready for requests") }
            return Answer.json(["status": "ready"])
        case .document: return OpenAPIDocument.response
        case .metrics:
            return Response(
                status: .ok, headers: [.contentType: Exposition.mediaType],
                body: ResponseBody(byteBuffer: await service.metrics()))
        case .command(let answer, let make):
            let body = route.body == .none ? [] : try await FrontBody(request, context).bytes()
            let command = try make(names, body)
            let session = service.makeSession(on: context.channel.eventLoop)
            let reply = await session.run(command)
            if let problem = Refusal.problem(in: reply, named: route.named) { throw problem }
            return try answer.response(to: reply)
        case .bids:
            return await BidExchange(service: service).response(to: request, context)
        case .load(let replacesCatalogue):
            let load = ItemLoad(
                session: service.makeSession(on: context.channel.eventLoop),
                replacesCatalogue: replacesCatalogue,
                showsAll: try ItemLoad.showsAll(parameters["outcomes"]))
            return try await load.response(to: request)
        }
    }

    private static func route(
        for method: HTTPRequest.Method, _ path: Substring
    ) throws(Problem) -> (Int, PathNames) {
        if let number = RouteTable.route(for: method, exactly: path) {
            return (number, PathNames([]))
        }
        return try RouteTable.route(for: method, try RequestPath(path))
    }

    /// Whether there is no doubt where the body ends; that the length is a number is checked before.
    private static func hasOneLength(_ headers: HTTPFields) -> Bool {
        let encodings = headers[values: .transferEncoding]
        guard let encoding = encodings.first else { return true }
        return encodings.count == 1 && encoding.lowercased() == "chunked"
            && headers[.contentLength] == nil
    }
}

/// What Hummingbird knows of a request, and the connection that it came on.
struct FrontContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// When the head of the request came.
    let arrivedAt: NIODeadline

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        arrivedAt = RequestArrivals.next(on: source.channel)
    }
}
