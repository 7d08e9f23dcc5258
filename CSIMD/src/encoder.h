/* Inside an encoder: shared by encoder.c, which makes one, and encode.c, which runs it. */
#ifndef CSIMD_ENCODER_INSIDE_H
#define CSIMD_ENCODER_INSIDE_H

#include "kernels.h"

typedef struct {
    csimd_linear project; /* to query, key and value, side by side */
    csimd_linear out;
    csimd_norm attention_norm;
    csimd_linear up;
    csimd_linear down;
    csimd_norm output_norm;
} encoder_layer;

struct csimd_encoder {
    size_t layers_count;
    size_t width;
    size_t inner;
    size_t positions_count;
    size_t vocabulary_count;
    size_t labels_count;
    const int8_t *words;
    const float *word_scales;
    const float *positions;
    csimd_norm embedding_norm;
    encoder_layer layers[CSIMD_ENCODER_LAYERS_MAX];
    const float *label_weights;
    const float *label_biases;
    const float *projection;
};

/* The widest row of floats a layer makes: what goes to attention, or through gelu. */
enum {
    ENCODER_WIDE_MAX = 3 * CSIMD_ENCODER_WIDTH_MAX > CSIMD_ENCODER_INNER_MAX
        ? 3 * CSIMD_ENCODER_WIDTH_MAX
        : CSIMD_ENCODER_INNER_MAX,
};

_Static_assert(CSIMD_ENCODER_WIDTH_MAX <= CSIMD_ENCODER_INNER_MAX,
               "a row of the width fits a quantised row");
_Static_assert(CSIMD_ENCODER_WIDTH_MAX == CSIMD_ENCODER_HEADS_MAX * CSIMD_ENCODER_HEAD_DIMENSION,
               "heads make up the width");
/* Sums of value + 128 start below zero and end above it by less than this. */
_Static_assert((int64_t)CSIMD_ENCODER_INNER_MAX * 255 * 128 <= INT32_MAX, "sums fit 32 bits");

/* Rows lie side by side without gaps, so that a short sequence touches little memory. */
struct csimd_encoder_scratch {
    float states[CSIMD_ENCODER_TOKENS_MAX * CSIMD_ENCODER_WIDTH_MAX];
    float context[CSIMD_ENCODER_TOKENS_MAX * CSIMD_ENCODER_WIDTH_MAX];
    float wide[CSIMD_ENCODER_TOKENS_MAX * ENCODER_WIDE_MAX];
    csimd_quantised rows;
    csimd_attention attention;
} __attribute__((aligned(64)));

#endif
