/* AVX2.
 *
 * Leans on vpmaddwd, which multiplies int16 and adds neighbours into int32: exact. vpmaddubsw, one
 * step shorter, saturates: 255 * 127 * 2 does not fit int16. Rows become int16 by vpmovsxbw. Packed
 * signals are uint8, so their even and odd bytes come apart by a mask and a shift; each int16 then
 * meets the row's even or odd bytes, and one int32 lane collects one signal's dot, so that nothing
 * is added across lanes. Two rows share the parted signals.
 */
#include "fold_halves.h"
#include "kernels.h"

#if defined(__x86_64__)

#include "target_avx2.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

#include "body_fold.h"
#include "body_scan.h"
#include "body_score.h"
#include "body_select.h"

CSIMD_INLINE simde__m256i load(const void *from) {
    return simde_mm256_loadu_si256(from);
}

CSIMD_INLINE simde__m256i load_i16x16(const int8_t *bytes) {
    return simde_mm256_cvtepi8_epi16(simde_mm_loadu_si128((const simde__m128i *)bytes));
}

CSIMD_INLINE int32_t reduce_add(simde__m256i sum_i32x8) {
    simde__m128i sum_i32x4 = simde_mm_add_epi32(simde_mm256_castsi256_si128(sum_i32x8),
                                                simde_mm256_extracti128_si256(sum_i32x8, 1));
    sum_i32x4 = simde_mm_add_epi32(sum_i32x4, simde_mm_shuffle_epi32(sum_i32x4, 0x4e));
    sum_i32x4 = simde_mm_add_epi32(sum_i32x4, simde_mm_shuffle_epi32(sum_i32x4, 0xb1));
    return simde_mm_cvtsi128_si32(sum_i32x4);
}

static int32_t dot(const int8_t *a, const int8_t *b, size_t dimension) {
    simde__m256i sum_i32x8 = simde_mm256_setzero_si256();
    for (size_t i = 0; i < dimension; i += 16) {
        simde__m256i products_i32x8 =
            simde_mm256_madd_epi16(load_i16x16(a + i), load_i16x16(b + i));
        sum_i32x8 = simde_mm256_add_epi32(sum_i32x8, products_i32x8);
    }
    return reduce_add(sum_i32x8);
}

/* Lane i of the lower half: the sum of low[i]; of the upper half: the sum of high[i]. */
CSIMD_INLINE simde__m256i reduce_add_4_and_4(const simde__m256i low[4],
                                             const simde__m256i high[4]) {
    simde__m256i low_i32x8 = simde_mm256_hadd_epi32(simde_mm256_hadd_epi32(low[0], low[1]),
                                                    simde_mm256_hadd_epi32(low[2], low[3]));
    simde__m256i high_i32x8 = simde_mm256_hadd_epi32(simde_mm256_hadd_epi32(high[0], high[1]),
                                                     simde_mm256_hadd_epi32(high[2], high[3]));
    return simde_mm256_add_epi32(simde_mm256_permute2x128_si256(low_i32x8, high_i32x8, 0x20),
                                 simde_mm256_permute2x128_si256(low_i32x8, high_i32x8, 0x31));
}

enum { DOT_ROWS = 8 };

CSIMD_INLINE simde__m256i row_dots_block(const simde__m256i *query_i16x16, size_t dimension,
                                         const int8_t *const rows[DOT_ROWS]) {
    simde__m256i sums_i32x8[DOT_ROWS];
    CSIMD_UNROLL
    for (size_t row = 0; row < DOT_ROWS; row++) {
        sums_i32x8[row] = simde_mm256_setzero_si256();
    }
    for (size_t i = 0; i < dimension; i += 16) {
        simde__m256i part_i16x16 = query_i16x16[i / 16];
        CSIMD_UNROLL
        for (size_t row = 0; row < DOT_ROWS; row++) {
            sums_i32x8[row] = simde_mm256_add_epi32(
                sums_i32x8[row], simde_mm256_madd_epi16(load_i16x16(rows[row] + i), part_i16x16));
        }
    }
    return reduce_add_4_and_4(sums_i32x8, sums_i32x8 + 4);
}

static void row_dots(const int8_t *query, const int8_t *const *rows, size_t rows_count,
                     size_t dimension, int32_t *dots) {
    simde__m256i query_i16x16[CSIMD_DIMENSION_MAX / 16];
    for (size_t i = 0; i < dimension; i += 16) {
        query_i16x16[i / 16] = load_i16x16(query + i);
    }
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, dimension);
    size_t row = 0;
    for (; row + DOT_ROWS <= rows_count; row += DOT_ROWS) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + DOT_ROWS, dimension);
        simde_mm256_storeu_si256((simde__m256i *)(dots + row),
                                 row_dots_block(query_i16x16, dimension, rows + row));
    }
    for (; row < rows_count; row++) {
        dots[row] = dot(query, rows[row], dimension);
    }
}

