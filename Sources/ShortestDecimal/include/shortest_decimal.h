// The shortest decimal text that reads back to the same double, by std::to_chars of the C++
// standard library: it needs no heap and knows no locale.
#ifndef SHORTEST_DECIMAL_H
#define SHORTEST_DECIMAL_H

#include <stddef.h>

// Room that every double fits in; the longest is -2.2250738585072014e-308, 24 bytes.
#define SHORTEST_DECIMAL_BYTES_MAX 32

#ifdef __cplusplus
extern "C" {
#endif

// Writes the decimal of `value` to `out`, which has room for SHORTEST_DECIMAL_BYTES_MAX bytes, and
// returns how many were written; there is no NUL behind them. Infinities are `inf` and `-inf`, what
// is not a number is `nan` or `-nan`.
size_t shortest_decimal_write(double value, char *out);

#ifdef __cplusplus
}
#endif

#endif
