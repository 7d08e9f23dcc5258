import Domain
import HTTPTypes
import Wire

/// What one path does with one method.
struct Route: Sendable {
    /// What the body of a request must be.
    enum Body: Sendable {
        case none
        case json
        /// A policy file.
        case toml
        /// One JSON text a line.
        case lines

        var mediaType: String? {
            switch self {
            case .none: nil
            case .json: "application/json"
            case .toml: "application/toml"
            case .lines: "application/x-ndjson"
            }
        }
    }

    enum Work: Sendable {
        case health
        case readiness
        /// The OpenAPI document.
        case document
        case metrics
        case command(Answer, @Sendable (PathNames, [UInt8]) throws(Problem) -> CommandRequest)
        /// OpenRTB bid requests.
        case bids
        /// Items, one a line.
        case load(replacesCatalogue: Bool)
    }

    let method: HTTPRequest.Method
    let path: PathTemplate
    let body: Body
    /// What the path names: when there is none, the path is at fault.
    let named: ErrorCode?
    /// Query parameters that the path takes.
    let parameters: [String]
    let work: Work

    init(
        _ method: HTTPRequest.Method, _ path: String, _ body: Body = .none,
        named: ErrorCode? = nil, parameters: [String] = [], does work: Work
    ) {
        self.method = method
        self.path = PathTemplate(path)
        self.body = body
        self.named = named
        self.parameters = parameters
        self.work = work
    }

    /// Whether anyone may ask, without a token. Metrics tell of a business, if not of people.
    var isOpen: Bool {
        switch work {
        case .health, .readiness, .document: true
        case .metrics, .command, .bids, .load: false
        }
    }
}

/// The names that stand in a request's path, in order.
struct PathNames: Sendable {
    private let names: [String]

    init(_ names: [String]) { self.names = names }

    /// The name at the place, as `read` takes it.
    func name<Name>(
        _ index: Int, _ read: (String) throws(DomainError) -> Name
    ) throws(Problem) -> Name {
        do { return try read(names[index]) } catch {
            throw Problem(.malformedRequest, field: "path", error.message)
        }
    }

    func user() throws(Problem) -> UserID { try name(0, UserID.init) }
    func item() throws(Problem) -> ItemID { try name(0, ItemID.init) }
    func surface() throws(Problem) -> SurfaceName { try name(0, SurfaceName.init) }
    func event() throws(Problem) -> EventID { try name(1, EventID.init) }

    func topic() throws(Problem) -> String {
        try name(1) { (name) throws(DomainError) in
            guard (1...Limits.topicBytesMax).contains(name.utf8.count) else { throw .topic(name) }
            return name
        }
    }
}