enum { FOLD_ROWS = 4 };

/* Four rows with both halves of a fold; the result is four int64. */
CSIMD_INLINE simde__m256i fold_block(const int16_t *low, const int16_t *high, size_t dimension,
                                     const int8_t *const rows[FOLD_ROWS]) {
    simde__m256i low_i32x8[FOLD_ROWS];
    simde__m256i high_i32x8[FOLD_ROWS];
    CSIMD_UNROLL
    for (size_t row = 0; row < FOLD_ROWS; row++) {
        low_i32x8[row] = high_i32x8[row] = simde_mm256_setzero_si256();
    }
    for (size_t i = 0; i < dimension; i += 16) {
        simde__m256i low_i16x16 = load(low + i);
        simde__m256i high_i16x16 = load(high + i);
        CSIMD_UNROLL
        for (size_t row = 0; row < FOLD_ROWS; row++) {
            simde__m256i row_i16x16 = load_i16x16(rows[row] + i);
            low_i32x8[row] = simde_mm256_add_epi32(low_i32x8[row],
                                                   simde_mm256_madd_epi16(row_i16x16, low_i16x16));
            high_i32x8[row] = simde_mm256_add_epi32(
                high_i32x8[row], simde_mm256_madd_epi16(row_i16x16, high_i16x16));
        }
    }
    simde__m256i dots_i32x8 = reduce_add_4_and_4(low_i32x8, high_i32x8);
    simde__m256i low_i64x4 = simde_mm256_cvtepi32_epi64(simde_mm256_castsi256_si128(dots_i32x8));
    simde__m256i high_i64x4 =
        simde_mm256_cvtepi32_epi64(simde_mm256_extracti128_si256(dots_i32x8, 1));
    return simde_mm256_add_epi64(low_i64x4, simde_mm256_slli_epi64(high_i64x4, 16));
}

static void fold_sums(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                      int64_t *sums) {
    int16_t low[CSIMD_DIMENSION_MAX];
    int16_t high[CSIMD_DIMENSION_MAX];
    csimd_fold_halves(fold, low, high);
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, fold->dimension);
    size_t row = 0;
    for (; row + FOLD_ROWS <= rows_count; row += FOLD_ROWS) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + FOLD_ROWS, fold->dimension);
        simde__m256i sums_i64x4 = fold_block(low, high, fold->dimension, rows + row);
        simde_mm256_storeu_si256((simde__m256i *)(sums + row), sums_i64x4);
    }
    if (row < rows_count) { /* the last few, their block filled up with the last row */
        const int8_t *last[FOLD_ROWS];
        int64_t last_sums[FOLD_ROWS];
        for (size_t i = 0; i < FOLD_ROWS; i++) {
            last[i] = rows[row + i < rows_count ? row + i : rows_count - 1];
        }
        simde__m256i sums_i64x4 = fold_block(low, high, fold->dimension, last);
        simde_mm256_storeu_si256((simde__m256i *)last_sums, sums_i64x4);
        memcpy(sums + row, last_sums, (rows_count - row) * sizeof *sums);
    }
}

/* A row's even bytes, then its odd ones, as int16: what one quad of signals meets. */
typedef struct {
    int16_t even[CSIMD_DIMENSION_MAX / 2];
    int16_t odd[CSIMD_DIMENSION_MAX / 2];
} parted_row;

static void part_row(parted_row *parted, const int8_t *row, size_t dimension) {
    for (size_t i = 0; i < dimension / 2; i += 16) {
        simde__m256i row_i8x32 = load(row + 2 * i);
        simde__m256i even_i16x16 = simde_mm256_srai_epi16(simde_mm256_slli_epi16(row_i8x32, 8), 8);
        simde_mm256_storeu_si256((simde__m256i *)(parted->even + i), even_i16x16);
        simde_mm256_storeu_si256((simde__m256i *)(parted->odd + i),
                                 simde_mm256_srai_epi16(row_i8x32, 8));
    }
}

CSIMD_INLINE simde__m256i repeat_pair(const int16_t *pair) {
    int32_t bits;
    memcpy(&bits, pair, sizeof bits);
    return simde_mm256_set1_epi32(bits);
}

/* sum + max(0, dots - correction) * weights, in four int64. */
CSIMD_INLINE simde__m256i add_weighted(simde__m256i sum_i64x4, simde__m256i dots_i32x8,
                                       simde__m256i correction_i32x8, const int16_t *weights) {
    simde__m256i x_i32x8 = simde_mm256_max_epi32(
        simde_mm256_sub_epi32(dots_i32x8, correction_i32x8), simde_mm256_setzero_si256());
    simde__m256i weights_i32x8 =
        simde_mm256_cvtepi16_epi32(simde_mm_loadu_si128((const simde__m128i *)weights));
    simde__m256i even_i64x4 = simde_mm256_mul_epi32(x_i32x8, weights_i32x8);
    simde__m256i odd_i64x4 = simde_mm256_mul_epi32(simde_mm256_srli_epi64(x_i32x8, 32),
                                                   simde_mm256_srli_epi64(weights_i32x8, 32));
    return simde_mm256_add_epi64(sum_i64x4, simde_mm256_add_epi64(even_i64x4, odd_i64x4));
}

