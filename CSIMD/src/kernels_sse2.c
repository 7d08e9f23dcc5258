/* SSE2, the floor of x86-64: needs no compiler flag.
 *
 * Leans on pmaddwd, which multiplies int16 and adds neighbours into int32 without overflow. SSE2
 * has no sign extension of bytes: a byte is moved to the top of an int16 and shifted down. Packed
 * signals are uint8, so their even and odd bytes come apart by a mask and a shift; each int16 then
 * meets the row's even or odd bytes, and one int32 lane collects one signal's dot.
 * Score loops and selection stay the scalar ones: the compiler gives those SSE2 already.
 */
#include "fold_halves.h"
#include "kernels.h"

#if defined(__x86_64__)

#include <string.h>

#include <simde/x86/sse2.h>

#include "body_select.h"
#pragma STDC FP_CONTRACT OFF

CSIMD_INLINE int32_t reduce_add(simde__m128i sum_i32x4) {
    sum_i32x4 = simde_mm_add_epi32(sum_i32x4, simde_mm_shuffle_epi32(sum_i32x4, 0x4e));
    sum_i32x4 = simde_mm_add_epi32(sum_i32x4, simde_mm_shuffle_epi32(sum_i32x4, 0xb1));
    return simde_mm_cvtsi128_si32(sum_i32x4);
}

CSIMD_INLINE simde__m128i load(const void *from) {
    return simde_mm_loadu_si128(from);
}

CSIMD_INLINE simde__m128i low_i16x8(simde__m128i bytes_i8x16) {
    return simde_mm_srai_epi16(simde_mm_unpacklo_epi8(simde_mm_setzero_si128(), bytes_i8x16), 8);
}

CSIMD_INLINE simde__m128i high_i16x8(simde__m128i bytes_i8x16) {
    return simde_mm_srai_epi16(simde_mm_unpackhi_epi8(simde_mm_setzero_si128(), bytes_i8x16), 8);
}

static int32_t dot(const int8_t *a, const int8_t *b, size_t dimension) {
    simde__m128i sum_i32x4 = simde_mm_setzero_si128();
    for (size_t i = 0; i < dimension; i += 16) {
        simde__m128i a_i8x16 = load(a + i);
        simde__m128i b_i8x16 = load(b + i);
        sum_i32x4 = simde_mm_add_epi32(sum_i32x4,
                                       simde_mm_madd_epi16(low_i16x8(a_i8x16), low_i16x8(b_i8x16)));
        sum_i32x4 = simde_mm_add_epi32(
            sum_i32x4, simde_mm_madd_epi16(high_i16x8(a_i8x16), high_i16x8(b_i8x16)));
    }
    return reduce_add(sum_i32x4);
}

#include "body_row_dots.h"

static void fold_sums(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                      int64_t *sums) {
    int16_t low[CSIMD_DIMENSION_MAX];
    int16_t high[CSIMD_DIMENSION_MAX];
    csimd_fold_halves(fold, low, high);
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, fold->dimension);
    for (size_t row = 0; row < rows_count; row++) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + 1, fold->dimension);
        simde__m128i low_i32x4 = simde_mm_setzero_si128();
        simde__m128i high_i32x4 = simde_mm_setzero_si128();
        for (size_t i = 0; i < fold->dimension; i += 16) {
            simde__m128i row_i8x16 = load(rows[row] + i);
            simde__m128i first_i16x8 = low_i16x8(row_i8x16);
            simde__m128i second_i16x8 = high_i16x8(row_i8x16);
            low_i32x4 =
                simde_mm_add_epi32(low_i32x4, simde_mm_madd_epi16(first_i16x8, load(low + i)));
            low_i32x4 =
                simde_mm_add_epi32(low_i32x4, simde_mm_madd_epi16(second_i16x8, load(low + i + 8)));
            high_i32x4 =
                simde_mm_add_epi32(high_i32x4, simde_mm_madd_epi16(first_i16x8, load(high + i)));
            high_i32x4 = simde_mm_add_epi32(high_i32x4,
                                            simde_mm_madd_epi16(second_i16x8, load(high + i + 8)));
        }
        sums[row] = (int64_t)reduce_add(high_i32x4) * 65536 + reduce_add(low_i32x4);
    }
}

