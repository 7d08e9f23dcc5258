/* Included by kernels_encoder_scalar.c and by each ISA file whose compiler flags change how these
 * loops vectorise: one text, compiled once per instruction set.
 *
 * Same bits everywhere rests on this: every step is one IEEE operation in the order written;
 * contraction is off. Results that do not depend on each other are plain loops, which the compiler
 * vectorises. Running sums are `lanes`: a vector type of the compiler's, cut into the registers
 * there are, because in plain loops sums that must stay in registers end up in memory, or in pairs.
 */
#include "encoder_functions.h"

#include <simde/x86/sse.h>
#include <string.h>

/* Sixteen floats side by side, whatever the registers hold. */
typedef float lanes __attribute__((vector_size(64)));

enum { LANES = 16 };

_Static_assert(sizeof(lanes) == LANES * sizeof(float), "lanes are floats");

/* Sixteen floats from anywhere. No function takes or returns lanes, for which there is no common
 * way without AVX-512. */
CSIMD_INLINE void load_lanes(lanes *vector, const float *from) {
    memcpy(vector, from, sizeof *vector);
}

/* Lanes 8 apart, then 4, 2, 1. */
CSIMD_INLINE float sum_lanes(const lanes *vector) {
    float sums[LANES];
    memcpy(sums, vector, sizeof sums);
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++) {
            sums[lane] = sums[lane] + sums[lane + half];
        }
    }
    return sums[0];
}

/* IEEE says what a square root is; the C library's would come with errno. */
CSIMD_INLINE float square_root(float value) {
    return simde_mm_cvtss_f32(simde_mm_sqrt_ps(simde_mm_set1_ps(value)));
}

static void place(float *values, const int8_t *word, float scale, const float *position,
                  size_t count) {
    for (size_t i = 0; i < count; i++) {
        float scaled = (float)word[i] * scale;
        values[i] = scaled + position[i];
    }
}

static void norm(float *values, const csimd_norm *norm) {
    size_t count = norm->count;
    lanes sums = {0};
    for (size_t i = 0; i < count; i += LANES) {
        lanes value;
        load_lanes(&value, values + i);
        sums = sums + value;
    }
    float mean = sum_lanes(&sums) / (float)count;

    lanes squares = {0};
    for (size_t i = 0; i < count; i += LANES) {
        lanes value;
        load_lanes(&value, values + i);
        lanes difference = value - mean;
        lanes square = difference * difference;
        squares = squares + square;
    }
    float variance = sum_lanes(&squares) / (float)count;
    float deviation = square_root(variance + 1e-12f);

    const float *weights = norm->weights;
    const float *biases = norm->biases;
    for (size_t i = 0; i < count; i++) {
        float difference = values[i] - mean;
        float standard = difference / deviation;
        float weighted = standard * weights[i];
        values[i] = weighted + biases[i];
    }
}

static void add_norm(float *values, const float *added, const csimd_norm *of) {
    for (size_t i = 0; i < of->count; i++) {
        values[i] = values[i] + added[i];
    }
    norm(values, of);
}

static void gelu(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        values[i] = values[i] * normal_below(values[i]);
    }
}

enum { DIMENSION = CSIMD_ENCODER_HEAD_DIMENSION, KEYS = 2 * LANES };

_Static_assert(CSIMD_ENCODER_TOKENS_MAX % KEYS == 0, "a head's keys are whole blocks");
_Static_assert(DIMENSION == KEYS, "both products of attention have one shape");

/* For each of two rows of factors: sums[lane] = sum over i, first to last, of factors[i] * rows[i *
 * stride + lane], for 32 lanes. Two at once, since the additions of one sum wait for each other. */
CSIMD_INLINE void sum_rows(float *const sums[2], const float *const factors[2],
                           size_t factors_count, const float *rows, size_t stride) {
    lanes first_low = {0};
    lanes first_high = {0};
    lanes second_low = {0};
    lanes second_high = {0};
    for (size_t i = 0; i < factors_count; i++) {
        lanes low;
        lanes high;
        load_lanes(&low, rows + i * stride);
        load_lanes(&high, rows + i * stride + LANES);
        lanes first_low_product = low * factors[0][i];
        lanes first_high_product = high * factors[0][i];
        lanes second_low_product = low * factors[1][i];
        lanes second_high_product = high * factors[1][i];
        first_low = first_low + first_low_product;
        first_high = first_high + first_high_product;
        second_low = second_low + second_low_product;
        second_high = second_high + second_high_product;
    }
    memcpy(sums[0], &first_low, sizeof first_low);
    memcpy(sums[0] + LANES, &first_high, sizeof first_high);
    memcpy(sums[1], &second_low, sizeof second_low);
    memcpy(sums[1] + LANES, &second_high, sizeof second_high);
}

/* Scores become weights that are yet to be divided by the sum returned. `lanes_count` is whole
 * blocks; lanes past the last token get 0, which changes no sum. */
