// The plain reader of JSON texts: byte by byte, to the same tape as simdjson's.
//
// A tape is a row of 64-bit words, a tag in the top byte and a number below:
//
//     r END  ...  r 0             the whole; END is the number of words
//     [ NEXT  ...  ] START        an array: NEXT is the place behind its end; objects with { and }
//     " OFFSET                    a string at OFFSET of `strings`: 32 bits of length, bytes, NUL
//     l VALUE   u VALUE   d VALUE a number, its 64 bits in the next word
//     t   f   n                   true, false, null
//     x                           a number or string that is beyond this tape
#ifndef PLAIN_READER_H
#define PLAIN_READER_H

#include "fast_json.h"

// Room for the tape and the strings of any text of so many bytes. The densest texts are "[1,1,1]"
// (a number and its comma are two bytes and two words) and [\"\",\"\"] (three bytes, five in
// strings).
inline size_t tape_words_max(size_t bytes_count) {
    return bytes_count + 8;
}
inline size_t strings_bytes_max(size_t bytes_count) {
    return bytes_count * 5 / 3 + 16;
}

inline uint64_t tape_word(char tag, uint64_t payload) {
    return (static_cast<uint64_t>(static_cast<unsigned char>(tag)) << 56) | payload;
}

// Fills `tape` and `strings`, which have room for any text of `bytes_count`. `bytes` is followed by
// a NUL. Returns OK, MALFORMED or TOO_DEEP.
fast_json_status read_plainly(const uint8_t *bytes, size_t bytes_count, size_t depth_max,
                              uint64_t *tape, uint8_t *strings, fast_json_fault *fault);

#endif
