/* The encoder's kernels for AVX2.
 *
 * Leans on vpmaddwd, which multiplies int16 and adds neighbours into int32: exact, where vpmaddubsw
 * would be a step shorter but saturates. A quantised row is parted for it: all even values as
 * int16, then all odd ones, so that of a quad (a, b, c, d) the pair (a, c) and the pair (b, d) are
 * each 32 bits that one load repeats in all lanes. Weights come apart the same way by shifts,
 * shared by the rows of a tile: 4 rows by 16 outputs are 8 sums, and with the parted weights fill
 * 16 registers.
 */
#include "kernels.h"

#if defined(__x86_64__)

#include "target_avx2.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

#include "body_encoder.h"
#include "quantise_bytes.h"

enum { TILE_ROWS = 4, HALVES = 2, ODD_BYTES = CSIMD_ENCODER_INNER_MAX };

_Static_assert(2 * ODD_BYTES <= CSIMD_QUANTISED_ROW_BYTES, "even and odd values fit a row");

CSIMD_INLINE simde__m256i even_i16x16(simde__m256i bytes_i8x32) {
    return simde_mm256_srai_epi16(simde_mm256_slli_epi16(bytes_i8x32, 8), 8);
}

CSIMD_INLINE simde__m256i odd_i16x16(simde__m256i bytes_i8x32) {
    return simde_mm256_srai_epi16(bytes_i8x32, 8);
}

static void quantise(csimd_quantised *rows, size_t row, const float *values, size_t count) {
    uint8_t bytes[CSIMD_ENCODER_INNER_MAX];
    rows->scales[row] = quantise_bytes(bytes, values, count, 0);
    uint8_t *parted = rows->bytes[row];
    for (size_t i = 0; i < count; i += 32) {
        simde__m256i bytes_i8x32 = simde_mm256_loadu_si256((const simde__m256i *)(bytes + i));
        simde_mm256_storeu_si256((simde__m256i *)(parted + i), even_i16x16(bytes_i8x32));
        simde_mm256_storeu_si256((simde__m256i *)(parted + ODD_BYTES + i), odd_i16x16(bytes_i8x32));
    }
}

CSIMD_INLINE simde__m256i repeat_pair(const uint8_t *pair) {
    int32_t bits;
    memcpy(&bits, pair, sizeof bits);
    return simde_mm256_set1_epi32(bits);
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
    simde__m256i sums_i32x8[TILE_ROWS][HALVES];
    CSIMD_UNROLL
    for (size_t row = 0; row < rows; row++) {
        sums_i32x8[row][0] = sums_i32x8[row][1] = simde_mm256_setzero_si256();
    }
    const int8_t *weights = at->weights;
    const uint8_t *pairs = at->rows;
    for (size_t quad = 0; quad < self->inputs_count / CSIMD_LINEAR_QUAD; quad++) {
        simde__m256i weights_even_i16x16[HALVES];
        simde__m256i weights_odd_i16x16[HALVES];
        CSIMD_UNROLL
        for (size_t half = 0; half < HALVES; half++) {
            simde__m256i weights_i8x32 =
                simde_mm256_loadu_si256((const simde__m256i *)(weights + 32 * half));
            weights_even_i16x16[half] = even_i16x16(weights_i8x32);
            weights_odd_i16x16[half] = odd_i16x16(weights_i8x32);
        }
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            const uint8_t *pair = pairs + row * CSIMD_QUANTISED_ROW_BYTES;
            simde__m256i row_even_i16x16 = repeat_pair(pair);
            simde__m256i row_odd_i16x16 = repeat_pair(pair + ODD_BYTES);
            CSIMD_UNROLL
            for (size_t half = 0; half < HALVES; half++) {
                simde__m256i products_i32x8 = simde_mm256_add_epi32(
                    simde_mm256_madd_epi16(weights_even_i16x16[half], row_even_i16x16),
                    simde_mm256_madd_epi16(weights_odd_i16x16[half], row_odd_i16x16));
                sums_i32x8[row][half] =
                    simde_mm256_add_epi32(sums_i32x8[row][half], products_i32x8);
            }
        }
        weights += CSIMD_LINEAR_GROUP * CSIMD_LINEAR_QUAD;
        pairs += CSIMD_LINEAR_QUAD;
    }
    CSIMD_UNROLL
    for (size_t half = 0; half < HALVES; half++) {
        size_t output = at->output + 8 * half;
        simde__m256 scales_f32x8 = simde_mm256_loadu_ps(self->scales + output);
        simde__m256 biases_f32x8 = simde_mm256_loadu_ps(self->biases + output);
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            simde__m256 scale_f32x8 =
                simde_mm256_mul_ps(simde_mm256_set1_ps(at->row_scales[row]), scales_f32x8);
            simde__m256 scaled_f32x8 =
                simde_mm256_mul_ps(simde_mm256_cvtepi32_ps(sums_i32x8[row][half]), scale_f32x8);
            simde_mm256_storeu_ps(at->results + row * self->outputs_count + output,
                                  simde_mm256_add_ps(scaled_f32x8, biases_f32x8));
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

void csimd_raise_avx2_encoder(csimd_encoder_kernels *kernels) {
    kernels->linear = linear;
    kernels->quantise = quantise;
    raise_floats(kernels);
}

#include "target_end.h"

#else
typedef int csimd_no_avx2_encoder;
#endif
