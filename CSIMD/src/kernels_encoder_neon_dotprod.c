/* The encoder's kernels for NEON with the dot product extension.
 *
 * Leans on sdot by lane: four quads of a row lie in one register, and each in turn meets 4 outputs
 * of a quad of weights, 16 products added to four int32 lanes. Four rows by 16 outputs are 16 sums
 * of the 32 registers, and load 5 times for 16 of them. A quantised row is int8, as scalar makes
 * it. sdot itself is the compiler's intrinsic: SIMDe emulates it unless the whole build targets
 * Armv8.2.
 */
#include "kernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <string.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif

#include <simde/arm/neon.h>

#pragma STDC FP_CONTRACT OFF

enum { TILE_ROWS = 4, PARTS = 4, QUAD_BYTES = 64, QUADS = 4 };

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
    simde_int32x4_t sums_i32x4[TILE_ROWS][PARTS];
    CSIMD_UNROLL
    for (size_t row = 0; row < rows; row++) {
        CSIMD_UNROLL
        for (size_t part = 0; part < PARTS; part++) {
            sums_i32x4[row][part] = simde_vdupq_n_s32(0);
        }
    }
    for (size_t i = 0; i < self->inputs_count; i += QUADS * CSIMD_LINEAR_QUAD) {
        const int8_t *weights = at->weights + i * CSIMD_LINEAR_GROUP;
        simde_int8x16_t quads_i8x16[TILE_ROWS];
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            quads_i8x16[row] =
                simde_vld1q_s8((const int8_t *)at->rows + row * CSIMD_QUANTISED_ROW_BYTES + i);
        }
        CSIMD_UNROLL
        for (size_t part = 0; part < PARTS; part++) {
            simde_int8x16_t first_i8x16 = simde_vld1q_s8(weights + 16 * part);
            simde_int8x16_t second_i8x16 = simde_vld1q_s8(weights + QUAD_BYTES + 16 * part);
            simde_int8x16_t third_i8x16 = simde_vld1q_s8(weights + 2 * QUAD_BYTES + 16 * part);
            simde_int8x16_t fourth_i8x16 = simde_vld1q_s8(weights + 3 * QUAD_BYTES + 16 * part);
            CSIMD_UNROLL
            for (size_t row = 0; row < rows; row++) {
                simde_int32x4_t sum_i32x4 = sums_i32x4[row][part];
                sum_i32x4 = vdotq_laneq_s32(sum_i32x4, first_i8x16, quads_i8x16[row], 0);
                sum_i32x4 = vdotq_laneq_s32(sum_i32x4, second_i8x16, quads_i8x16[row], 1);
                sum_i32x4 = vdotq_laneq_s32(sum_i32x4, third_i8x16, quads_i8x16[row], 2);
                sum_i32x4 = vdotq_laneq_s32(sum_i32x4, fourth_i8x16, quads_i8x16[row], 3);
                sums_i32x4[row][part] = sum_i32x4;
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
            simde_float32x4_t scale_f32x4 =
                simde_vmulq_f32(simde_vdupq_n_f32(at->row_scales[row]), scales_f32x4);
            simde_float32x4_t scaled_f32x4 =
                simde_vmulq_f32(simde_vcvtq_f32_s32(sums_i32x4[row][part]), scale_f32x4);
            simde_vst1q_f32(at->results + row * self->outputs_count + output,
                            simde_vaddq_f32(scaled_f32x4, biases_f32x4));
        }
    }
}

static void linear(const csimd_linear *self, const csimd_quantised *rows, size_t rows_count,
                   float *results) {
    for (size_t output = 0; output < self->outputs_count; output += CSIMD_LINEAR_GROUP) {
        for (size_t row = 0; row < rows_count;) {
            size_t tile_rows = csimd_tile_rows(rows_count - row, TILE_ROWS);
            const tile at = {
                .rows = rows->bytes[row],
                .row_scales = rows->scales + row,
                .weights = self->weights + output * self->inputs_count,
                .results = results + row * self->outputs_count,
                .output = output,
            };
            switch (tile_rows) {
            case 4:
                run_tile(self, &at, 4);
                break;
            case 3:
                run_tile(self, &at, 3);
                break;
            case 2:
                run_tile(self, &at, 2);
                break;
            default:
                run_tile(self, &at, 1);
                break;
            }
            row += tile_rows;
        }
    }
}

void csimd_raise_neon_dotprod_encoder(csimd_encoder_kernels *kernels) {
    kernels->linear = linear;
}

#include "target_end.h"

#else
typedef int csimd_no_neon_dotprod_encoder;
#endif
