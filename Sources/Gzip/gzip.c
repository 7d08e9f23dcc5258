// Calls zlib with whole texts. Lengths are below 4 GiB, which is what zlib counts with.
#include "gzip.h"

#include <assert.h>
#include <limits.h>
#include <zlib.h>

// 32 KiB of window, and 16 more for "with gzip's header and trailer".
enum { WINDOW_BITS = 15 + 16, MEMORY_LEVEL = 8, HEADER_BYTES = 18 };

gzip_status gzip_inflate(const uint8_t *bytes, size_t bytes_count, uint8_t *room, size_t room_bytes,
                         size_t *written) {
    assert(bytes_count <= UINT_MAX);
    assert(room_bytes <= UINT_MAX);
    *written = 0;
    z_stream stream = {0};
    if (inflateInit2(&stream, WINDOW_BITS) != Z_OK)
        return GZIP_NO_MEMORY;
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)bytes_count;
    stream.next_out = room;
    stream.avail_out = (uInt)room_bytes;
    gzip_status status = GZIP_MALFORMED;
    for (;;) {
        int result = inflate(&stream, Z_FINISH);
        if (result == Z_STREAM_END) {
            status = GZIP_OK;
            if (stream.avail_in == 0)
                break;
            status = GZIP_MALFORMED;
            if (inflateReset(&stream) != Z_OK)
                break;
            continue;
        }
        if (result == Z_MEM_ERROR)
            status = GZIP_NO_MEMORY;
        // With room left, it is the input that has run out.
        if (result == Z_BUF_ERROR && stream.avail_out == 0)
            status = GZIP_NO_ROOM;
        break;
    }
    *written = room_bytes - stream.avail_out;
    inflateEnd(&stream);
    return status;
}

size_t gzip_bound(size_t bytes_count) {
    // The bound of zlib's own format, for its header and trailer are shorter.
    return compressBound((uLong)bytes_count) + HEADER_BYTES;
}

gzip_status gzip_deflate(const uint8_t *bytes, size_t bytes_count, uint8_t *room, size_t room_bytes,
                         size_t *written) {
    assert(bytes_count <= UINT_MAX);
    assert(room_bytes <= UINT_MAX);
    *written = 0;
    z_stream stream = {0};
    int begun = deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
                             Z_DEFAULT_STRATEGY);
    if (begun != Z_OK)
        return GZIP_NO_MEMORY;
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)bytes_count;
    stream.next_out = room;
    stream.avail_out = (uInt)room_bytes;
    int result = deflate(&stream, Z_FINISH);
    *written = room_bytes - stream.avail_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? GZIP_OK : GZIP_NO_ROOM;
}
