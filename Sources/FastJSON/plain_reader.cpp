#include "plain_reader.h"

#include <charconv>
#include <cstring>
#include <limits>
#include <system_error>

namespace {

// The exponent at which it no longer matters how much further it goes.
constexpr int EXPONENT_MAX = 100'000'000;

bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

class Reader {
  public:
    Reader(const uint8_t *bytes, size_t bytes_count, size_t depth_max, uint64_t *tape,
           uint8_t *strings, fast_json_fault *fault)
        : start(bytes), end(bytes + bytes_count), place(bytes), depth_max(depth_max), tape(tape),
          strings(strings), fault(fault) {
    }

    fast_json_status read() {
        words_count = 1;
        skip_space();
        if (read_value()) {
            skip_space();
            if (place != end) {
                fail("something follows the end of the text");
            }
        }
        if (status == FAST_JSON_OK) {
            tape[words_count] = tape_word('r', 0);
            words_count++;
            tape[0] = tape_word('r', words_count);
        }
        return status;
    }

  private:
    const uint8_t *const start;
    const uint8_t *const end;
    const uint8_t *place;
    const size_t depth_max;
    uint64_t *const tape;
    uint8_t *const strings;
    fast_json_fault *const fault;
    size_t words_count = 0;
    size_t strings_bytes = 0;
    size_t depth = 0;
    fast_json_status status = FAST_JSON_OK;

    bool fail(const char *reason, fast_json_status why = FAST_JSON_MALFORMED) {
        status = why;
        fault->position = static_cast<size_t>(place - start);
        fault->reason = place == end ? "the text ends too early" : reason;
        return false;
    }

    void append(char tag, uint64_t payload = 0) {
        tape[words_count] = tape_word(tag, payload);
        words_count++;
    }

    void append_number(char tag, const void *bits) {
        append(tag);
        std::memcpy(&tape[words_count], bits, sizeof(uint64_t));
        words_count++;
    }

    void skip_space() {
        while (place != end &&
               (*place == ' ' || *place == '\n' || *place == '\r' || *place == '\t')) {
            place++;
        }
    }

    bool take(char byte) {
        if (place == end || *place != static_cast<uint8_t>(byte)) {
            return false;
        }
        place++;
        return true;
    }

    bool read_value() {
        if (place == end) {
            return fail("");
        }
        switch (*place) {
        case '{':
            return read_container('{', '}');
        case '[':
            return read_container('[', ']');
        case '"':
            return read_string();
        case 't':
            return read_word("true", 't');
        case 'f':
            return read_word("false", 'f');
        case 'n':
            return read_word("null", 'n');
        default:
            if (*place == '-' || is_digit(*place)) {
                return read_number();
            }
            return fail("no value begins like this");
        }
    }

    bool read_word(const char *word, char tag) {
        for (const char *letter = word; *letter != 0; letter++) {
            if (!take(*letter)) {
                return fail("expected true, false or null");
            }
        }
        append(tag);
        return true;
    }

    // Empty ones add no depth, as with simdjson.
    bool read_container(char open, char close) {
        const uint8_t *const opening = place;
        const size_t first = words_count;
        append(open);
        place++;
        skip_space();
        if (!take(close) && !read_elements(open, close, opening)) {
            return false;
        }
        append(close, first);
        tape[first] = tape_word(open, words_count);
        return true;
    }

    bool read_elements(char open, char close, const uint8_t *opening) {
        if (depth == depth_max) {
            place = opening;
            return fail("arrays and objects lie too deep within each other", FAST_JSON_TOO_DEEP);
        }
        depth++;
        do {
            skip_space();
            if (open == '{' && !read_name()) {
                return false;
            }
            if (!read_value()) {
                return false;
            }
            skip_space();
        } while (take(','));
        if (!take(close)) {
            return fail(open == '{' ? "expected ',' or '}'" : "expected ',' or ']'");
        }
        depth--;
        return true;
    }