CSIMD_INLINE float weigh(float *weights, size_t tokens_count, size_t lanes_count) {
    float most[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        most[lane] = -FLT_MAX;
    }
    for (size_t i = tokens_count; i < lanes_count; i++) {
        weights[i] = -FLT_MAX;
    }
    for (size_t i = 0; i < lanes_count; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            float weight = weights[i + lane];
            most[lane] = weight > most[lane] ? weight : most[lane];
        }
    }
    float maximum = -FLT_MAX;
    for (size_t lane = 0; lane < LANES; lane++) {
        maximum = most[lane] > maximum ? most[lane] : maximum;
    }
    for (size_t i = 0; i < lanes_count; i++) {
        weights[i] = exp_negative(weights[i] - maximum);
    }
    lanes sums = {0};
    for (size_t i = 0; i < lanes_count; i += LANES) {
        lanes weight;
        load_lanes(&weight, weights + i);
        sums = sums + weight;
    }
    return sum_lanes(&sums);
}

/* Keys on their side, four tokens by four dimensions at a time. Lanes past the last token hold what
 * they may: their scores are not looked at. */
CSIMD_INLINE void turn_keys(csimd_attention *space, const float *keys, size_t stride,
                            size_t tokens_count) {
    enum { SIDE = 4 };
    for (size_t token = 0; token < tokens_count; token += SIDE) {
        const float *rows[SIDE];
        for (size_t i = 0; i < SIDE; i++) {
            rows[i] = keys + (token + i < tokens_count ? token + i : token) * stride;
        }
        for (size_t d = 0; d < DIMENSION; d += SIDE) {
            simde__m128 first_f32x4 = simde_mm_loadu_ps(rows[0] + d);
            simde__m128 second_f32x4 = simde_mm_loadu_ps(rows[1] + d);
            simde__m128 third_f32x4 = simde_mm_loadu_ps(rows[2] + d);
            simde__m128 fourth_f32x4 = simde_mm_loadu_ps(rows[3] + d);
            SIMDE_MM_TRANSPOSE4_PS(first_f32x4, second_f32x4, third_f32x4, fourth_f32x4);
            simde_mm_storeu_ps(space->keys[d] + token, first_f32x4);
            simde_mm_storeu_ps(space->keys[d + 1] + token, second_f32x4);
            simde_mm_storeu_ps(space->keys[d + 2] + token, third_f32x4);
            simde_mm_storeu_ps(space->keys[d + 3] + token, fourth_f32x4);
        }
    }
}

CSIMD_INLINE void attend_head(csimd_attention *space, const float *projected, size_t tokens_count,
                              size_t width, float *context) {
    const size_t stride = 3 * width;
    const size_t lanes_count = (tokens_count + KEYS - 1) / KEYS * KEYS;
    turn_keys(space, projected + width, stride, tokens_count);
    for (size_t token = 0; token < tokens_count; token += 2) {
        /* An odd last token is worked on twice. */
        const size_t both[2] = {token, token + 1 < tokens_count ? token + 1 : token};
        const float *const queries[2] = {projected + both[0] * stride,
                                         projected + both[1] * stride};
        for (size_t key = 0; key < lanes_count; key += KEYS) {
            float *const scores[2] = {space->weights[0] + key, space->weights[1] + key};
            sum_rows(scores, queries, DIMENSION, space->keys[0] + key, CSIMD_ENCODER_TOKENS_MAX);
        }
        const float totals[2] = {weigh(space->weights[0], tokens_count, lanes_count),
                                 weigh(space->weights[1], tokens_count, lanes_count)};
        const float *const weights[2] = {space->weights[0], space->weights[1]};
        float values[2][DIMENSION];
        float *const sums[2] = {values[0], values[1]};
        sum_rows(sums, weights, tokens_count, projected + 2 * width, stride);
        for (size_t i = 0; i < 2; i++) {
            float inverse = 1.0f / totals[i];
            for (size_t d = 0; d < DIMENSION; d++) {
                context[both[i] * width + d] = values[i][d] * inverse;
            }
        }
    }
}

static void attend(csimd_attention *space, const float *projected, size_t tokens_count,
                   size_t width, float *context) {
    for (size_t from = 0; from < width; from += DIMENSION) {
        attend_head(space, projected + from, tokens_count, width, context + from);
    }
}

static void mean(float *means, const float *rows, size_t rows_count, size_t count) {
    for (size_t from = 0; from < count; from += LANES) {
        lanes sums = {0};
        for (size_t row = 0; row < rows_count; row++) {
            lanes value;
            load_lanes(&value, rows + row * count + from);
            sums = sums + value;
        }
        lanes quotients = sums / (float)rows_count;
        memcpy(means + from, &quotients, sizeof quotients);
    }
}

static float dot_floats(const float *a, const float *b, size_t count) {
    lanes sums = {0};
    for (size_t i = 0; i < count; i += LANES) {
        lanes a_values;
        lanes b_values;
        load_lanes(&a_values, a + i);
        load_lanes(&b_values, b + i);
        lanes product = a_values * b_values;
        sums = sums + product;
    }
    return sum_lanes(&sums);
}

CSIMD_INLINE void raise_floats(csimd_encoder_kernels *kernels) {
    kernels->place = place;
    kernels->add_norm = add_norm;
    kernels->norm = norm;
    kernels->gelu = gelu;
    kernels->attend = attend;
    kernels->mean = mean;
    kernels->dot_floats = dot_floats;
}
