/* The specification of the encoder's kernels: what every other file must equal to the bit. A
 * quantised row is int8, as it is. Plain on purpose. */
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#include "body_encoder.h"
#include "quantise_bytes.h"

static void quantise(csimd_quantised *rows, size_t row, const float *values, size_t count) {
    rows->scales[row] = quantise_bytes(rows->bytes[row], values, count, 0);
}

/* The dots of a row and the 16 outputs of a packed group. */
static void dots_packed(const int8_t *group, const int8_t *row, size_t count,
                        int32_t sums[CSIMD_LINEAR_GROUP]) {
    memset(sums, 0, CSIMD_LINEAR_GROUP * sizeof *sums);
    for (size_t quad = 0; quad < count; quad += CSIMD_LINEAR_QUAD) {
        for (size_t lane = 0; lane < CSIMD_LINEAR_GROUP; lane++) {
            for (size_t i = 0; i < CSIMD_LINEAR_QUAD; i++) {
                sums[lane] += row[quad + i] * *group++;
            }
        }
    }
}

static void linear(const csimd_linear *self, const csimd_quantised *rows, size_t rows_count,
                   float *results) {
    for (size_t output = 0; output < self->outputs_count; output += CSIMD_LINEAR_GROUP) {
        const int8_t *group = self->weights + output * self->inputs_count;
        for (size_t row = 0; row < rows_count; row++) {
            int32_t sums[CSIMD_LINEAR_GROUP];
            dots_packed(group, (const int8_t *)rows->bytes[row], self->inputs_count, sums);
            for (size_t lane = 0; lane < CSIMD_LINEAR_GROUP; lane++) {
                float scale = rows->scales[row] * self->scales[output + lane];
                float scaled = (float)sums[lane] * scale;
                results[row * self->outputs_count + output + lane] =
                    scaled + self->biases[output + lane];
            }
        }
    }
}

void csimd_raise_scalar_encoder(csimd_encoder_kernels *kernels) {
    kernels->linear = linear;
    kernels->quantise = quantise;
    raise_floats(kernels);
}
