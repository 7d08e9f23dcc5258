/* NEON with the dot product extension (Armv8.2 and later: Neoverse N1, Apple M1).
 *
 * Leans on sdot, which multiplies 16 int8 by int8 and adds each four neighbours to an int32 lane,
 * without saturation: in a pack, one lane collects one signal's dot. Packed signals become int8
 * again by flipping their sign bit, so row sums are not needed. sdot itself is the compiler's
 * intrinsic: SIMDe emulates it unless the whole build targets Armv8.2.
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

static int32_t dot(const int8_t *a, const int8_t *b, size_t dimension) {
    simde_int32x4_t sum_i32x4 = simde_vdupq_n_s32(0);
    for (size_t i = 0; i < dimension; i += 16) {
        sum_i32x4 = vdotq_s32(sum_i32x4, simde_vld1q_s8(a + i), simde_vld1q_s8(b + i));
    }
    return simde_vaddvq_s32(sum_i32x4);
}

#include "body_row_dots.h"

static int32_t row_sum(const int8_t *row, size_t dimension) {
    simde_int32x4_t sum_i32x4 = simde_vdupq_n_s32(0);
    for (size_t i = 0; i < dimension; i += 16) {
        sum_i32x4 = vdotq_s32(sum_i32x4, simde_vld1q_s8(row + i), simde_vdupq_n_s8(1));
    }
    return simde_vaddvq_s32(sum_i32x4);
}

static void fold_sums(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                      int64_t *sums) {
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, fold->dimension);
    for (size_t row = 0; row < rows_count; row++) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + 1, fold->dimension);
        simde_int32x4_t planes_i32x4[4];
        CSIMD_UNROLL
        for (size_t plane = 0; plane < 4; plane++) {
            planes_i32x4[plane] = simde_vdupq_n_s32(0);
        }
        for (size_t i = 0; i < fold->dimension; i += 16) {
            simde_int8x16_t row_i8x16 = simde_vld1q_s8(rows[row] + i);
            CSIMD_UNROLL
            for (size_t plane = 0; plane < 4; plane++) {
                planes_i32x4[plane] = vdotq_s32(planes_i32x4[plane], row_i8x16,
                                                simde_vld1q_s8(fold->planes[plane] + i));
            }
        }
        int64_t sum = 0;
        CSIMD_UNROLL
        for (size_t digit = 0; digit < 4; digit++) {
            sum = sum * 256 + simde_vaddvq_s32(planes_i32x4[3 - digit]);
        }
        sums[row] = sum;
    }
}

/* sum + max(0, dots) * weights, in two int64. */
CSIMD_INLINE simde_int64x2_t add_weighted(simde_int64x2_t sum_i64x2, simde_int32x4_t dots_i32x4,
                                          const int16_t *weights) {
    simde_int32x4_t x_i32x4 = simde_vmaxq_s32(dots_i32x4, simde_vdupq_n_s32(0));
    simde_int32x4_t weights_i32x4 = simde_vmovl_s16(simde_vld1_s16(weights));
    sum_i64x2 =
        simde_vmlal_s32(sum_i64x2, simde_vget_low_s32(x_i32x4), simde_vget_low_s32(weights_i32x4));
    return simde_vmlal_high_s32(sum_i64x2, x_i32x4, weights_i32x4);
}

CSIMD_INLINE simde_int8x16_t repeat_quad(const int8_t *quad) {
    int32_t bits;
    memcpy(&bits, quad, sizeof bits);
    return simde_vreinterpretq_s8_s32(simde_vdupq_n_s32(bits));
}

enum { PACK_ROWS = 2 };

/* Two rows with one group of 16 signals: eight running sums, as many as hide sdot's latency. */
CSIMD_INLINE void add_group(simde_int64x2_t sums_i64x2[PACK_ROWS], const uint8_t *group,
                            const int16_t *weights, const int8_t *const rows[PACK_ROWS],
                            size_t dimension) {
    const simde_uint8x16_t sign_bits = simde_vdupq_n_u8(0x80);
    simde_int32x4_t dots_i32x4[PACK_ROWS][4];
    CSIMD_UNROLL
    for (size_t part = 0; part < 4; part++) {
        dots_i32x4[0][part] = dots_i32x4[1][part] = simde_vdupq_n_s32(0);
    }
    for (size_t quad = 0; quad < dimension / 4; quad++) {
        simde_int8x16_t first_i8x16 = repeat_quad(rows[0] + 4 * quad);
        simde_int8x16_t second_i8x16 = repeat_quad(rows[1] + 4 * quad);
        CSIMD_UNROLL
        for (size_t part = 0; part < 4; part++) {
            simde_uint8x16_t signals_u8x16 = simde_vld1q_u8(group + quad * 64 + part * 16);
            simde_int8x16_t signals_i8x16 =
                simde_vreinterpretq_s8_u8(simde_veorq_u8(signals_u8x16, sign_bits));
            dots_i32x4[0][part] = vdotq_s32(dots_i32x4[0][part], signals_i8x16, first_i8x16);
            dots_i32x4[1][part] = vdotq_s32(dots_i32x4[1][part], signals_i8x16, second_i8x16);
        }
    }
    CSIMD_UNROLL
    for (size_t part = 0; part < 4; part++) {
        for (size_t row = 0; row < PACK_ROWS; row++) {
            sums_i64x2[row] =
                add_weighted(sums_i64x2[row], dots_i32x4[row][part], weights + 4 * part);
        }
    }
}

static void pack_sums(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                      size_t rows_count, int64_t *sums) {
    (void)row_sums; /* signals are made int8 again */
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, pack->dimension);
    for (size_t row = 0; row < rows_count; row += PACK_ROWS) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + PACK_ROWS, pack->dimension);
        /* An odd last row is worked on twice. */
        size_t second = row + 1 < rows_count ? row + 1 : row;
        const int8_t *const both[PACK_ROWS] = {rows[row], rows[second]};
        simde_int64x2_t sums_i64x2[PACK_ROWS] = {simde_vdupq_n_s64(0), simde_vdupq_n_s64(0)};
        for (size_t group = 0; group < pack->groups_count; group++) {
            add_group(sums_i64x2, pack->bytes + group * CSIMD_PACK_GROUP * pack->dimension,
                      pack->weights + group * CSIMD_PACK_GROUP, both, pack->dimension);
        }
        sums[row] = simde_vaddvq_s64(sums_i64x2[0]);
        sums[second] = simde_vaddvq_s64(sums_i64x2[1]);
    }
}

void csimd_raise_neon_dotprod(csimd_kernels *kernels) {
    kernels->dot = dot;
    kernels->row_sum = row_sum;
    kernels->fold_sums = fold_sums;
    kernels->row_dots = row_dots;
    kernels->pack_sums = pack_sums;
}

#include "target_end.h"

#else
typedef int csimd_no_neon_dotprod;
#endif