/* A row's even bytes, then its odd ones, as int16: what one quad of signals meets. */
typedef struct {
    int16_t even[CSIMD_DIMENSION_MAX / 2];
    int16_t odd[CSIMD_DIMENSION_MAX / 2];
} parted_row;

static void part_row(parted_row *parted, const int8_t *row, size_t dimension) {
    for (size_t i = 0; i < dimension / 2; i += 8) {
        simde__m128i row_i8x16 = load(row + 2 * i);
        simde__m128i even_i16x8 = simde_mm_srai_epi16(simde_mm_slli_epi16(row_i8x16, 8), 8);
        simde_mm_storeu_si128((simde__m128i *)(parted->even + i), even_i16x8);
        simde_mm_storeu_si128((simde__m128i *)(parted->odd + i), simde_mm_srai_epi16(row_i8x16, 8));
    }
}

CSIMD_INLINE simde__m128i repeat_pair(const int16_t *pair) {
    int32_t bits;
    memcpy(&bits, pair, sizeof bits);
    return simde_mm_set1_epi32(bits);
}

/* Dots of one row with one group of 16 signals, still with the 128 of every signal byte. */
static void dots_packed(const uint8_t *group, const parted_row *row, size_t dimension,
                        int32_t dots[CSIMD_PACK_GROUP]) {
    const simde__m128i even_bytes = simde_mm_set1_epi16(0xff);
    simde__m128i sums_i32x4[4];
    for (size_t part = 0; part < 4; part++) {
        sums_i32x4[part] = simde_mm_setzero_si128();
    }
    for (size_t quad = 0; quad < dimension / 4; quad++) {
        simde__m128i row_even_i16x8 = repeat_pair(row->even + 2 * quad);
        simde__m128i row_odd_i16x8 = repeat_pair(row->odd + 2 * quad);
        CSIMD_UNROLL
        for (size_t part = 0; part < 4; part++) {
            simde__m128i signals_u8x16 = load(group + quad * 64 + part * 16);
            simde__m128i even_i32x4 =
                simde_mm_madd_epi16(simde_mm_and_si128(signals_u8x16, even_bytes), row_even_i16x8);
            simde__m128i odd_i32x4 =
                simde_mm_madd_epi16(simde_mm_srli_epi16(signals_u8x16, 8), row_odd_i16x8);
            sums_i32x4[part] =
                simde_mm_add_epi32(sums_i32x4[part], simde_mm_add_epi32(even_i32x4, odd_i32x4));
        }
    }
    for (size_t part = 0; part < 4; part++) {
        simde_mm_storeu_si128((simde__m128i *)(dots + 4 * part), sums_i32x4[part]);
    }
}

static void pack_sums(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                      size_t rows_count, int64_t *sums) {
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, pack->dimension);
    for (size_t row = 0; row < rows_count; row++) {
        size_t ahead = row + CSIMD_ROWS_AHEAD;
        csimd_prefetch_rows(rows, rows_count, ahead, ahead + 1, pack->dimension);
        parted_row parted;
        part_row(&parted, rows[row], pack->dimension);
        int64_t sum = 0;
        for (size_t group = 0; group < pack->groups_count; group++) {
            int32_t dots[CSIMD_PACK_GROUP];
            dots_packed(pack->bytes + group * CSIMD_PACK_GROUP * pack->dimension, &parted,
                        pack->dimension, dots);
            const int16_t *weights = pack->weights + group * CSIMD_PACK_GROUP;
            for (size_t lane = 0; lane < CSIMD_PACK_GROUP; lane++) {
                int32_t x = dots[lane] - 128 * row_sums[row];
                sum += (int64_t)(x > 0 ? x : 0) * weights[lane];
            }
        }
        sums[row] = sum;
    }
}

void csimd_raise_sse2(csimd_kernels *kernels) {
    kernels->dot = dot;
    kernels->fold_sums = fold_sums;
    kernels->row_dots = row_dots;
    kernels->pack_sums = pack_sums;
    kernels->split = split;
    kernels->ranks = ranks;
}

#else
typedef int csimd_no_sse2;
#endif
