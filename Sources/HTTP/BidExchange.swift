import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// `/openrtb2/bid`: what HTTP adds to a bid request, which is the version of the protocol and the
/// packing of the bodies.
struct BidExchange {
    let service: any BidService

    /// The version that is spoken here, and the one that all of its family begin with.
    private static let version = "2.6"
    private static let family = "2."

    func response(to request: Request, _ context: FrontContext) async -> Response {
        var response: Response
        do throws(Problem) {
            response = try await answer(request, context)
        } catch {
            response = error.response
            if error.field == "header:content-encoding" {
                response.headers[.acceptEncoding] = "gzip"
            }
        }
        response.headers[.openRTBVersion] = Self.version
        return response
    }

    private func answer(
        _ request: Request, _ context: FrontContext
    ) async throws(Problem) -> Response {
        try Self.checkVersion(request.headers)
        let coding = try ContentCoding(of: request.headers)
        let body = try await FrontBody(request, context, bytesMax: Limits.bidRequestBytesMax)
            .bytes()
        let answer = await service.bid(
            coding == .gzip ? try Self.inflated(body) : body, arrivedAt: context.arrivedAt,
            on: context.channel.eventLoop)
        switch answer {
        case .response(let text):
            return Self.response(text, packed: ContentCoding.acceptsGzip(request.headers))
        case .nothing: return Response(status: .noContent)
        case .refused(let error): throw Problem(error)
        case .tooLong(let reason): throw Problem(.tooLarge, field: "", reason)
        case .unavailable(let reason): throw Problem(.unavailable, reason)
        }
    }

    /// Requests of another family are not read as what they are not.
    private static func checkVersion(_ headers: HTTPFields) throws(Problem) {
        for version in headers[values: .openRTBVersion] where !version.hasPrefix(family) {
            throw Problem(
                .malformedRequest, field: "header:x-openrtb-version", "expected a version 2.x")
        }
    }

    private static func inflated(_ gzip: [UInt8]) throws(Problem) -> [UInt8] {
        do throws(GzipText.Fault) {
            return try GzipText.inflated(gzip, bytesMax: Limits.bidRequestBytesMax)
        } catch {
            switch error {
            case .malformed:
                throw Problem(.malformedRequest, field: "", "the body is not gzip")
            case .tooLong:
                throw Problem(
                    .tooLarge, field: "",
                    "the body has more than \(Limits.bidRequestBytesMax) bytes when it is inflated")
            case .outOfMemory: throw Problem(.unavailable, "no memory to inflate the body")
            }
        }
    }

    private static func response(_ text: [UInt8], packed isGzipAccepted: Bool) -> Response {
        var headers: HTTPFields = [.contentType: "application/json", .vary: "Accept-Encoding"]
        guard isGzipAccepted, text.count >= Limits.httpPackedBytesMin,
            let gzip = GzipText.deflated(text)
        else {
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: text)))
        }
        headers[.contentEncoding] = "gzip"
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: gzip)))
    }
}

extension HTTPField.Name {
    fileprivate static let openRTBVersion: HTTPField.Name = {
        guard let name = HTTPField.Name("x-openrtb-version") else {
            preconditionFailure("the name is a token")
        }
        return name
    }()
}
