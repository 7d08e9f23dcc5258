/* A row of floats as int8 with one scale, for the file of each instruction set to bring into its
 * own form. One IEEE operation at a time, so the same bytes everywhere. */
#ifndef CSIMD_QUANTISE_BYTES_H
#define CSIMD_QUANTISE_BYTES_H

#include "encoder_functions.h"

#pragma STDC FP_CONTRACT OFF

/* Running maxima side by side: a maximum does not depend on the order. */
enum { MAGNITUDES = 16 };

CSIMD_INLINE float magnitude_max(const float *values, size_t count) {
    float most[MAGNITUDES] = {0};
    for (size_t i = 0; i < count; i += MAGNITUDES) {
        for (size_t lane = 0; lane < MAGNITUDES; lane++) {
            float value = values[i + lane];
            float magnitude = value < 0.0f ? -value : value;
            most[lane] = magnitude > most[lane] ? magnitude : most[lane];
        }
    }
    float result = 0.0f;
    for (size_t lane = 0; lane < MAGNITUDES; lane++) {
        result = most[lane] > result ? most[lane] : result;
    }
    return result;
}

/* bytes[i] = values[i] as an int8, its bits turned where `flip` has ones: 0, or 0x80 for value +
 * 128. Returns the row's scale. The product is at most 127 * (1 + 2^-22), so rounds to 127. */
CSIMD_INLINE float quantise_bytes(uint8_t *bytes, const float *values, size_t count, uint8_t flip) {
    /* Below it 127 / maximum could be infinite. */
    const float maximum_min = 0x1p-100f;
    float maximum = magnitude_max(values, count);
    bool is_zero = maximum < maximum_min;
    float factor = is_zero ? 0.0f : 127.0f / maximum;
    for (size_t i = 0; i < count; i++) {
        float rounded = values[i] * factor + CSIMD_ROUND_SHIFT;
        bytes[i] = (uint8_t)(bits_of_float(rounded) ^ flip);
    }
    return is_zero ? 0.0f : maximum / 127.0f;
}

#endif