    bool read_name() {
        if (place == end || *place != '"') {
            return fail("expected a name in quotes");
        }
        if (!read_string()) {
            return false;
        }
        skip_space();
        if (!take(':')) {
            return fail("expected ':'");
        }
        skip_space();
        return true;
    }

    // -- Strings ----------------------------------------------------------------------------------

    bool read_string() {
        place++;
        uint8_t *const length = strings + strings_bytes;
        uint8_t *target = length + sizeof(uint32_t);
        bool is_whole = true;
        while (true) {
            if (place == end) {
                return fail("");
            }
            if (*place == '"') {
                place++;
                break;
            }
            if (*place == '\\') {
                if (!read_escape(&target, &is_whole)) {
                    return false;
                }
            } else if (*place < 0x20) {
                return fail("a control character in a string must be escaped");
            } else {
                const size_t count = sequence_bytes();
                if (count == 0) {
                    return fail("the text is not UTF-8");
                }
                std::memcpy(target, place, count);
                target += count;
                place += count;
            }
        }
        const uint32_t count = static_cast<uint32_t>(target - length - sizeof(uint32_t));
        std::memcpy(length, &count, sizeof count);
        *target = 0;
        append(is_whole ? '"' : 'x', strings_bytes);
        strings_bytes = static_cast<size_t>(target + 1 - strings);
        return true;
    }

