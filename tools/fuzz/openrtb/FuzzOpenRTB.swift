// The libFuzzer target for bid requests: the JSON reader and what is made of its document.
//
// It holds that nothing traps; that the fast reader and the plain one say the same; that a request
// means the same with a field more that no one asks for; and that a plan is the same every time.

import Domain
import FastJSON
import OpenRTB

/// Called by libFuzzer with one input after the other, on one thread.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOpenRTB(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    guard var parser = JSONParser() else { preconditionFailure("out of memory") }
    checkReaders(bytes)
    do throws(BidRequestError) {
        let request = try BidRequest.read(bytes.span, with: &parser)
        let plan = BidPlan(request, settings: BidSettings(), clock: .zero)
        precondition(plan.slots.count <= request.impressions.count)
        precondition(plan == BidPlan(request, settings: BidSettings(), clock: .zero))
        checkUnknownField(bytes, request, &parser)
    } catch {
        precondition(!error.message.isEmpty)
    }
    return 0
}

/// A field in front of the others that no one knows makes no difference.
private func checkUnknownField(
    _ bytes: [UInt8], _ request: BidRequest, _ parser: inout JSONParser
) {
    guard let brace = bytes.firstIndex(of: UInt8(ascii: "{")) else {
        preconditionFailure("a request is an object")
    }
    var longer = bytes
    longer.insert(contentsOf: Array("\"unknown\":[1e999,\"\\ud800\"],".utf8), at: brace + 1)
    guard longer.count <= Limits.bidRequestBytesMax else { return }
    let again = try? BidRequest.read(longer.span, with: &parser)
    precondition(again == request, "an unknown field makes a difference")
}

private func checkReaders(_ bytes: [UInt8]) {
    guard
        let parser = unsafe fast_json_create(Limits.bidRequestBytesMax, Limits.bidRequestDepthMax)
    else { preconditionFailure("out of memory") }
    defer { unsafe fast_json_destroy(parser) }
    var fault = unsafe fast_json_fault()
    let fast = unsafe fast_json_parse(parser, bytes, bytes.count, &fault)
    let plain = unsafe fast_json_parse_plainly(parser, bytes, bytes.count, &fault)
    precondition(fast == plain, "the readers disagree")
}
