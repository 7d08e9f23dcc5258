/* The encoder's kernels for AVX-512 with VNNI (Ice Lake, Zen 4 and later).
 *
 * Leans on vpdpbusd: 64 products of uint8 and int8, each four neighbours added to an int32 lane
 * without saturation. A quantised row is uint8 (value + 128), and a sum starts from minus 128 times
 * the sum of that output's weights. One quad of a row, repeated in all lanes, meets 16 outputs.
 *
 * Zen 4 starts one vpdpbusd a cycle, whose result takes four: a tile of up to 8 rows by 3 groups
 * keeps 24 sums in registers and loads 11 times for 24 of them. From 5 rows on, matrices run at 88
 * to 97 % of the rate of vpdpbusd alone. Three groups, 18 KB of weights for 384 inputs, stay in the
 * nearest cache while all rows pass over them, and each weight is read once for a sequence. The
 * first tile asks for the next three groups as it goes, into the second cache. Without that, over
 * four pairs of runs, a text of 12 tokens took 4 to 17 % longer, and one of 8 tokens whose weights
 * came from memory 10 to 83 %. Matrices lie one after the other, so the last groups of one ask for
 * the first of the next; asking past the very last does no harm.
 */
#include "kernels.h"

#if defined(__x86_64__)

#include "target_avx512vnni.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

#include "body_encoder.h"
#include "quantise_bytes.h"

enum { TILE_ROWS = 8, TILE_GROUPS = 3 };

static void quantise(csimd_quantised *rows, size_t row, const float *values, size_t count) {
    rows->scales[row] = quantise_bytes(rows->bytes[row], values, count, 0x80);
}

CSIMD_INLINE simde__m512i repeat_quad(const uint8_t *quad) {
    int32_t bits;
    memcpy(&bits, quad, sizeof bits);
    return simde_mm512_set1_epi32(bits);
}

/* Where a tile lies: its first row and first group. One tile of each group asks for the next. */
typedef struct {
    const uint8_t *rows;
    const float *row_scales;
    const int8_t *weights;
    float *results;
    size_t output;
    bool asks_ahead;
} tile;

/* `rows` and `groups` are constants here. */
CSIMD_INLINE void run_tile(const csimd_linear *self, const tile *at, const size_t rows,
                           const size_t groups) {
    const size_t group_bytes = CSIMD_LINEAR_GROUP * self->inputs_count;
    simde__m512i sums_i32x16[TILE_ROWS][TILE_GROUPS];
    CSIMD_UNROLL
    for (size_t group = 0; group < groups; group++) {
        simde__m512i offsets_i32x16 =
            simde_mm512_loadu_si512(self->offsets + at->output + group * CSIMD_LINEAR_GROUP);
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            sums_i32x16[row][group] = offsets_i32x16;
        }
    }
    const int8_t *weights = at->weights;
    const uint8_t *quads = at->rows;
    const size_t ahead = at->asks_ahead ? groups * group_bytes : 0;
    for (size_t quad = 0; quad < self->inputs_count / CSIMD_LINEAR_QUAD; quad++) {
        simde__m512i weights_i8x64[TILE_GROUPS];
        CSIMD_UNROLL
        for (size_t group = 0; group < groups; group++) {
            weights_i8x64[group] = simde_mm512_loadu_si512(weights + group * group_bytes);
            __builtin_prefetch(weights + group * group_bytes + ahead, 0, 2);
        }
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            simde__m512i quad_u8x64 = repeat_quad(quads + row * CSIMD_QUANTISED_ROW_BYTES);
            CSIMD_UNROLL
            for (size_t group = 0; group < groups; group++) {
                sums_i32x16[row][group] = simde_mm512_dpbusd_epi32(
                    sums_i32x16[row][group], quad_u8x64, weights_i8x64[group]);
            }
        }
        weights += 64;
        quads += CSIMD_LINEAR_QUAD;
    }
    CSIMD_UNROLL
    for (size_t group = 0; group < groups; group++) {
        size_t output = at->output + group * CSIMD_LINEAR_GROUP;
        simde__m512 scales_f32x16 = simde_mm512_loadu_ps(self->scales + output);
        simde__m512 biases_f32x16 = simde_mm512_loadu_ps(self->biases + output);
        CSIMD_UNROLL
        for (size_t row = 0; row < rows; row++) {
            simde__m512 scale_f32x16 =
                simde_mm512_mul_ps(simde_mm512_set1_ps(at->row_scales[row]), scales_f32x16);
            simde__m512 scaled_f32x16 =
                simde_mm512_mul_ps(_mm512_cvtepi32_ps(sums_i32x16[row][group]), scale_f32x16);
            simde_mm512_storeu_ps(at->results + row * self->outputs_count + output,
                                  simde_mm512_add_ps(scaled_f32x16, biases_f32x16));
        }
    }
}

CSIMD_INLINE void run_rows(const csimd_linear *self, const tile *at, size_t rows,
                           const size_t groups) {
    switch (rows) {
    case 8:
        run_tile(self, at, 8, groups);
        break;
    case 7:
        run_tile(self, at, 7, groups);
        break;
    case 6:
        run_tile(self, at, 6, groups);
        break;
    case 5:
        run_tile(self, at, 5, groups);
        break;
    case 4:
        run_tile(self, at, 4, groups);
        break;
    case 3:
        run_tile(self, at, 3, groups);
        break;
    case 2:
        run_tile(self, at, 2, groups);
        break;
    default:
        run_tile(self, at, 1, groups);
        break;
    }
}

/* All rows against `groups` groups. */
CSIMD_INLINE void run_groups(const csimd_linear *self, const csimd_quantised *rows,
                             size_t rows_count, size_t output, const size_t groups,
                             float *results) {
    for (size_t row = 0; row < rows_count;) {
        size_t tile_rows = csimd_tile_rows(rows_count - row, TILE_ROWS);
        const tile at = {
            .rows = rows->bytes[row],
            .row_scales = rows->scales + row,
            .weights = self->weights + output * self->inputs_count,
            .results = results + row * self->outputs_count,
            .output = output,
            .asks_ahead = row == 0,
        };
        run_rows(self, &at, tile_rows, groups);
        row += tile_rows;
    }
}

static void linear(const csimd_linear *self, const csimd_quantised *rows, size_t rows_count,
                   float *results) {
    const size_t step = TILE_GROUPS * CSIMD_LINEAR_GROUP;
    size_t output = 0;
    for (; output + step <= self->outputs_count; output += step) {
        run_groups(self, rows, rows_count, output, TILE_GROUPS, results);
    }
    for (; output < self->outputs_count; output += CSIMD_LINEAR_GROUP) {
        run_groups(self, rows, rows_count, output, 1, results);
    }
}

void csimd_raise_avx512vnni_encoder(csimd_encoder_kernels *kernels) {
    kernels->linear = linear;
    kernels->quantise = quantise;
    raise_floats(kernels);
}

#include "target_end.h"

#else
typedef int csimd_no_avx512vnni_encoder;
#endif
