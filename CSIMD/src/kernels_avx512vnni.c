/* AVX-512 with VNNI (Ice Lake, Zen 4 and later).
 *
 * Leans on vpdpbusd, which multiplies 64 uint8 by int8 and adds each four neighbours to an int32
 * lane, without saturation. One side must be unsigned: rows of a fold become uint8 by flipping
 * their sign bit (value + 128), and 128 times the sum of the other side is taken off at the end;
 * packed signals are stored that way, and there it is 128 times the row's sum. No lane can
 * overflow: 256 values * 255 * 128 < 2^31. The target list implies fma; contraction is off, and
 * tools/check-objects looks.
 */
#include "kernels.h"

#if defined(__x86_64__)

#include "target_avx512vnni.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

#include "body_fold.h"
#include "body_scan.h"
#include "body_score.h"
#include "body_select.h"

CSIMD_INLINE simde__m512i load(const void *from) {
    return simde_mm512_loadu_si512(from);
}

/* int8 to uint8: value + 128. */
CSIMD_INLINE simde__m512i load_unsigned(const int8_t *row) {
    return simde_mm512_xor_si512(load(row), simde_mm512_set1_epi8((int8_t)0x80));
}

static int32_t row_sum(const int8_t *row, size_t dimension) {
    simde__m512i sum_i32x16 = simde_mm512_setzero_si512();
    const simde__m512i ones_u8x64 = simde_mm512_set1_epi8(1);
    for (size_t i = 0; i < dimension; i += 64) {
        sum_i32x16 = simde_mm512_dpbusd_epi32(sum_i32x16, ones_u8x64, load(row + i));
    }
    return _mm512_reduce_add_epi32(sum_i32x16);
}

static int32_t dot(const int8_t *a, const int8_t *b, size_t dimension) {
    simde__m512i sum_i32x16 = simde_mm512_setzero_si512();
    simde__m512i excess_i32x16 = simde_mm512_setzero_si512();
    const simde__m512i offset_u8x64 = simde_mm512_set1_epi8((int8_t)0x80);
    for (size_t i = 0; i < dimension; i += 64) {
        simde__m512i b_i8x64 = load(b + i);
        sum_i32x16 = simde_mm512_dpbusd_epi32(sum_i32x16, load_unsigned(a + i), b_i8x64);
        excess_i32x16 = simde_mm512_dpbusd_epi32(excess_i32x16, offset_u8x64, b_i8x64);
    }
    return _mm512_reduce_add_epi32(simde_mm512_sub_epi32(sum_i32x16, excess_i32x16));
}

/* Lane i of the result is the sum of the lanes of vectors[i]: four rounds of interleaving pairs, so
 * that 16 sums take 30 shuffles and 15 additions. */
CSIMD_INLINE simde__m512i reduce_add_16(const simde__m512i vectors[16]) {
    simde__m512i pairs[8];
    simde__m512i quads[4];
    simde__m512i halves[2];
    CSIMD_UNROLL
    for (size_t i = 0; i < 8; i++) {
        pairs[i] =
            simde_mm512_add_epi32(simde_mm512_unpacklo_epi32(vectors[2 * i], vectors[2 * i + 1]),
                                  simde_mm512_unpackhi_epi32(vectors[2 * i], vectors[2 * i + 1]));
    }
    CSIMD_UNROLL
    for (size_t i = 0; i < 4; i++) {
        quads[i] =
            simde_mm512_add_epi32(simde_mm512_unpacklo_epi64(pairs[2 * i], pairs[2 * i + 1]),
                                  simde_mm512_unpackhi_epi64(pairs[2 * i], pairs[2 * i + 1]));
    }
    CSIMD_UNROLL
    for (size_t i = 0; i < 2; i++) {
        halves[i] =
            simde_mm512_add_epi32(simde_mm512_shuffle_i32x4(quads[2 * i], quads[2 * i + 1], 0x88),
                                  simde_mm512_shuffle_i32x4(quads[2 * i], quads[2 * i + 1], 0xdd));
    }
    return simde_mm512_add_epi32(simde_mm512_shuffle_i32x4(halves[0], halves[1], 0x88),
                                 simde_mm512_shuffle_i32x4(halves[0], halves[1], 0xdd));
}

