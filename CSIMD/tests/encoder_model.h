/* A made-up encoder for tests and benchmarks: every section of a bundle, filled from a seed with
 * numbers as small as a trained model's. */
#ifndef CSIMD_TESTS_ENCODER_MODEL_H
#define CSIMD_TESTS_ENCODER_MODEL_H

#include "check.h"

#include "csimd_encoder.h"

#include <math.h>

typedef struct {
    uint32_t layers, width, heads, inner, positions, vocabulary, labels, topic_dimension;
} model_shape;

typedef struct {
    _Alignas(64) model_shape shape;
    size_t layer_weights; /* int8 values of one layer's matrices */
    size_t layer_floats;
    int8_t *words;
    float *word_scales;
    float *positions;
    int8_t *matrices;
    float *floats;
    float *heads;
    csimd_encoder_sections sections;
} model;

static inline void *model_memory(size_t bytes) {
    return need(aligned_alloc(64, (bytes + 63) / 64 * 64));
}

static inline float *random_floats(float *at, size_t count, double low, double high) {
    for (size_t i = 0; i < count; i++) {
        at[i] = (float)random_between(low, high);
    }
    return at + count;
}

static inline void random_bytes(int8_t *at, size_t count) {
    for (size_t i = 0; i < count; i++) {
        at[i] = random_byte();
    }
}

/* Scales that bring a row's results to about 0.3 in magnitude (random weights are 73 in the mean
 * square), so that a layer adds to a state and does not drown it: a drowned state would multiply
 * every rounding from layer to layer. */
static inline float *random_scales(float *at, size_t outputs, size_t inputs) {
    double scale = 0.3 / (73.0 * sqrt((double)inputs));
    at = random_floats(at, outputs, 0.5 * scale, 1.5 * scale);
    return random_floats(at, outputs, -0.1, 0.1);
}

static inline float *random_norm(float *at, size_t width) {
    at = random_floats(at, width, 0.5, 1.5);
    return random_floats(at, width, -0.2, 0.2);
}

static inline void model_point(model *made) {
    const model_shape *shape = &made->shape;
    size_t width = shape->width;
    made->sections = (csimd_encoder_sections){
        .shape = {&made->shape, sizeof made->shape},
        .words = {made->words, shape->vocabulary * width},
        .word_scales = {made->word_scales, shape->vocabulary * sizeof(float)},
        .positions = {made->positions, shape->positions * width * sizeof(float)},
        .matrices = {made->matrices, shape->layers * made->layer_weights},
        .floats = {made->floats, (2 * width + shape->layers * made->layer_floats) * sizeof(float)},
        .heads = {made->heads, (shape->labels * (width + 1) + 128 * width) * sizeof(float)},
    };
}

static inline void model_make(model *made, model_shape shape) {
    size_t width = shape.width;
    size_t inner = shape.inner;
    made->shape = shape;
    made->layer_weights = 4 * width * width + 2 * width * inner;
    made->layer_floats = 2 * (5 * width + inner) + 4 * width;
    made->words = model_memory(shape.vocabulary * width);
    made->word_scales = model_memory(shape.vocabulary * sizeof(float));
    made->positions = model_memory(shape.positions * width * sizeof(float));
    made->matrices = model_memory(shape.layers * made->layer_weights);
    made->floats = model_memory((2 * width + shape.layers * made->layer_floats) * sizeof(float));
    made->heads = model_memory((shape.labels * (width + 1) + 128 * width) * sizeof(float));

    random_bytes(made->words, shape.vocabulary * width);
    random_floats(made->word_scales, shape.vocabulary, 0.0005, 0.002);
    random_floats(made->positions, shape.positions * width, -0.05, 0.05);
    random_bytes(made->matrices, shape.layers * made->layer_weights);
    float *at = random_norm(made->floats, width);
    for (size_t layer = 0; layer < shape.layers; layer++) {
        at = random_scales(at, 3 * width, width);
        at = random_scales(at, width, width);
        at = random_norm(at, width);
        at = random_scales(at, inner, width);
        at = random_scales(at, width, inner);
        at = random_norm(at, width);
    }
    random_floats(made->heads, shape.labels * (width + 1) + 128 * width, -0.1, 0.1);
    model_point(made);
}

static inline void model_free(model *made) {
    free(made->words);
    free(made->word_scales);
    free(made->positions);
    free(made->matrices);
    free(made->floats);
    free(made->heads);
}

static inline void random_tokens(uint16_t *tokens, size_t count, size_t vocabulary) {
    for (size_t i = 0; i < count; i++) {
        tokens[i] = (uint16_t)random_below(vocabulary);
    }
}

#endif
