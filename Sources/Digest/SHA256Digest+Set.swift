import CCrypto

extension SHA256Digest {
    /// A digest of a set, whatever the order in which its members come: the sum of their SHA-256,
    /// as 256-bit numbers that wrap around.
    package struct Sum: Hashable, Sendable {
        /// The least significant first.
        private var words = InlineArray<4, UInt64>(repeating: 0)

        package init() {}

        fileprivate init(_ digest: Span<UInt8>) {
            for index in 0..<bytesCount {
                words[index / 8] |= UInt64(digest[index]) << UInt64(8 * (index % 8))
            }
        }

        package static func += (left: inout Sum, right: Sum) {
            var carry: UInt64 = 0
            for index in 0..<4 {
                let (first, firstOverflows) = left.words[index].addingReportingOverflow(carry)
                let (sum, overflows) = first.addingReportingOverflow(right.words[index])
                left.words[index] = sum
                carry = firstOverflows || overflows ? 1 : 0
            }
        }

        package static func == (left: Sum, right: Sum) -> Bool {
            (0..<4).allSatisfy { left.words[$0] == right.words[$0] }
        }

        package func hash(into hasher: inout Hasher) {
            for index in 0..<4 { hasher.combine(words[index]) }
        }

        package var leastWord: UInt64 { words[0] }

        package var bytes: [UInt8] {
            (0..<bytesCount).map {
                UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(8 * ($0 % 8)))
            }
        }
    }

    /// Digests many members one after the other, without asking libcrypto for memory each time.
    @safe package struct Members: ~Copyable {
        private let context: OpaquePointer
        private var digest = [UInt8](repeating: 0, count: bytesCount)

        package init() {
            guard let context = unsafe EVP_MD_CTX_new() else {
                preconditionFailure("no memory for a digest")
            }
            unsafe self.context = context
            let done = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
            precondition(done == 1, "libcrypto cannot compute SHA-256")
        }

        deinit { unsafe EVP_MD_CTX_free(context) }

        /// The set of this one member.
        package mutating func sum(of member: Span<UInt8>) -> Sum {
            let done = unsafe member.withUnsafeBytes { source in
                unsafe EVP_DigestInit_ex(context, nil, nil) == 1
                    && EVP_DigestUpdate(context, source.baseAddress, source.count) == 1
                    && EVP_DigestFinal_ex(context, &digest, nil) == 1
            }
            precondition(done, "libcrypto cannot compute SHA-256")
            return Sum(digest.span)
        }
    }
}
