/* Included by kernels_scalar.c and by each ISA file whose compiler flags change how these loops
 * vectorises: one text, compiled once per instruction set.
 *
 * Same bits everywhere rests on this: every step is one IEEE operation (add, multiply, divide,
 * compare, or work on the bits), in the order written; contraction is off, nothing is reassociated,
 * and nothing comes from libm or from a table.
 */
#include "float_bits.h"

#include <string.h>

static void logits_add_sums(double *logits, const int64_t *sums, double scale, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double term = (double)sums[i] * scale;
        logits[i] = logits[i] + term;
    }
}

static void logits_add(double *logits, const double *features, double weight, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double term = features[i] * weight;
        logits[i] = logits[i] + term;
    }
}

/* exp(x) for -708 <= x <= 0, to about one unit in the last place. x = n ln 2 + r with n whole and
 * |r| <= ln 2 / 2; exp(r) by its Taylor series, whose rest after 13 terms is below 2^-57. */
CSIMD_INLINE double exp_of(double x) {
    /* Adding it to a small number rounds that number to a whole one, left in the low bits. */
    const double round_shift = 0x1.8p52;
    const double log2_of_e = 0x1.71547652b82fep0;
    /* ln 2 in two parts; the first has 11 zero bits at its end, so that n times it is exact. */
    const double ln2_high = 0x1.62e42fefa3800p-1;
    const double ln2_low = 0x1.ef35793c76730p-45;

    double shifted = x * log2_of_e + round_shift;
    double n = shifted - round_shift;
    double r = x - n * ln2_high;
    r = r - n * ln2_low;

    double sum = 1.0 / 6227020800.0;
    sum = sum * r + 1.0 / 479001600.0;
    sum = sum * r + 1.0 / 39916800.0;
    sum = sum * r + 1.0 / 3628800.0;
    sum = sum * r + 1.0 / 362880.0;
    sum = sum * r + 1.0 / 40320.0;
    sum = sum * r + 1.0 / 5040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    double r_squared = r * r;
    sum = 1.0 + (r + r_squared * sum);

    /* Times 2^n: n goes into the exponent; the result is normal because x >= -708. */
    return double_of_bits(bits_of_double(sum) + (bits_of_double(shifted) << 52));
}

static void logistic(double *probabilities, const double *logits, size_t count) {
    /* exp(-708) is the last that is surely normal; further out is 0. */
    const double exp_min = -708.0;
    for (size_t i = 0; i < count; i++) {
        double logit = logits[i];
        /* exp of the negative side only: it cannot overflow, and small results keep their bits. */
        double x = logit < 0.0 ? logit : -logit;
        double e = exp_of(x < exp_min ? exp_min : x);
        e = x < exp_min ? 0.0 : e;
        double numerator = logit < 0.0 ? e : 1.0;
        probabilities[i] = numerator / (1.0 + e);
    }
}

static void keys_of_doubles(uint64_t *keys, const double *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        keys[i] = key_of_double(values[i]);
    }
}
