#include "shortest_decimal.h"

#include <charconv>

extern "C" size_t shortest_decimal_write(double value, char *out) {
    const std::to_chars_result result = std::to_chars(out, out + SHORTEST_DECIMAL_BYTES_MAX, value);
    return static_cast<size_t>(result.ptr - out);
}
