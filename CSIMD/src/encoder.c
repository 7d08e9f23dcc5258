/* Makes an encoder of a bundle's sections: checks that shapes and sizes agree, points at every
 * matrix and table, and sums the weights of each output, once, for the kernels that need it. */
#include "encoder.h"

#include <assert.h>

typedef struct {
    uint32_t layers;
    uint32_t width;
    uint32_t heads;
    uint32_t inner;
    uint32_t positions;
    uint32_t vocabulary;
    uint32_t labels;
    uint32_t topic_dimension;
} shape;

/* What is left of a section that is read from front to back. */
typedef struct {
    const int8_t *matrices;
    const float *floats;
    int32_t *offsets;
} cursor;

static bool holds(csimd_section section, size_t values_count, size_t value_bytes);
static bool shape_is_within_limits(const shape *shape);
static bool sizes_agree(const csimd_encoder_sections *sections, const shape *shape);
static size_t layer_outputs_count(const shape *shape);
static encoder_layer take_layer(cursor *at, size_t width, size_t inner);
static csimd_norm take_norm(cursor *at, size_t width);

csimd_encoder *csimd_encoder_create(csimd_arena *arena, const csimd_encoder_sections *sections,
                                    csimd_status *status) {
    const shape *shape = sections->shape.bytes;
    *status = CSIMD_STATUS_SHAPES;
    if (!holds(sections->shape, 1, sizeof *shape) || !shape_is_within_limits(shape) ||
        !sizes_agree(sections, shape)) {
        return NULL;
    }
    *status = CSIMD_STATUS_NO_MEMORY;
    size_t offsets_count = shape->layers * layer_outputs_count(shape);
    csimd_encoder *self = csimd_arena_allocate(arena, sizeof *self, CSIMD_ROW_ALIGNMENT);
    int32_t *offsets =
        csimd_arena_allocate(arena, offsets_count * sizeof *offsets, CSIMD_ROW_ALIGNMENT);
    if (self == NULL || offsets == NULL) {
        csimd_arena_release(arena, self);
        csimd_arena_release(arena, offsets);
        return NULL;
    }
    cursor at = {sections->matrices.bytes, sections->floats.bytes, offsets};
    const float *heads = sections->heads.bytes;
    *self = (csimd_encoder){
        .layers_count = shape->layers,
        .width = shape->width,
        .inner = shape->inner,
        .positions_count = shape->positions,
        .vocabulary_count = shape->vocabulary,
        .labels_count = shape->labels,
        .words = sections->words.bytes,
        .word_scales = sections->word_scales.bytes,
        .positions = sections->positions.bytes,
        .embedding_norm = take_norm(&at, shape->width),
        .label_weights = heads,
        .label_biases = heads + shape->labels * shape->width,
        .projection = heads + shape->labels * shape->width + shape->labels,
    };
    for (size_t layer = 0; layer < shape->layers; layer++) {
        self->layers[layer] = take_layer(&at, shape->width, shape->inner);
    }
    *status = CSIMD_STATUS_OK;
    return self;
}

size_t csimd_encoder_tokens_max(const csimd_encoder *encoder) {
    return encoder->positions_count;
}

csimd_encoder_scratch *csimd_encoder_scratch_create(csimd_arena *arena) {
    return csimd_arena_allocate(arena, sizeof(csimd_encoder_scratch), CSIMD_ROW_ALIGNMENT);
}

static bool is_within(uint32_t value, uint32_t most) {
    return value >= 1 && value <= most;
}

static bool shape_is_within_limits(const shape *shape) {
    return is_within(shape->layers, CSIMD_ENCODER_LAYERS_MAX) &&
           is_within(shape->heads, CSIMD_ENCODER_HEADS_MAX) &&
           shape->width == shape->heads * CSIMD_ENCODER_HEAD_DIMENSION &&
           is_within(shape->inner, CSIMD_ENCODER_INNER_MAX) && shape->inner % 32 == 0 &&
           is_within(shape->positions, CSIMD_ENCODER_TOKENS_MAX) &&
           is_within(shape->vocabulary, CSIMD_TEXT_VOCABULARY_MAX) &&
           is_within(shape->labels, CSIMD_ENCODER_LABELS_MAX) &&
           shape->topic_dimension == CSIMD_TEXT_DIMENSION;
}

/* Whether a section holds so many values of so many bytes. Its place is the caller's concern. */
static bool holds(csimd_section section, size_t values_count, size_t value_bytes) {
    assert((uintptr_t)section.bytes % CSIMD_ROW_ALIGNMENT == 0);
    return section.bytes_count == values_count * value_bytes;
}

static bool sizes_agree(const csimd_encoder_sections *sections, const shape *shape) {
    size_t layers = shape->layers;
    size_t width = shape->width;
    size_t inner = shape->inner;
    size_t weights = 4 * width * width + 2 * width * inner;
    size_t layer_floats = 2 * layer_outputs_count(shape) + 4 * width;
    size_t heads = shape->labels * (width + 1) + shape->topic_dimension * width;
    return holds(sections->words, shape->vocabulary * width, sizeof(int8_t)) &&
           holds(sections->word_scales, shape->vocabulary, sizeof(float)) &&
           holds(sections->positions, shape->positions * width, sizeof(float)) &&
           holds(sections->matrices, layers * weights, sizeof(int8_t)) &&
           holds(sections->floats, 2 * width + layers * layer_floats, sizeof(float)) &&
           holds(sections->heads, heads, sizeof(float));
}

/* Of all four matrices. */
static size_t layer_outputs_count(const shape *shape) {
    return (size_t)5 * shape->width + shape->inner;
}

/* offset[o] = -128 * sum of output o's weights. */
static void sum_weights(int32_t *offsets, const int8_t *weights, size_t outputs, size_t inputs) {
    for (size_t group = 0; group < outputs / CSIMD_LINEAR_GROUP; group++) {
        int32_t sums[CSIMD_LINEAR_GROUP] = {0};
        for (size_t quad = 0; quad < inputs / CSIMD_LINEAR_QUAD; quad++) {
            for (size_t i = 0; i < CSIMD_LINEAR_GROUP * CSIMD_LINEAR_QUAD; i++) {
                sums[i / CSIMD_LINEAR_QUAD] += *weights++;
            }
        }
        for (size_t lane = 0; lane < CSIMD_LINEAR_GROUP; lane++) {
            *offsets++ = -128 * sums[lane];
        }
    }
}

static csimd_linear take_linear(cursor *at, size_t outputs, size_t inputs) {
    csimd_linear linear = {
        .weights = at->matrices,
        .offsets = at->offsets,
        .scales = at->floats,
        .biases = at->floats + outputs,
        .outputs_count = outputs,
        .inputs_count = inputs,
    };
    sum_weights(at->offsets, at->matrices, outputs, inputs);
    at->matrices += outputs * inputs;
    at->offsets += outputs;
    at->floats += 2 * outputs;
    return linear;
}

static csimd_norm take_norm(cursor *at, size_t width) {
    csimd_norm norm = {.weights = at->floats, .biases = at->floats + width, .count = width};
    at->floats += 2 * width;
    return norm;
}

/* In the order of the sections. */
static encoder_layer take_layer(cursor *at, size_t width, size_t inner) {
    encoder_layer layer;
    layer.project = take_linear(at, 3 * width, width);
    layer.out = take_linear(at, width, width);
    layer.attention_norm = take_norm(at, width);
    layer.up = take_linear(at, inner, width);
    layer.down = take_linear(at, width, inner);
    layer.output_norm = take_norm(at, width);
    return layer;
}
