/* exp and the normal distribution in float, for loops over lanes: no branch, no table, no division,
 * nothing from libm; one IEEE operation at a time, so the same bits everywhere. */
#ifndef CSIMD_ENCODER_FUNCTIONS_H
#define CSIMD_ENCODER_FUNCTIONS_H

#include "kernels.h"

#include <float.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

_Static_assert(sizeof(float) == sizeof(uint32_t), "a float is IEEE binary32");
_Static_assert(FLT_EVAL_METHOD == 0, "floats must be floats");

/* Adding it to a float below 2^22 in magnitude rounds that half to even, and leaves the whole
 * number in the low bits, modulo 2^23. */
#define CSIMD_ROUND_SHIFT 0x1.8p23f

CSIMD_INLINE uint32_t bits_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

CSIMD_INLINE float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* exp(x) for x <= 0, relative error below 2e-7; 0 below -87, the last whole number whose exp is
 * normal. x = n ln 2 + r with n whole and |r| <= ln 2 / 2; exp(r) = 1 + r + r^2 P(r), P of least
 * relative error. */
CSIMD_INLINE float exp_negative(float x) {
    const float log2_of_e = 1.44269504f;
    /* ln 2 in two parts; the first has ten bits, so that n times it is exact. */
    const float ln2_high = 0.693359375f;
    const float ln2_low = -2.12194440e-4f;
    const float exp_min = -87.0f;

    float inside = x < exp_min ? exp_min : x;
    float shifted = inside * log2_of_e + CSIMD_ROUND_SHIFT;
    float n = shifted - CSIMD_ROUND_SHIFT;
    float r = inside - n * ln2_high;
    r = r - n * ln2_low;

    float sum = 0.00831254013f;
    sum = sum * r + 0.0418902189f;
    sum = sum * r + 0.166671142f;
    sum = sum * r + 0.499992311f;
    float r_squared = r * r;
    sum = 1.0f + (r + r_squared * sum);

    /* Times 2^n: n goes into the exponent. */
    float result = float_of_bits(bits_of_float(sum) + (bits_of_float(shifted) << 23));
    return x < exp_min ? 0.0f : result;
}

/* The chance that a normal number is below v, within 1e-5; exactly 0 and 1 from 4.3 on outwards.
 * 1/2 + v P(u), where u takes v^2 to [-1, 1] so that no coefficient is large and rounding stays
 * small; P of least error for the product. */
CSIMD_INLINE float normal_below(float v) {
    const float end = 4.3f;
    const float two_by_end_squared = 0.108166575f;

    float inside = v < -end ? -end : v;
    inside = inside > end ? end : inside;
    float square = inside * inside;
    float u = square * two_by_end_squared - 1.0f;

    float sum = 0.00275473739f;
    sum = sum * u + -0.00703751808f;
    sum = sum * u + 0.00906385202f;
    sum = sum * u + -0.0145160556f;
    sum = sum * u + 0.026155835f;
    sum = sum * u + -0.0397168025f;
    sum = sum * u + 0.0555597432f;
    sum = sum * u + -0.0800382867f;
    sum = sum * u + 0.164053872f;
    float below = 0.5f + inside * sum;
    below = below < 0.0f ? 0.0f : below;
    return below > 1.0f ? 1.0f : below;
}

#endif
