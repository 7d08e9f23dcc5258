/* The encoder's kernels for NEON, the floor of AArch64.
 *
 * Leans on smull and smlal: eight int8 products in int16 lanes, and eight more on top. Two products
 * fit: values are within +-127, weights within +-128, and 2 * 127 * 128 < 2^15. sadalp then adds
 * neighbours into int32, so that an output's quad comes to two lanes, added at the end. Two rows by
 * 16 outputs are 16 sums of the 32 registers. A quantised row is int8, as scalar makes it, and
 * loops over floats stay the scalar ones: the compiler gives those NEON already.
 */
#include "kernels.h"

#if defined(__aarch64__)

#include <string.h>

#include <simde/arm/neon.h>

#pragma STDC FP_CONTRACT OFF

enum { TILE_ROWS = 2, PARTS = 4, QUADS = 2, QUAD_BYTES = 64 };

CSIMD_INLINE simde_int8x16_t repeat_quad(const uint8_t *quad) {
    int32_t bits;
    memcpy(&bits, quad, sizeof bits);
    return simde_vreinterpretq_s8_s32(simde_vdupq_n_s32(bits));
}

/* Where a tile lies: its first row, and its group of outputs. */
typedef struct {
    const uint8_t *rows;
    const float *row_scales;
    const int8_t *weights;
    float *results;
    size_t output;
} tile;

/* `rows` is a constant here. */
CSIMD_INLINE void run_tile(const csimd_linear *self, const tile *at, const size_t rows) {
    /* Of the first two outputs of four, and of the last two. */
    simde_int32x4_t first_i32x4[TILE_ROWS][PARTS];
    simde_int32x4_t last_i32x4[TILE_ROWS][PARTS];
    CSIMD_UNROLL
    for (size_t row = 0; row < rows; row++) {
        CSIMD_UNROLL
        for (size_t part = 0; part < PARTS; part++) {
            first_i32x4[row][part] = last_i32x4[row][part] = simde_vdupq_n_s32(0);
        }
    }
    for (size_t i = 0; i < self->inputs_count; i += QUADS * CSIMD_LINEAR_QUAD) {
        const int8_t *weights = at->weights + i * CSIMD_LINEAR_GROUP;
        simde_int8x16_t quads_i8x16[TILE_ROWS][QUADS];
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            const uint8_t *quad = at->rows + row * CSIMD_QUANTISED_ROW_BYTES + i;
            quads_i8x16[row][0] = repeat_quad(quad);
            quads_i8x16[row][1] = repeat_quad(quad + CSIMD_LINEAR_QUAD);
        }
        CSIMD_UNROLL
        for (size_t part = 0; part < PARTS; part++) {
            simde_int8x16_t weights_i8x16 = simde_vld1q_s8(weights + 16 * part);
            simde_int8x16_t next_i8x16 = simde_vld1q_s8(weights + QUAD_BYTES + 16 * part);
            CSIMD_UNROLL
            for (size_t row = 0; row < rows; row++) {
                simde_int16x8_t first_i16x8 = simde_vmull_s8(
                    simde_vget_low_s8(weights_i8x16), simde_vget_low_s8(quads_i8x16[row][0]));
                simde_int16x8_t last_i16x8 =
                    simde_vmull_high_s8(weights_i8x16, quads_i8x16[row][0]);
                first_i16x8 = simde_vmlal_s8(first_i16x8, simde_vget_low_s8(next_i8x16),
                                             simde_vget_low_s8(quads_i8x16[row][1]));
                last_i16x8 = simde_vmlal_high_s8(last_i16x8, next_i8x16, quads_i8x16[row][1]);
                first_i32x4[row][part] = simde_vpadalq_s16(first_i32x4[row][part], first_i16x8);
                last_i32x4[row][part] = simde_vpadalq_s16(last_i32x4[row][part], last_i16x8);
            }
        }
    }
    CSIMD_UNROLL
    for (size_t part = 0; part < PARTS; part++) {
        size_t output = at->output + 4 * part;
        simde_float32x4_t scales_f32x4 = simde_vld1q_f32(self->scales + output);
        simde_float32x4_t biases_f32x4 = simde_vld1q_f32(self->biases + output);
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            simde_int32x4_t sums_i32x4 =
                simde_vpaddq_s32(first_i32x4[row][part], last_i32x4[row][part]);
            simde_float32x4_t scale_f32x4 =
                simde_vmulq_f32(simde_vdupq_n_f32(at->row_scales[row]), scales_f32x4);
            simde_float32x4_t scaled_f32x4 =
                simde_vmulq_f32(simde_vcvtq_f32_s32(sums_i32x4), scale_f32x4);
            simde_vst1q_f32(at->results + row * self->outputs_count + output,
                            simde_vaddq_f32(scaled_f32x4, biases_f32x4));
        }
    }
}

static void linear(const csimd_linear *self, const csimd_quantised *rows, size_t rows_count,
                   float *results) {
    for (size_t output = 0; output < self->outputs_count; output += CSIMD_LINEAR_GROUP) {
        for (size_t row = 0; row < rows_count; row += TILE_ROWS) {
            const tile at = {
                .rows = rows->bytes[row],
                .row_scales = rows->scales + row,
                .weights = self->weights + output * self->inputs_count,
                .results = results + row * self->outputs_count,
                .output = output,
            };
            if (rows_count - row >= TILE_ROWS) {
                run_tile(self, &at, TILE_ROWS);
            } else {
                run_tile(self, &at, 1);
            }
        }
    }
}

void csimd_raise_neon_encoder(csimd_encoder_kernels *kernels) {
    kernels->linear = linear;
}

#else
typedef int csimd_no_neon_encoder;
#endif
