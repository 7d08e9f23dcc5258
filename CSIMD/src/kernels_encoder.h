/* The kernels behind csimd_encoder.h: the part of the table in kernels.h that runs a BERT. Shapes
 * are checked where an encoder is made; every count here is a multiple of 32, save counts of rows.
 *
 * An instruction set has its own form for a quantised row; only `quantise` and `linear` of the same
 * set know it, so a file overrides both or neither.
 */
#ifndef CSIMD_KERNELS_ENCODER_H
#define CSIMD_KERNELS_ENCODER_H

#include "csimd_encoder.h"

enum {
    CSIMD_LINEAR_GROUP = 16, /* outputs that lie side by side in a packed matrix */
    CSIMD_LINEAR_QUAD = 4,   /* inputs that lie side by side */

    /* Bytes from one quantised row to the next: two for each value, the widest form, and a cache
     * line more, without which rows would start at only four of the nearest cache's 64 sets. A
     * constant, so that kernels reach the rows of a tile by constant offsets. */
    CSIMD_QUANTISED_ROW_BYTES = 2 * CSIMD_ENCODER_INNER_MAX + 64,
};

/* Rows of int8 values, each with the scale that takes it back to floats. */
typedef struct {
    uint8_t bytes[CSIMD_ENCODER_TOKENS_MAX][CSIMD_QUANTISED_ROW_BYTES];
    float scales[CSIMD_ENCODER_TOKENS_MAX];
} csimd_quantised __attribute__((aligned(64)));

typedef struct {
    const int8_t *weights; /* [outputs / 16][inputs / 4][16][4] */
    /* -128 * the sum of each output's weights: where a sum over value + 128 starts. */
    const int32_t *offsets;
    const float *scales;
    const float *biases;
    size_t outputs_count;
    size_t inputs_count;
} csimd_linear;

typedef struct {
    const float *weights;
    const float *biases;
    size_t count;
} csimd_norm;

/* One head at work: its keys on their side, so that lanes are tokens, and the weights of two
 * queries. */
typedef struct {
    float keys[CSIMD_ENCODER_HEAD_DIMENSION][CSIMD_ENCODER_TOKENS_MAX];
    float weights[2][CSIMD_ENCODER_TOKENS_MAX];
} csimd_attention __attribute__((aligned(64)));

typedef struct {
    /* results[o] of row r, at results + r * outputs_count, as csimd_encoder.h says of linear(). */
    void (*linear)(const csimd_linear *linear, const csimd_quantised *rows, size_t rows_count,
                   float *results);
    void (*quantise)(csimd_quantised *rows, size_t row, const float *values, size_t count);

    /* values[i] = word[i] * scale + position[i]. */
    void (*place)(float *values, const int8_t *word, float scale, const float *position,
                  size_t count);
    /* values = norm(values + added). */
    void (*add_norm)(float *values, const float *added, const csimd_norm *norm);
    /* values = norm(values). */
    void (*norm)(float *values, const csimd_norm *norm);
    void (*gelu)(float *values, size_t count);

    /* context [tokens][width] of projected [tokens][query width, key width, value width]. */
    void (*attend)(csimd_attention *space, const float *projected, size_t tokens_count,
                   size_t width, float *context);

    /* means[i] = (the sum over the rows, first to last, of rows[r][i]) / rows_count. */
    void (*mean)(float *means, const float *rows, size_t rows_count, size_t count);
    /* 16 lanes, lane l the sum of elements l, l + 16, ...; then lanes 8 apart, 4, 2, 1. */
    float (*dot_floats)(const float *a, const float *b, size_t count);
} csimd_encoder_kernels;

/* As csimd_raise_... in kernels.h. */
void csimd_raise_scalar_encoder(csimd_encoder_kernels *kernels);
void csimd_raise_sse2_encoder(csimd_encoder_kernels *kernels);
void csimd_raise_avx2_encoder(csimd_encoder_kernels *kernels);
void csimd_raise_avx512vnni_encoder(csimd_encoder_kernels *kernels);
void csimd_raise_neon_encoder(csimd_encoder_kernels *kernels);
void csimd_raise_neon_dotprod_encoder(csimd_encoder_kernels *kernels);

/* How many of the rows left the next tile takes: at most `tile_max`, and all tiles about alike,
 * because a tile of few rows waits for its weights and for its own sums. */
static inline size_t csimd_tile_rows(size_t rows_left, size_t tile_max) {
    size_t tiles_count = (rows_left + tile_max - 1) / tile_max;
    return (rows_left + tiles_count - 1) / tiles_count;
}

#endif