CSIMD_INLINE int64_t reduce_add_i64(simde__m256i sum_i64x4) {
    int64_t lanes[4];
    simde_mm256_storeu_si256((simde__m256i *)lanes, sum_i64x4);
    return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

enum { PACK_ROWS = 2 };

/* PACK_ROWS rows against every group. */
static void pack_block(const csimd_pack *pack, const parted_row rows[PACK_ROWS],
                       const int32_t row_sums[PACK_ROWS], int64_t sums[PACK_ROWS]) {
    const simde__m256i even_bytes = simde_mm256_set1_epi16(0xff);
    simde__m256i sums_i64x4[PACK_ROWS] = {simde_mm256_setzero_si256(), simde_mm256_setzero_si256()};
    for (size_t group = 0; group < pack->groups_count; group++) {
        const uint8_t *bytes = pack->bytes + group * CSIMD_PACK_GROUP * pack->dimension;
        const int16_t *weights = pack->weights + group * CSIMD_PACK_GROUP;
        simde__m256i dots_i32x8[PACK_ROWS][2];
        CSIMD_UNROLL
        for (size_t row = 0; row < PACK_ROWS; row++) {
            dots_i32x8[row][0] = dots_i32x8[row][1] = simde_mm256_setzero_si256();
        }
        for (size_t quad = 0; quad < pack->dimension / 4; quad++) {
            CSIMD_UNROLL
            for (size_t half = 0; half < 2; half++) {
                simde__m256i signals_u8x32 = load(bytes + quad * 64 + half * 32);
                simde__m256i even_i16x16 = simde_mm256_and_si256(signals_u8x32, even_bytes);
                simde__m256i odd_i16x16 = simde_mm256_srli_epi16(signals_u8x32, 8);
                CSIMD_UNROLL
                for (size_t row = 0; row < PACK_ROWS; row++) {
                    simde__m256i products_i32x8 = simde_mm256_add_epi32(
                        simde_mm256_madd_epi16(even_i16x16, repeat_pair(rows[row].even + 2 * quad)),
                        simde_mm256_madd_epi16(odd_i16x16, repeat_pair(rows[row].odd + 2 * quad)));
                    dots_i32x8[row][half] =
                        simde_mm256_add_epi32(dots_i32x8[row][half], products_i32x8);
                }
            }
        }
        CSIMD_UNROLL
        for (size_t row = 0; row < PACK_ROWS; row++) {
            simde__m256i correction_i32x8 = simde_mm256_set1_epi32(128 * row_sums[row]);
            for (size_t half = 0; half < 2; half++) {
                sums_i64x4[row] = add_weighted(sums_i64x4[row], dots_i32x8[row][half],
                                               correction_i32x8, weights + half * 8);
            }
        }
    }
    for (size_t row = 0; row < PACK_ROWS; row++) {
        sums[row] = reduce_add_i64(sums_i64x4[row]);
    }
}

static void pack_sums(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                      size_t rows_count, int64_t *sums) {
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, pack->dimension);
    for (size_t row = 0; row < rows_count; row += PACK_ROWS) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + PACK_ROWS, pack->dimension);
        /* An odd last row is worked on twice. */
        size_t second = row + 1 < rows_count ? row + 1 : row;
        parted_row parted[PACK_ROWS];
        part_row(&parted[0], rows[row], pack->dimension);
        part_row(&parted[1], rows[second], pack->dimension);
        const int32_t block_row_sums[PACK_ROWS] = {row_sums[row], row_sums[second]};
        int64_t block_sums[PACK_ROWS];
        pack_block(pack, parted, block_row_sums, block_sums);
        sums[row] = block_sums[0];
        sums[second] = second == row ? block_sums[0] : block_sums[1];
    }
}

void csimd_raise_avx2(csimd_kernels *kernels) {
    kernels->dot = dot;
    kernels->fold_sums = fold_sums;
    kernels->pack_sums = pack_sums;
    kernels->row_dots = row_dots;
    kernels->bounds_add_dots = bounds_add_dots;
    kernels->bounds_add_column = bounds_add_column;
    kernels->bounds_add_freshness = bounds_add_freshness;
    kernels->bounds_reach = bounds_reach;
    kernels->logits_add_sums = logits_add_sums;
    kernels->logits_add = logits_add;
    kernels->logistic = logistic;
    kernels->keys_of_doubles = keys_of_doubles;
    kernels->fold_add = fold_add;
    kernels->split = split;
    kernels->ranks = ranks;
}

#include "target_end.h"

#else
typedef int csimd_no_avx2;
#endif
