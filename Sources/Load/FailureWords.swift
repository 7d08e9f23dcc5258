import Foundation
import NIOCore
import NIOPosix

/// Why a connection failed, in the words of the system.
enum FailureWords {
    static func words(of error: any Error) -> String {
        switch error {
        case let error as LoadError:
            if case .connect(_, let reason) = error { return reason }
            return error.message
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return words(of: first.error) }
            return error.dnsAError == nil && error.dnsAAAAError == nil
                ? "no address" : "the name of the host is not known"
        // NIO's own text names the call and the number around it.
        case let error as IOError: return unsafe String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout: return "it did not answer in time"
        default: return "\(error)"
        }
    }
}
