import Testing
import Wire

@Test("a byte range has the layout of two 32-bit numbers")
func byteRangeLayout() {
    #expect(MemoryLayout<ByteRange>.size == 8 && MemoryLayout<ByteRange>.stride == 8)
}
