import Foundation
import HTTPTypes
import Testing

@testable import HTTP

/// The OpenAPI document and the routes say the same.
@Suite struct DocumentTests {
    private static func document() throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8))
                as? [String: Any])
    }

    /// The object at the path of keys.
    private static func object(_ path: String..., in object: [String: Any]) throws -> [String: Any]
    {
        try path.reduce(object) { try #require($0[$1] as? [String: Any]) }
    }

    private static let methods = ["get", "put", "post", "delete", "patch", "head", "options"]

    @Test func `every route is described, and nothing else`() throws {
        let paths = try Self.object("paths", in: try Self.document())
        var described: Set<String> = []
        for (path, operations) in paths {
            let operations = try #require(operations as? [String: Any])
            for method in operations.keys where Self.methods.contains(method) {
                described.insert("\(method.uppercased()) \(path)")
            }
        }
        #expect(
            described == Set(RouteTable.routes.map { "\($0.method.rawValue) \($0.path.text)" }))
        #expect(described.count == RouteTable.routes.count)
    }

    @Test func `bodies, parameters and the need of a token are as the routes have them`() throws {
        let document = try Self.document()
        for route in RouteTable.routes {
            let operation = try Self.object(
                "paths", route.path.text, route.method.rawValue.lowercased(), in: document)
            let body = operation["requestBody"] as? [String: Any]
            let types = (body?["content"] as? [String: Any]).map { Array($0.keys) } ?? []
            #expect(types == (route.body.mediaType.map { [$0] } ?? []), "\(route.path.text)")
            let references = (operation["parameters"] as? [[String: String]] ?? [])
                .compactMap { $0["$ref"]?.split(separator: "/").last.map(String.init) }
            #expect(references == route.parameters, "\(route.path.text)")
            #expect((operation["security"] != nil) == route.isOpen, "\(route.path.text)")
        }
    }

    @Test func `every sort of problem is named`() throws {
        let problem = try Self.object(
            "components", "schemas", "Problem", "properties", "type", in: try Self.document())
        #expect(
            problem["enum"] as? [String]
                == Problem.Sort.allCases.map { "urn:cairn:problem:\($0.rawValue)" })
    }

    @Test func `it is served as it is`() async throws {
        try await FrontServer.with { server in
            let reply = try await server.ask("GET /openapi.json")
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"] == "application/json")
            #expect(reply.body == OpenAPIDocument.text)
        }
    }
}