enum { DOT_ROWS = 16 };

/* Sixteen rows with one query. `dimension` is a constant here. */
CSIMD_INLINE void row_dots_of(const int8_t *query, const int8_t *const *rows, size_t rows_count,
                              size_t dimension, int32_t *dots) {
    simde__m512i excess_i32x16 = simde_mm512_set1_epi32(128 * row_sum(query, dimension));
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, dimension);
    size_t row = 0;
    for (; row + DOT_ROWS <= rows_count; row += DOT_ROWS) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + DOT_ROWS, dimension);
        simde__m512i parts_i32x16[DOT_ROWS];
        CSIMD_UNROLL
        for (size_t j = 0; j < DOT_ROWS; j++) {
            parts_i32x16[j] = simde_mm512_setzero_si512();
            CSIMD_UNROLL
            for (size_t i = 0; i < dimension; i += 64) {
                parts_i32x16[j] = simde_mm512_dpbusd_epi32(
                    parts_i32x16[j], load_unsigned(rows[row + j] + i), load(query + i));
            }
        }
        simde_mm512_storeu_si512(dots + row,
                                 simde_mm512_sub_epi32(reduce_add_16(parts_i32x16), excess_i32x16));
    }
    for (; row < rows_count; row++) {
        dots[row] = dot(query, rows[row], dimension);
    }
}

static void row_dots(const int8_t *query, const int8_t *const *rows, size_t rows_count,
                     size_t dimension, int32_t *dots) {
    switch (dimension) {
    case 64:
        row_dots_of(query, rows, rows_count, 64, dots);
        break;
    case 128:
        row_dots_of(query, rows, rows_count, 128, dots);
        break;
    case 192:
        row_dots_of(query, rows, rows_count, 192, dots);
        break;
    default:
        row_dots_of(query, rows, rows_count, 256, dots);
        break;
    }
}

/* One row with two neighbouring planes: lower + 256 * higher, spread over 16 lanes. Lanes may wrap;
 * the number they add up to, less the excess, fits int32. */
CSIMD_INLINE simde__m512i fold_planes(const int8_t *row, const int8_t *lower, const int8_t *higher,
                                      size_t dimension) {
    simde__m512i sum_i32x16 = simde_mm512_setzero_si512();
    CSIMD_UNROLL
    for (size_t i = 0; i < dimension; i += 64) {
        sum_i32x16 = simde_mm512_dpbusd_epi32(sum_i32x16, load_unsigned(row + i), load(higher + i));
    }
    sum_i32x16 = simde_mm512_slli_epi32(sum_i32x16, 8);
    CSIMD_UNROLL
    for (size_t i = 0; i < dimension; i += 64) {
        sum_i32x16 = simde_mm512_dpbusd_epi32(sum_i32x16, load_unsigned(row + i), load(lower + i));
    }
    return sum_i32x16;
}

enum { FOLD_ROWS = 8 };

/* Eight rows with all planes; the result is eight int64. `dimension` is a constant here. */
CSIMD_INLINE simde__m512i fold_block(const csimd_fold *fold, simde__m512i excess_i32x16,
                                     const int8_t *const *rows, size_t dimension) {
    simde__m512i parts_i32x16[2 * FOLD_ROWS];
    CSIMD_UNROLL
    for (size_t i = 0; i < FOLD_ROWS; i++) {
        parts_i32x16[i] = fold_planes(rows[i], fold->planes[0], fold->planes[1], dimension);
        parts_i32x16[FOLD_ROWS + i] =
            fold_planes(rows[i], fold->planes[2], fold->planes[3], dimension);
    }
    simde__m512i dots_i32x16 = simde_mm512_sub_epi32(reduce_add_16(parts_i32x16), excess_i32x16);
    simde__m512i low_i64x8 = _mm512_cvtepi32_epi64(simde_mm512_castsi512_si256(dots_i32x16));
    simde__m512i high_i64x8 = _mm512_cvtepi32_epi64(simde_mm512_extracti64x4_epi64(dots_i32x16, 1));
    return simde_mm512_add_epi64(low_i64x8, simde_mm512_slli_epi64(high_i64x8, 16));
}

