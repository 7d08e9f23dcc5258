// Whole texts to and from gzip (RFC 1952), by zlib; for peers that may send anything.
//
// Nothing is kept between calls, so any thread may call. The caller's room is the limit: what would
// not fit is not inflated any further, however small it came.
#ifndef GZIP_H
#define GZIP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    GZIP_OK,
    GZIP_MALFORMED, // no gzip, cut short, of a wrong checksum, or with something behind it
    GZIP_NO_ROOM,   // more than `room_bytes` bytes
    GZIP_NO_MEMORY,
} gzip_status;

// Inflates all members that the `bytes_count` bytes hold, at least one. `written` gets the bytes
// that were written to `room`, also when it fails.
gzip_status gzip_inflate(const uint8_t *bytes, size_t bytes_count, uint8_t *room, size_t room_bytes,
                         size_t *written);

// The room that `gzip_deflate` of so many bytes needs at most.
size_t gzip_bound(size_t bytes_count);

// Writes one member; quick rather than small.
gzip_status gzip_deflate(const uint8_t *bytes, size_t bytes_count, uint8_t *room, size_t room_bytes,
                         size_t *written);

#ifdef __cplusplus
}
#endif

#endif
