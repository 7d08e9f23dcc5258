/* The encoder's kernels for SSE2, the floor of x86-64.
 *
 * Leans on pmaddwd, as AVX2's do, with the same parted rows: all even values as int16, then all odd
 * ones. Two rows by 16 outputs are 8 sums, half the registers; the other half holds a quad of each
 * row and the weights at hand. Loops over floats stay the scalar ones: the compiler gives those
 * SSE2 already.
 */
#include "kernels.h"

#if defined(__x86_64__)

#include <string.h>

#include <simde/x86/sse2.h>

#pragma STDC FP_CONTRACT OFF

#include "quantise_bytes.h"

enum { TILE_ROWS = 2, PARTS = 4, ODD_BYTES = CSIMD_ENCODER_INNER_MAX };

_Static_assert(2 * ODD_BYTES <= CSIMD_QUANTISED_ROW_BYTES, "even and odd values fit a row");

CSIMD_INLINE simde__m128i even_i16x8(simde__m128i bytes_i8x16) {
    return simde_mm_srai_epi16(simde_mm_slli_epi16(bytes_i8x16, 8), 8);
}

CSIMD_INLINE simde__m128i odd_i16x8(simde__m128i bytes_i8x16) {
    return simde_mm_srai_epi16(bytes_i8x16, 8);
}

static void quantise(csimd_quantised *rows, size_t row, const float *values, size_t count) {
    uint8_t bytes[CSIMD_ENCODER_INNER_MAX];
    rows->scales[row] = quantise_bytes(bytes, values, count, 0);
    uint8_t *parted = rows->bytes[row];
    for (size_t i = 0; i < count; i += 16) {
        simde__m128i bytes_i8x16 = simde_mm_loadu_si128((const simde__m128i *)(bytes + i));
        simde_mm_storeu_si128((simde__m128i *)(parted + i), even_i16x8(bytes_i8x16));
        simde_mm_storeu_si128((simde__m128i *)(parted + ODD_BYTES + i), odd_i16x8(bytes_i8x16));
    }
}

CSIMD_INLINE simde__m128i repeat_pair(const uint8_t *pair) {
    int32_t bits;
    memcpy(&bits, pair, sizeof bits);
    return simde_mm_set1_epi32(bits);
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
    simde__m128i sums_i32x4[TILE_ROWS][PARTS];
    CSIMD_UNROLL
    for (size_t part = 0; part < PARTS; part++) {
        sums_i32x4[0][part] = sums_i32x4[1][part] = simde_mm_setzero_si128();
    }
    const int8_t *weights = at->weights;
    const uint8_t *pairs = at->rows;
    for (size_t quad = 0; quad < self->inputs_count / CSIMD_LINEAR_QUAD; quad++) {
        simde__m128i row_even_i16x8[TILE_ROWS];
        simde__m128i row_odd_i16x8[TILE_ROWS];
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            row_even_i16x8[row] = repeat_pair(pairs + row * CSIMD_QUANTISED_ROW_BYTES);
            row_odd_i16x8[row] = repeat_pair(pairs + row * CSIMD_QUANTISED_ROW_BYTES + ODD_BYTES);
        }
        CSIMD_UNROLL
        for (size_t part = 0; part < PARTS; part++) {
            simde__m128i weights_i8x16 =
                simde_mm_loadu_si128((const simde__m128i *)(weights + 16 * part));
            simde__m128i weights_even_i16x8 = even_i16x8(weights_i8x16);
            simde__m128i weights_odd_i16x8 = odd_i16x8(weights_i8x16);
            CSIMD_UNROLL
            for (size_t row = 0; row < rows; row++) {
                simde__m128i products_i32x4 =
                    simde_mm_add_epi32(simde_mm_madd_epi16(weights_even_i16x8, row_even_i16x8[row]),
                                       simde_mm_madd_epi16(weights_odd_i16x8, row_odd_i16x8[row]));
                sums_i32x4[row][part] = simde_mm_add_epi32(sums_i32x4[row][part], products_i32x4);
            }
        }
        weights += CSIMD_LINEAR_GROUP * CSIMD_LINEAR_QUAD;
        pairs += CSIMD_LINEAR_QUAD;
    }
    CSIMD_UNROLL
    for (size_t part = 0; part < PARTS; part++) {
        size_t output = at->output + 4 * part;
        simde__m128 scales_f32x4 = simde_mm_loadu_ps(self->scales + output);
        simde__m128 biases_f32x4 = simde_mm_loadu_ps(self->biases + output);
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            simde__m128 scale_f32x4 =
                simde_mm_mul_ps(simde_mm_set1_ps(at->row_scales[row]), scales_f32x4);
            simde__m128 scaled_f32x4 =
                simde_mm_mul_ps(simde_mm_cvtepi32_ps(sums_i32x4[row][part]), scale_f32x4);
            simde_mm_storeu_ps(at->results + row * self->outputs_count + output,
                               simde_mm_add_ps(scaled_f32x4, biases_f32x4));
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

void csimd_raise_sse2_encoder(csimd_encoder_kernels *kernels) {
    kernels->linear = linear;
    kernels->quantise = quantise;
}

#else
typedef int csimd_no_sse2_encoder;
#endif