CSIMD_INLINE void fold_sums_of(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                               int64_t *sums, size_t dimension) {
    int32_t low_excess = 128 * (fold->plane_sums[0] + 256 * fold->plane_sums[1]);
    int32_t high_excess = 128 * (fold->plane_sums[2] + 256 * fold->plane_sums[3]);
    simde__m512i excess_i32x16 = simde_mm512_inserti64x4(simde_mm512_set1_epi32(low_excess),
                                                         simde_mm256_set1_epi32(high_excess), 1);

    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, dimension);
    size_t row = 0;
    for (; row + FOLD_ROWS <= rows_count; row += FOLD_ROWS) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + FOLD_ROWS, dimension);
        simde_mm512_storeu_si512(sums + row,
                                 fold_block(fold, excess_i32x16, rows + row, dimension));
    }
    if (row < rows_count) { /* the last few, their block filled up with the last row */
        const int8_t *last[FOLD_ROWS];
        int64_t last_sums[FOLD_ROWS];
        for (size_t i = 0; i < FOLD_ROWS; i++) {
            last[i] = rows[row + i < rows_count ? row + i : rows_count - 1];
        }
        simde_mm512_storeu_si512(last_sums, fold_block(fold, excess_i32x16, last, dimension));
        memcpy(sums + row, last_sums, (rows_count - row) * sizeof *sums);
    }
}

static void fold_sums(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                      int64_t *sums) {
    switch (fold->dimension) {
    case 64:
        fold_sums_of(fold, rows, rows_count, sums, 64);
        break;
    case 128:
        fold_sums_of(fold, rows, rows_count, sums, 128);
        break;
    case 192:
        fold_sums_of(fold, rows, rows_count, sums, 192);
        break;
    default:
        fold_sums_of(fold, rows, rows_count, sums, 256);
        break;
    }
}

/* sum + max(0, dots - correction) * weights, in eight int64. */
CSIMD_INLINE simde__m512i add_weighted(simde__m512i sum_i64x8, simde__m512i dots_i32x16,
                                       simde__m512i correction_i32x16, const int16_t *weights) {
    simde__m512i x_i32x16 = simde_mm512_max_epi32(
        simde_mm512_sub_epi32(dots_i32x16, correction_i32x16), simde_mm512_setzero_si512());
    simde__m512i weights_i32x16 =
        _mm512_cvtepi16_epi32(simde_mm256_loadu_si256((const simde__m256i *)weights));
    simde__m512i even_i64x8 = simde_mm512_mul_epi32(x_i32x16, weights_i32x16);
    simde__m512i odd_i64x8 = simde_mm512_mul_epi32(simde_mm512_srli_epi64(x_i32x16, 32),
                                                   simde_mm512_srli_epi64(weights_i32x16, 32));
    return simde_mm512_add_epi64(sum_i64x8, simde_mm512_add_epi64(even_i64x8, odd_i64x8));
}

CSIMD_INLINE simde__m512i repeat_quad(const int8_t *quad) {
    int32_t bits;
    memcpy(&bits, quad, sizeof bits);
    return simde_mm512_set1_epi32(bits);
}

/* Rows against groups in blocks of eight dots, which vpdpbusd's latency needs: two rows by four
 * groups, and for the groups that remain four rows by two, or by one. */
enum { PACK_ROWS = 4, PACK_GROUPS = 4 };

/* Adds to the sums of `rows_count` rows what `groups` groups give, from first_group on. Both counts
 * are constants here. */
