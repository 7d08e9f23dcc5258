/* Doubles as the bits they are made of, and as keys that order as they do. */
#ifndef CSIMD_FLOAT_BITS_H
#define CSIMD_FLOAT_BITS_H

#include "kernels.h"

#include <string.h>

_Static_assert(sizeof(double) == sizeof(uint64_t), "a double is IEEE binary64");

CSIMD_INLINE uint64_t bits_of_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

CSIMD_INLINE double double_of_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Negative numbers have all bits turned, others only the sign, so that keys ascend as values do. */
CSIMD_INLINE uint64_t key_of_double(double value) {
    const uint64_t sign = (uint64_t)1 << 63;
    uint64_t bits = bits_of_double(value + 0.0); /* -0 becomes +0 */
    return bits >= sign ? ~bits : bits | sign;
}

#endif
