/* Scores' front, and what is computed one number at a time: logits of probabilities, and keys. */
#include "float_bits.h"

#include <assert.h>

#pragma STDC FP_CONTRACT OFF

void csimd_logits_add_sums(double *logits, const int64_t *sums, double scale, size_t count) {
    csimd_kernels_current()->logits_add_sums(logits, sums, scale, count);
}

void csimd_logits_add(double *logits, const double *features, double weight, size_t count) {
    csimd_kernels_current()->logits_add(logits, features, weight, count);
}

void csimd_logistic(double *probabilities, const double *logits, size_t count) {
    csimd_kernels_current()->logistic(probabilities, logits, count);
}

void csimd_keys_of_doubles(uint64_t *keys, const double *values, size_t count) {
    csimd_kernels_current()->keys_of_doubles(keys, values, count);
}

uint64_t csimd_key_of_double(double value) {
    assert(value - value == 0.0); /* finite */
    return key_of_double(value);
}

double csimd_double_of_key(uint64_t key) {
    const uint64_t sign = (uint64_t)1 << 63;
    return double_of_bits(key >= sign ? key & ~sign : ~key);
}

/* 2 atanh(s) = log((1 + s) / (1 - s)) for |s| <= 0.1716, by its series, less the leading 2 s. */
static double atanh_rest(double s) {
    double square = s * s;
    double sum = 2.0 / 21.0;
    sum = sum * square + 2.0 / 19.0;
    sum = sum * square + 2.0 / 17.0;
    sum = sum * square + 2.0 / 15.0;
    sum = sum * square + 2.0 / 13.0;
    sum = sum * square + 2.0 / 11.0;
    sum = sum * square + 2.0 / 9.0;
    sum = sum * square + 2.0 / 7.0;
    sum = sum * square + 2.0 / 5.0;
    sum = sum * square + 2.0 / 3.0;
    return sum * square * s;
}

/* p / (1 - p) = 2^k (1 + s) / (1 - s) with k whole and the quotient between sqrt(1/2) and sqrt(2),
 * so that s = (p - 2^k q) / (p + 2^k q) for q = 1 - p, and its top loses no bits: the two numbers
 * are within a factor of two, and what rounding took from q is put back. */
double csimd_logit(double probability) {
    assert(probability > 0.0);
    assert(probability < 1.0);
    const double ln2_high = 0x1.62e42fefa3800p-1;
    const double ln2_low = 0x1.ef35793c76730p-45;
    const double square_root_of_2 = 0x1.6a09e667f3bcdp0;
    enum { FRACTION_BITS = 52, SMALL_SCALE_BITS = 64 };

    double p = probability;
    double k = 0.0;
    double q = 1.0 - p;
    double q_error = (1.0 - q) - p;
    if (p < 0x1p-960) { /* so that every power of two below is normal */
        p = p * 0x1p64;
        k = -SMALL_SCALE_BITS;
    }
    int64_t exponent = (int64_t)(bits_of_double(p / q) >> FRACTION_BITS) - 1023;
    double power = double_of_bits((uint64_t)(exponent + 1023) << FRACTION_BITS);
    if (p / q > power * square_root_of_2) {
        power = power * 2.0;
        exponent = exponent + 1;
    }
    k = k + (double)exponent;

    double numerator = (p - power * q) - power * q_error;
    double s = numerator / (p + power * q);
    return k * ln2_high + (2.0 * s + (k * ln2_low + atanh_rest(s)));
}
