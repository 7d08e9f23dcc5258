// JSON texts (RFC 8259) to values, by simdjson; for peers that may send anything.
//
// A parser copies the text into a buffer of its own, with the padding that simdjson reads past the
// end, so a caller's bytes need to live only during the call. It holds one document, which is valid
// until the next parse. All memory is reserved when it is made. One thread at a time.
//
// A text that simdjson takes is taken. One that it refuses is read again, plainly, which gives one
// of two answers: where the text is wrong and why, or a document after all: JSON allows numbers
// that no double holds and escapes of half a character, and no one should be refused for a field
// that no one reads. Such values are there without a value (`FAST_JSON_BEYOND`).
#ifndef FAST_JSON_H
#define FAST_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fast_json_parser fast_json_parser;

typedef enum {
    FAST_JSON_OK,
    FAST_JSON_MALFORMED, // no JSON text
    FAST_JSON_TOO_DEEP, // more than `depth_max` arrays and objects within each other, but for empty
                        // ones
    FAST_JSON_TOO_LONG, // more than `bytes_max` bytes
} fast_json_status;

// Where a text is wrong, in bytes from its start, and why, as half a sentence that lives for ever.
typedef struct {
    size_t position;
    const char *reason;
} fast_json_fault;

typedef enum {
    FAST_JSON_NULL,
    FAST_JSON_FALSE,
    FAST_JSON_TRUE,
    FAST_JSON_INTEGER,  // fits int64_t
    FAST_JSON_UNSIGNED, // fits uint64_t only
    FAST_JSON_DOUBLE,
    FAST_JSON_STRING,
    FAST_JSON_ARRAY,
    FAST_JSON_OBJECT,
    FAST_JSON_BEYOND, // a number that no double holds, or a string with half a character
} fast_json_kind;

// Bytes within the document.
typedef struct {
    const uint8_t *bytes;
    size_t count;
} fast_json_text;

// Texts of at most `bytes_max` bytes, which are below 2^31. NULL when there is no memory.
fast_json_parser *fast_json_create(size_t bytes_max, size_t depth_max);
void fast_json_destroy(fast_json_parser *parser);

// Takes the text as the parser's document. Whatever it says but OK, there is then no document, and
// `fault` says where and why.
fast_json_status fast_json_parse(fast_json_parser *parser, const uint8_t *bytes, size_t bytes_count,
                                 fast_json_fault *fault);

// The same by the plain reader alone, byte by byte: what the fast one is tested against.
fast_json_status fast_json_parse_plainly(fast_json_parser *parser, const uint8_t *bytes,
                                         size_t bytes_count, fast_json_fault *fault);

// -- The document -------------------------------------------------------------------------------
//
// A value is a number. The first value in an array or object is `value + 1`, each next one is
// `fast_json_next` of the one before, and the last one is followed by `fast_json_end`. In an object
// names, which are strings, and values take turns. Each function asserts that the value is of the
// document and of the right kind.

uint32_t fast_json_root(const fast_json_parser *parser);
fast_json_kind fast_json_kind_of(const fast_json_parser *parser, uint32_t value);
uint32_t fast_json_next(const fast_json_parser *parser, uint32_t value);
uint32_t fast_json_end(const fast_json_parser *parser, uint32_t container);

// The value of the first field so named, or 0; `count` gets how many fields have the name.
uint32_t fast_json_find(const fast_json_parser *parser, uint32_t object, const char *name,
                        size_t name_bytes, size_t *count);

// Unescaped. Not NUL-terminated for its length: it may hold NUL. Not always UTF-8: half a character
// that was escaped may be in it.
fast_json_text fast_json_string(const fast_json_parser *parser, uint32_t string);
int64_t fast_json_integer(const fast_json_parser *parser, uint32_t integer);
// Of any number but one beyond.
double fast_json_number(const fast_json_parser *parser, uint32_t number);

#ifdef __cplusplus
}
#endif

#endif