    // How many bytes the well-formed UTF-8 sequence at `place` has; 0 when it is none.
    size_t sequence_bytes() const {
        const uint8_t first = *place;
        const size_t left = static_cast<size_t>(end - place);
        if (first < 0x80) {
            return 1;
        }
        const size_t count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || left < count) {
            return 0;
        }
        for (size_t i = 1; i < count; i++) {
            if ((place[i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        const uint8_t second = place[1];
        const bool is_overlong =
            (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
        const bool is_outside =
            (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
        return is_overlong || is_outside ? 0 : count;
    }

    bool read_escape(uint8_t **target, bool *is_whole) {
        place++;
        if (place == end) {
            return fail("");
        }
        const char *const letters = "\"\\/bfnrt";
        const char *const meanings = "\"\\/\b\f\n\r\t";
        const char *const letter = std::strchr(letters, *place);
        if (letter != nullptr && *letter != 0) {
            place++;
            *(*target)++ = static_cast<uint8_t>(meanings[letter - letters]);
            return true;
        }
        uint32_t point;
        if (!read_hexadecimal(&point)) {
            return false;
        }
        if (point >= 0xD800 && point < 0xDC00 && end - place >= 2 && place[0] == '\\' &&
            place[1] == 'u') {
            const uint8_t *const second = place;
            place++;
            uint32_t low;
            if (!read_hexadecimal(&low)) {
                return false;
            }
            if (low >= 0xDC00 && low < 0xE000) {
                point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
            } else {
                place = second; // it stands for itself
            }
        }
        if (point >= 0xD800 && point < 0xE000) {
            *is_whole = false;
        } else {
            write(point, target);
        }
        return true;
    }

    // `uXXXX`
    bool read_hexadecimal(uint32_t *point) {
        if (!take('u')) {
            return fail("no escape is written like this");
        }
        uint32_t value = 0;
        for (int i = 0; i < 4; i++) {
            if (place == end) {
                return fail("");
            }
            const uint8_t lower = *place | 0x20;
            if (is_digit(*place)) {
                value = value * 16 + (*place - '0');
            } else if (lower >= 'a' && lower <= 'f') {
                value = value * 16 + (lower - 'a' + 10u);
            } else {
                return fail("expected four hexadecimal digits");
            }
            place++;
        }
        *point = value;
        return true;
    }

    static void write(uint32_t point, uint8_t **target) {
        uint8_t *out = *target;
        if (point < 0x80) {
            *out++ = static_cast<uint8_t>(point);
        } else if (point < 0x800) {
            *out++ = static_cast<uint8_t>(0xC0 | point >> 6);
            *out++ = static_cast<uint8_t>(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            *out++ = static_cast<uint8_t>(0xE0 | point >> 12);
            *out++ = static_cast<uint8_t>(0x80 | (point >> 6 & 0x3F));
            *out++ = static_cast<uint8_t>(0x80 | (point & 0x3F));
        } else {
            *out++ = static_cast<uint8_t>(0xF0 | point >> 18);
            *out++ = static_cast<uint8_t>(0x80 | (point >> 12 & 0x3F));
            *out++ = static_cast<uint8_t>(0x80 | (point >> 6 & 0x3F));
            *out++ = static_cast<uint8_t>(0x80 | (point & 0x3F));
        }
        *target = out;
    }

    // -- Numbers ----------------------------------------------------------------------------------

    // Passes over digits, of which there must be one.
    bool read_digits() {
        if (place == end || !is_digit(*place)) {
            return fail("expected a digit");
        }
        while (place != end && is_digit(*place)) {
            place++;
        }
        return true;
    }

    bool read_number() {
        const uint8_t *const first = place;
        (void)take('-');
        const uint8_t *const digits = place;
        if (!take('0') && !read_digits()) {
            return false;
        }
        if (place != end && is_digit(*place)) {
            return fail("a number must not begin with 0");
        }
        bool is_whole = true;
        if (take('.')) {
            is_whole = false;
            if (!read_digits()) {
                return false;
            }
        }
        if (place != end && (*place | 0x20) == 'e') {
            is_whole = false;
            place++;
            if (!take('+')) {
                (void)take('-');
            }
            if (!read_digits()) {
                return false;
            }
        }
        append(is_whole, first, digits);
        return true;
    }

    void append(bool is_whole, const uint8_t *first, const uint8_t *digits) {
        const char *const from = reinterpret_cast<const char *>(first);
        const char *const to = reinterpret_cast<const char *>(place);
        if (is_whole) {
            int64_t integer;
            if (std::from_chars(from, to, integer).ec == std::errc()) {
                append_number('l', &integer);
                return;
            }
            uint64_t natural;
            if (*first != '-' && std::from_chars(from, to, natural).ec == std::errc()) {
                append_number('u', &natural);
                return;
            }
            append('x');
            return;
        }
        double value = 0;
        if (std::from_chars(from, to, value).ec != std::errc()) {
            if (exponent(digits) > 0) {
                append('x');
                return;
            }
            value = *first == '-' ? -0.0 : 0.0; // too small to tell from nothing
        }
        append_number('d', &value);
    }

    // The power of ten of a decimal's first digit that is not 0, roughly where it is large.
    long exponent(const uint8_t *digits) const {
        long power = 0;
        bool is_behind_point = false;
        bool has_begun = false;
        for (const uint8_t *byte = digits; byte != place; byte++) {
            if ((*byte | 0x20) == 'e') {
                long given = 0;
                const bool is_negative = byte[1] == '-';
                for (const uint8_t *digit = byte + 1; digit != place; digit++) {
                    if (is_digit(*digit) && given < EXPONENT_MAX) {
                        given = given * 10 + (*digit - '0');
                    }
                }
                return power + (is_negative ? -given : given);
            }
            if (*byte == '.') {
                is_behind_point = true;
                continue;
            }
            if (*byte != '0' && !has_begun) {
                has_begun = true;
                power -= is_behind_point ? 1 : 0;
            } else if (!has_begun) {
                power -= is_behind_point ? 1 : 0;
            } else if (!is_behind_point) {
                power++;
            }
        }
        return power;
    }
};

} // namespace

fast_json_status read_plainly(const uint8_t *bytes, size_t bytes_count, size_t depth_max,
                              uint64_t *tape, uint8_t *strings, fast_json_fault *fault) {
    return Reader(bytes, bytes_count, depth_max, tape, strings, fault).read();
}
