#include "fast_json.h"

#include "plain_reader.h"

#include <cassert>
#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>

struct fast_json_parser {
    size_t bytes_max;
    size_t depth_max;
    // What simdjson reads, and what it makes of it.
    std::unique_ptr<uint8_t[]> padded;
    simdjson::dom::parser fast;
    simdjson::dom::document document;
    // What the plain reader makes of it.
    std::unique_ptr<uint64_t[]> plain_tape;
    std::unique_ptr<uint8_t[]> plain_strings;
    // The document: of the one or of the other.
    const uint64_t *tape = nullptr;
    const uint8_t *strings = nullptr;
    size_t words_count = 0;
};

namespace {

constexpr uint64_t PAYLOAD = (UINT64_C(1) << 56) - 1;
constexpr uint64_t CONTAINER_NEXT = (UINT64_C(1) << 32) - 1;

char tag_of(const fast_json_parser *parser, uint32_t value) {
    assert(value > 0 && value < parser->words_count);
    return static_cast<char>(parser->tape[value] >> 56);
}

fast_json_status take_document(fast_json_parser *parser, const uint64_t *tape,
                               const uint8_t *strings) {
    parser->tape = tape;
    parser->strings = strings;
    parser->words_count = static_cast<size_t>(tape[0] & PAYLOAD);
    return FAST_JSON_OK;
}

// Copies the text behind which simdjson may read; false when it is too long.
bool copy(fast_json_parser *parser, const uint8_t *bytes, size_t bytes_count,
          fast_json_fault *fault) {
    parser->tape = nullptr;
    parser->words_count = 0;
    if (bytes_count > parser->bytes_max) {
        *fault = {parser->bytes_max, "the text is too long"};
        return false;
    }
    if (bytes_count > 0) {
        std::memcpy(parser->padded.get(), bytes, bytes_count);
    }
    std::memset(parser->padded.get() + bytes_count, 0, simdjson::SIMDJSON_PADDING);
    return true;
}

fast_json_status read_copy_plainly(fast_json_parser *parser, size_t bytes_count,
                                   fast_json_fault *fault) {
    const fast_json_status status =
        read_plainly(parser->padded.get(), bytes_count, parser->depth_max, parser->plain_tape.get(),
                     parser->plain_strings.get(), fault);
    if (status != FAST_JSON_OK) {
        return status;
    }
    return take_document(parser, parser->plain_tape.get(), parser->plain_strings.get());
}

} // namespace

