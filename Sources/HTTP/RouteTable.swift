import Domain
import HTTPTypes
import Wire

/// All paths and methods, one row each. The OpenAPI document says the same; a test compares.
enum RouteTable {
    static let routes: [Route] = server + items + users + requests + setup

    private static let server: [Route] = [
        Route(.get, "/healthz", does: .health),
        Route(.get, "/readyz", does: .readiness),
        Route(.get, "/openapi.json", does: .document),
        Route(.get, "/metrics", does: .metrics),
    ]

    private static let items: [Route] = [
        Route(
            .post, "/v1/items", .lines, parameters: ["outcomes"],
            does: .load(replacesCatalogue: false)),
        Route(
            .put, "/v1/catalogue", .lines, parameters: ["outcomes"],
            does: .load(replacesCatalogue: true)),
        Route(
            .get, "/v1/items/{item}",
            does: .command(.whole) { (names, _) throws(Problem) in
                CommandRequest(.itemGet(try names.item()))
            }),
        Route(
            .put, "/v1/items/{item}", .json,
            does: .command(.added) { (names, body) throws(Problem) in
                let id = try names.item()
                let item = try json(body) { (reader) throws(JSONError) in try reader.item(id) }
                return CommandRequest(.itemAdd(item))
            }),
        Route(
            .delete, "/v1/items/{item}",
            does: .command(.held) { (names, _) throws(Problem) in
                CommandRequest(.itemDelete([try names.item()]))
            }),
    ]

    private static let users: [Route] = [
        Route(
            .get, "/v1/users/{user}",
            does: .command(.whole) { (names, _) throws(Problem) in
                CommandRequest(.userGet(try names.user()))
            }),
        Route(
            .put, "/v1/users/{user}", .json,
            does: .command(.done) { (names, body) throws(Problem) in
                let user = try names.user()
                let change = try json(body) { (reader) throws(JSONError) in
                    try reader.userChange(of: user)
                }
                return CommandRequest(.userSet(change))
            }),
        Route(
            .delete, "/v1/users/{user}",
            does: .command(.held) { (names, _) throws(Problem) in
                CommandRequest(.forget(try names.user()))
            }),
        Route(
            .get, "/v1/users/{user}/export",
            does: .command(.whole) { (names, _) throws(Problem) in
                CommandRequest(.export(try names.user()))
            }),
        Route(
            .put, "/v1/users/{user}/suppressed/{topic}", named: .unknownTopic,
            does: .command(.done) { (names, _) throws(Problem) in
                CommandRequest(.suppress(try names.user(), topic: try names.topic()))
            }),
        Route(
            .delete, "/v1/users/{user}/suppressed/{topic}", named: .unknownTopic,
            does: .command(.held) { (names, _) throws(Problem) in
                CommandRequest(.unsuppress(try names.user(), topic: try names.topic()))
            }),
        Route(
            .post, "/v1/users/{user}/signals", .json,
            does: .command(.outcome) { (names, body) throws(Problem) in
                let user = try names.user()
                let signal = try json(body) { (reader) throws(JSONError) in
                    try reader.signal(of: user)
                }
                return CommandRequest(.signal(signal))
            }),
        Route(
            .delete, "/v1/users/{user}/signals/{event}",
            does: .command(.held) { (names, _) throws(Problem) in
                CommandRequest(.retract(try names.user(), event: try names.event()))
            }),
    ]

    private static let requests: [Route] = [
        Route(.post, "/openrtb2/bid", .json, does: .bids),
        Route(
            .post, "/v1/rank", .json,
            does: .command(.whole) { (_, body) throws(Problem) in
                try json(body) { (reader) throws(JSONError) in try reader.rank() }
            }),
        Route(
            .post, "/v1/recommend", .json,
            does: .command(.whole) { (_, body) throws(Problem) in
                try json(body) { (reader) throws(JSONError) in try reader.recommend() }
            }),
        Route(
            .post, "/v1/explain", .json,
            does: .command(.whole) { (_, body) throws(Problem) in
                try json(body) { (reader) throws(JSONError) in
                    try reader.explain(Command.explain)
                }
            }),
        Route(
            .post, "/v1/whynot", .json,
            does: .command(.whole) { (_, body) throws(Problem) in
                try json(body) { (reader) throws(JSONError) in
                    try reader.explain(Command.whyNot)
                }
            }),
    ]

    private static let setup: [Route] = [
        Route(
            .get, "/v1/policy",
            does: .command(.whole) { (_, _) throws(Problem) in CommandRequest(.policyGet) }),
        Route(
            .put, "/v1/policy", .toml,
            does: .command(.done) { (_, body) throws(Problem) in
                CommandRequest(.policySet(try policy(body)))
            }),
        Route(
            .post, "/v1/policy/check", .toml,
            does: .command(.whole) { (_, body) throws(Problem) in
                CommandRequest(.policyCheck(try policy(body)))
            }),
        Route(
            .get, "/v1/surfaces",
            does: .command(.surfaces) { (_, _) throws(Problem) in CommandRequest(.surfaceGet(nil)) }
        ),
        Route(
            .get, "/v1/surfaces/{surface}", named: .unknownSurface,
            does: .command(.whole) { (names, _) throws(Problem) in
                CommandRequest(.surfaceGet(try names.surface()))
            }),
        Route(
            .put, "/v1/surfaces/{surface}", .json,
            does: .command(.done) { (names, body) throws(Problem) in
                let name = try names.surface()
                let change = try json(body) { (reader) throws(JSONError) in
                    try reader.surfaceChange(of: name)
                }
                return CommandRequest(.surfaceSet(change))
            }),
    ]

    private static func json<Value>(
        _ body: [UInt8], _ read: (inout JSONReader) throws(JSONError) -> Value
    ) throws(Problem) -> Value {
        do { return try JSONReader.read(body, read) } catch { throw Problem(error) }
    }

    /// The text of a policy file.
    private static func policy(_ body: [UInt8]) throws(Problem) -> String {
        guard body.count <= Limits.policyBytesMax else {
            throw Problem(.tooLarge, field: "", DomainError.policyLength(body.count).message)
        }
        guard let text = String(validating: body, as: UTF8.self) else {
            throw Problem(.malformedRequest, field: "", DomainError.textNotUTF8.message)
        }
        return text
    }

    /// Places among `routes` of those whose paths have no names, by the path's text.
    private static let fixed: [String: [Int]] = Dictionary(
        grouping: routes.indices.filter { routes[$0].path.isFixed }
    ) { routes[$0].path.text }

    /// The place of the route of a request whose path is one of the table's as it stands there; `nil`
    /// is no word about any other.
    static func route(for method: HTTPRequest.Method, exactly path: Substring) -> Int? {
        fixed[String(path)]?.first { routes[$0].method == method }
    }

    /// The place of a request's route among `routes`, and the names in its path.
    static func route(
        for method: HTTPRequest.Method, _ path: RequestPath
    ) throws(Problem) -> (Int, PathNames) {
        var allowed: [HTTPRequest.Method] = []
        for (number, route) in routes.enumerated() {
            guard let names = route.path.names(in: path) else { continue }
            if route.method == method { return (number, PathNames(names)) }
            allowed.append(route.method)
            if route.method == .get { allowed.append(.head) }
        }
        guard !allowed.isEmpty else {
            throw Problem(.noSuchPath, field: "path", "no path like this is served")
        }
        var problem = Problem(.methodNotAllowed, field: "method", "the path takes other methods")
        problem.allowed = allowed
        throw problem
    }
}
