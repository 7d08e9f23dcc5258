import HTTPTypes
import Hummingbird
import NIOCore

/// The description of all paths, as the program carries it.
package enum OpenAPIDocument {
    package static var text: String {
        String(decoding: PackageResources.openapi_json, as: UTF8.self)
    }

    static let response = Response(
        status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_json)))
}
