/* NEON, the floor of AArch64: needs no compiler flag.
 *
 * Leans on smull (eight int8 products, each whole in an int16) and sadalp, which adds neighbouring
 * int16 into int32: nothing saturates. Packed signals become int8 again by flipping their sign bit,
 * so row sums are not needed; a vector holds four signals, and smull splits each one's four
 * products over two int32 lanes that are added at the end. A fold is read as two int16 halves
 * (smlal). Score loops are the scalar ones: the compiler gives those NEON already. GCC and Clang
 * fuse a multiply and an add here unless told not to: contraction is off in every file.
 */
#include "fold_halves.h"
#include "kernels.h"

#if defined(__aarch64__)

#include <string.h>

#include <simde/arm/neon.h>

#pragma STDC FP_CONTRACT OFF

#include "body_select.h"

/* sum + the products of a and b, neighbours added. */
CSIMD_INLINE simde_int32x4_t add_products(simde_int32x4_t sum_i32x4, simde_int8x16_t a_i8x16,
                                          simde_int8x16_t b_i8x16) {
    simde_int16x8_t low_i16x8 =
        simde_vmull_s8(simde_vget_low_s8(a_i8x16), simde_vget_low_s8(b_i8x16));
    simde_int16x8_t high_i16x8 = simde_vmull_high_s8(a_i8x16, b_i8x16);
    return simde_vpadalq_s16(simde_vpadalq_s16(sum_i32x4, low_i16x8), high_i16x8);
}

static int32_t dot(const int8_t *a, const int8_t *b, size_t dimension) {
    simde_int32x4_t sum_i32x4 = simde_vdupq_n_s32(0);
    for (size_t i = 0; i < dimension; i += 16) {
        sum_i32x4 = add_products(sum_i32x4, simde_vld1q_s8(a + i), simde_vld1q_s8(b + i));
    }
    return simde_vaddvq_s32(sum_i32x4);
}

#include "body_row_dots.h"

/* sum + row * half of a fold, 16 dimensions. */
CSIMD_INLINE simde_int32x4_t add_half(simde_int32x4_t sum_i32x4, simde_int16x8_t first_i16x8,
                                      simde_int16x8_t second_i16x8, const int16_t *half) {
    simde_int16x8_t first_half_i16x8 = simde_vld1q_s16(half);
    simde_int16x8_t second_half_i16x8 = simde_vld1q_s16(half + 8);
    sum_i32x4 = simde_vmlal_s16(sum_i32x4, simde_vget_low_s16(first_i16x8),
                                simde_vget_low_s16(first_half_i16x8));
    sum_i32x4 = simde_vmlal_high_s16(sum_i32x4, first_i16x8, first_half_i16x8);
    sum_i32x4 = simde_vmlal_s16(sum_i32x4, simde_vget_low_s16(second_i16x8),
                                simde_vget_low_s16(second_half_i16x8));
    return simde_vmlal_high_s16(sum_i32x4, second_i16x8, second_half_i16x8);
}

static void fold_sums(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                      int64_t *sums) {
    int16_t low[CSIMD_DIMENSION_MAX];
    int16_t high[CSIMD_DIMENSION_MAX];
    csimd_fold_halves(fold, low, high);
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, fold->dimension);
    for (size_t row = 0; row < rows_count; row++) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + 1, fold->dimension);
        simde_int32x4_t low_i32x4 = simde_vdupq_n_s32(0);
        simde_int32x4_t high_i32x4 = simde_vdupq_n_s32(0);
        for (size_t i = 0; i < fold->dimension; i += 16) {
            simde_int8x16_t row_i8x16 = simde_vld1q_s8(rows[row] + i);
            simde_int16x8_t first_i16x8 = simde_vmovl_s8(simde_vget_low_s8(row_i8x16));
            simde_int16x8_t second_i16x8 = simde_vmovl_s8(simde_vget_high_s8(row_i8x16));
            low_i32x4 = add_half(low_i32x4, first_i16x8, second_i16x8, low + i);
            high_i32x4 = add_half(high_i32x4, first_i16x8, second_i16x8, high + i);
        }
        sums[row] = (int64_t)simde_vaddvq_s32(high_i32x4) * 65536 + simde_vaddvq_s32(low_i32x4);
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

/* One row with one group of 16 signals. */
CSIMD_INLINE simde_int64x2_t add_group(simde_int64x2_t sum_i64x2, const uint8_t *group,
                                       const int16_t *weights, const int8_t *row,
                                       size_t dimension) {
    const simde_uint8x16_t sign_bits = simde_vdupq_n_u8(0x80);
    /* Two vectors for each four signals: of the products of the first two, and of the last two. */
    simde_int32x4_t first_i32x4[4];
    simde_int32x4_t last_i32x4[4];
    CSIMD_UNROLL
    for (size_t part = 0; part < 4; part++) {
        first_i32x4[part] = last_i32x4[part] = simde_vdupq_n_s32(0);
    }
    for (size_t quad = 0; quad < dimension / 4; quad++) {
        simde_int8x16_t row_i8x16 = repeat_quad(row + 4 * quad);
        CSIMD_UNROLL
        for (size_t part = 0; part < 4; part++) {
            simde_uint8x16_t signals_u8x16 = simde_vld1q_u8(group + quad * 64 + part * 16);
            simde_int8x16_t signals_i8x16 =
                simde_vreinterpretq_s8_u8(simde_veorq_u8(signals_u8x16, sign_bits));
            first_i32x4[part] = simde_vpadalq_s16(
                first_i32x4[part],
                simde_vmull_s8(simde_vget_low_s8(signals_i8x16), simde_vget_low_s8(row_i8x16)));
            last_i32x4[part] =
                simde_vpadalq_s16(last_i32x4[part], simde_vmull_high_s8(signals_i8x16, row_i8x16));
        }
    }
    CSIMD_UNROLL
    for (size_t part = 0; part < 4; part++) {
        simde_int32x4_t dots_i32x4 = simde_vpaddq_s32(first_i32x4[part], last_i32x4[part]);
        sum_i64x2 = add_weighted(sum_i64x2, dots_i32x4, weights + 4 * part);
    }
    return sum_i64x2;
}

static void pack_sums(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                      size_t rows_count, int64_t *sums) {
    (void)row_sums; /* signals are made int8 again */
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, pack->dimension);
    for (size_t row = 0; row < rows_count; row++) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + 1, pack->dimension);
        simde_int64x2_t sum_i64x2 = simde_vdupq_n_s64(0);
        for (size_t group = 0; group < pack->groups_count; group++) {
            sum_i64x2 =
                add_group(sum_i64x2, pack->bytes + group * CSIMD_PACK_GROUP * pack->dimension,
                          pack->weights + group * CSIMD_PACK_GROUP, rows[row], pack->dimension);
        }
        sums[row] = simde_vaddvq_s64(sum_i64x2);
    }
}

void csimd_raise_neon(csimd_kernels *kernels) {
    kernels->dot = dot;
    kernels->fold_sums = fold_sums;
    kernels->row_dots = row_dots;
    kernels->pack_sums = pack_sums;
    kernels->split = split;
    kernels->ranks = ranks;
}

#else
typedef int csimd_no_neon;
#endif