extern "C" {

fast_json_parser *fast_json_create(size_t bytes_max, size_t depth_max) {
    assert(bytes_max < (UINT64_C(1) << 31) && depth_max > 0);
    std::unique_ptr<fast_json_parser> made(new (std::nothrow) fast_json_parser());
    if (made == nullptr) {
        return nullptr;
    }
    made->bytes_max = bytes_max;
    made->depth_max = depth_max;
    made->padded.reset(new (std::nothrow) uint8_t[bytes_max + simdjson::SIMDJSON_PADDING]);
    made->plain_tape.reset(new (std::nothrow) uint64_t[tape_words_max(bytes_max)]);
    made->plain_strings.reset(new (std::nothrow) uint8_t[strings_bytes_max(bytes_max)]);
    if (made->padded == nullptr || made->plain_tape == nullptr || made->plain_strings == nullptr) {
        return nullptr;
    }
    // simdjson refuses what has reached its depth, the plain reader what goes beyond.
    if (made->fast.allocate(bytes_max, depth_max + 1) != simdjson::SUCCESS ||
        made->document.allocate(bytes_max) != simdjson::SUCCESS) {
        return nullptr;
    }
    return made.release();
}

void fast_json_destroy(fast_json_parser *parser) {
    delete parser;
}

fast_json_status fast_json_parse(fast_json_parser *parser, const uint8_t *bytes, size_t bytes_count,
                                 fast_json_fault *fault) {
    if (!copy(parser, bytes, bytes_count, fault)) {
        return FAST_JSON_TOO_LONG;
    }
    const simdjson::error_code error =
        parser->fast.parse_into_document(parser->document, parser->padded.get(), bytes_count, false)
            .error();
    if (error != simdjson::SUCCESS) {
        return read_copy_plainly(parser, bytes_count, fault);
    }
    return take_document(parser, parser->document.tape.get(), parser->document.string_buf.get());
}

fast_json_status fast_json_parse_plainly(fast_json_parser *parser, const uint8_t *bytes,
                                         size_t bytes_count, fast_json_fault *fault) {
    if (!copy(parser, bytes, bytes_count, fault)) {
        return FAST_JSON_TOO_LONG;
    }
    return read_copy_plainly(parser, bytes_count, fault);
}

uint32_t fast_json_root(const fast_json_parser *parser) {
    assert(parser->tape != nullptr);
    return 1;
}

fast_json_kind fast_json_kind_of(const fast_json_parser *parser, uint32_t value) {
    switch (tag_of(parser, value)) {
    case '{':
        return FAST_JSON_OBJECT;
    case '[':
        return FAST_JSON_ARRAY;
    case '"':
        return FAST_JSON_STRING;
    case 'l':
        return FAST_JSON_INTEGER;
    case 'u':
        return FAST_JSON_UNSIGNED;
    case 'd':
        return FAST_JSON_DOUBLE;
    case 't':
        return FAST_JSON_TRUE;
    case 'f':
        return FAST_JSON_FALSE;
    case 'n':
        return FAST_JSON_NULL;
    default:
        assert(tag_of(parser, value) == 'x');
        return FAST_JSON_BEYOND;
    }
}

uint32_t fast_json_next(const fast_json_parser *parser, uint32_t value) {
    switch (tag_of(parser, value)) {
    case '{':
    case '[':
        return static_cast<uint32_t>(parser->tape[value] & CONTAINER_NEXT);
    case 'l':
    case 'u':
    case 'd':
        return value + 2;
    default:
        return value + 1;
    }
}

uint32_t fast_json_end(const fast_json_parser *parser, uint32_t container) {
    assert(tag_of(parser, container) == '{' || tag_of(parser, container) == '[');
    return static_cast<uint32_t>(parser->tape[container] & CONTAINER_NEXT) - 1;
}

uint32_t fast_json_find(const fast_json_parser *parser, uint32_t object, const char *name,
                        size_t name_bytes, size_t *count) {
    assert(tag_of(parser, object) == '{');
    const uint32_t end = fast_json_end(parser, object);
    uint32_t found = 0;
    *count = 0;
    for (uint32_t field = object + 1; field != end;) {
        const uint32_t value = field + 1;
        if (tag_of(parser, field) == '"') {
            const fast_json_text text = fast_json_string(parser, field);
            if (text.count == name_bytes && std::memcmp(text.bytes, name, name_bytes) == 0) {
                found = found == 0 ? value : found;
                *count += 1;
            }
        }
        field = fast_json_next(parser, value);
    }
    return found;
}

fast_json_text fast_json_string(const fast_json_parser *parser, uint32_t string) {
    assert(tag_of(parser, string) == '"');
    const uint8_t *place = parser->strings + (parser->tape[string] & PAYLOAD);
    uint32_t count;
    std::memcpy(&count, place, sizeof count);
    return {place + sizeof count, count};
}

int64_t fast_json_integer(const fast_json_parser *parser, uint32_t integer) {
    assert(tag_of(parser, integer) == 'l');
    return static_cast<int64_t>(parser->tape[integer + 1]);
}

double fast_json_number(const fast_json_parser *parser, uint32_t number) {
    const uint64_t bits = parser->tape[number + 1];
    switch (tag_of(parser, number)) {
    case 'l':
        return static_cast<double>(static_cast<int64_t>(bits));
    case 'u':
        return static_cast<double>(bits);
    default: {
        assert(tag_of(parser, number) == 'd');
        double value;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    }
}
}