CSIMD_INLINE void pack_block(const csimd_pack *pack, const int8_t *const *rows,
                             const size_t rows_count, const simde__m512i *corrections_i32x16,
                             size_t first_group, const size_t groups, simde__m512i *sums_i64x8) {
    const size_t group_bytes = CSIMD_PACK_GROUP * pack->dimension;
    const uint8_t *bytes = pack->bytes + first_group * group_bytes;
    const int16_t *weights = pack->weights + first_group * CSIMD_PACK_GROUP;
    simde__m512i dots_i32x16[PACK_ROWS][PACK_GROUPS];
    CSIMD_UNROLL
    for (size_t group = 0; group < groups; group++) {
        CSIMD_UNROLL
        for (size_t row = 0; row < rows_count; row++) {
            dots_i32x16[row][group] = simde_mm512_setzero_si512();
        }
    }
    for (size_t quad = 0; quad < pack->dimension / 4; quad++) {
        simde__m512i rows_i8x64[PACK_ROWS];
        CSIMD_UNROLL
        for (size_t row = 0; row < rows_count; row++) {
            rows_i8x64[row] = repeat_quad(rows[row] + 4 * quad);
        }
        CSIMD_UNROLL
        for (size_t group = 0; group < groups; group++) {
            simde__m512i signals_u8x64 = load(bytes + group * group_bytes + quad * 64);
            CSIMD_UNROLL
            for (size_t row = 0; row < rows_count; row++) {
                dots_i32x16[row][group] = simde_mm512_dpbusd_epi32(dots_i32x16[row][group],
                                                                   signals_u8x64, rows_i8x64[row]);
            }
        }
    }
    CSIMD_UNROLL
    for (size_t group = 0; group < groups; group++) {
        CSIMD_UNROLL
        for (size_t row = 0; row < rows_count; row++) {
            sums_i64x8[row] =
                add_weighted(sums_i64x8[row], dots_i32x16[row][group], corrections_i32x16[row],
                             weights + group * CSIMD_PACK_GROUP);
        }
    }
}

/* Four rows against every group. */
CSIMD_INLINE void pack_rows(const csimd_pack *pack, const int8_t *const rows[PACK_ROWS],
                            const int32_t row_sums[PACK_ROWS], int64_t sums[PACK_ROWS]) {
    simde__m512i corrections[PACK_ROWS];
    simde__m512i sums_i64x8[PACK_ROWS];
    CSIMD_UNROLL
    for (size_t row = 0; row < PACK_ROWS; row++) {
        corrections[row] = simde_mm512_set1_epi32(128 * row_sums[row]);
        sums_i64x8[row] = simde_mm512_setzero_si512();
    }
    size_t group = 0;
    for (; group + PACK_GROUPS <= pack->groups_count; group += PACK_GROUPS) {
        pack_block(pack, rows, 2, corrections, group, 4, sums_i64x8);
        pack_block(pack, rows + 2, 2, corrections + 2, group, 4, sums_i64x8 + 2);
    }
    if (group + 2 <= pack->groups_count) {
        pack_block(pack, rows, 4, corrections, group, 2, sums_i64x8);
        group += 2;
    }
    if (group < pack->groups_count) {
        pack_block(pack, rows, 4, corrections, group, 1, sums_i64x8);
    }
    CSIMD_UNROLL
    for (size_t row = 0; row < PACK_ROWS; row++) {
        sums[row] = _mm512_reduce_add_epi64(sums_i64x8[row]);
    }
}

static void pack_sums(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                      size_t rows_count, int64_t *sums) {
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, pack->dimension);
    size_t row = 0;
    for (; row + PACK_ROWS <= rows_count; row += PACK_ROWS) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + PACK_ROWS, pack->dimension);
        pack_rows(pack, rows + row, row_sums + row, sums + row);
    }
    if (row < rows_count) { /* the last few, their block filled up with the last row */
        const int8_t *last[PACK_ROWS];
        int32_t last_row_sums[PACK_ROWS];
        int64_t last_sums[PACK_ROWS];
        for (size_t i = 0; i < PACK_ROWS; i++) {
            size_t source = row + i < rows_count ? row + i : rows_count - 1;
            last[i] = rows[source];
            last_row_sums[i] = row_sums[source];
        }
        pack_rows(pack, last, last_row_sums, last_sums);
        memcpy(sums + row, last_sums, (rows_count - row) * sizeof *sums);
    }
}

void csimd_raise_avx512vnni(csimd_kernels *kernels) {
    kernels->dot = dot;
    kernels->row_sum = row_sum;
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
typedef int csimd_no_avx512vnni;
#endif
