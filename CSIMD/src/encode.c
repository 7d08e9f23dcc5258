/* Runs an encoder over one sequence: every step is a kernel, row by row where the step allows it,
 * so that a row is still in the nearest cache when the next step takes it. */
#include "encoder.h"
#include "unit_row.h"

#include <assert.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

/* One sequence under way. */
typedef struct {
    const csimd_encoder *encoder;
    const csimd_encoder_kernels *kernels;
    csimd_encoder_scratch *scratch;
    size_t tokens_count;
} run;

static void embed(const run *run, const uint16_t *tokens);
static void attend(const run *run, const encoder_layer *layer);
static void feed_forward(const run *run, const encoder_layer *layer);
static void judge(const run *run, csimd_encoder_output *output);

void csimd_encode(const csimd_encoder *encoder, csimd_encoder_scratch *scratch,
                  const uint16_t *tokens, size_t tokens_count, csimd_encoder_output *output) {
    assert(tokens_count >= 1);
    assert(tokens_count <= encoder->positions_count);
    const run run = {
        .encoder = encoder,
        .kernels = &csimd_kernels_current()->encoder,
        .scratch = scratch,
        .tokens_count = tokens_count,
    };
    embed(&run, tokens);
    for (size_t layer = 0; layer < encoder->layers_count; layer++) {
        attend(&run, &encoder->layers[layer]);
        feed_forward(&run, &encoder->layers[layer]);
    }
    judge(&run, output);
}

/* states[t] = norm(word of token t + position t). The words lie anywhere in a large table, so all
 * are asked for before the first is read. */
static void embed(const run *run, const uint16_t *tokens) {
    const csimd_encoder *encoder = run->encoder;
    size_t width = encoder->width;
    for (size_t t = 0; t < run->tokens_count; t++) {
        assert(tokens[t] < encoder->vocabulary_count);
        csimd_prefetch_row(encoder->words + tokens[t] * width, width);
    }
    for (size_t t = 0; t < run->tokens_count; t++) {
        float *state = run->scratch->states + t * width;
        run->kernels->place(state, encoder->words + tokens[t] * width,
                            encoder->word_scales[tokens[t]], encoder->positions + t * width, width);
        run->kernels->norm(state, &encoder->embedding_norm);
    }
}

/* results = linear(rows of values), `values` as many floats a row as the matrix has inputs. */
static void apply(const run *run, const csimd_linear *linear, const float *values, float *results) {
    csimd_quantised *rows = &run->scratch->rows;
    for (size_t t = 0; t < run->tokens_count; t++) {
        run->kernels->quantise(rows, t, values + t * linear->inputs_count, linear->inputs_count);
    }
    run->kernels->linear(linear, rows, run->tokens_count, results);
}

/* states = norm(states + added). */
static void add(const run *run, const float *added, const csimd_norm *norm) {
    for (size_t t = 0; t < run->tokens_count; t++) {
        size_t at = t * norm->count;
        run->kernels->add_norm(run->scratch->states + at, added + at, norm);
    }
}

static void attend(const run *run, const encoder_layer *layer) {
    csimd_encoder_scratch *scratch = run->scratch;
    apply(run, &layer->project, scratch->states, scratch->wide);
    run->kernels->attend(&scratch->attention, scratch->wide, run->tokens_count, run->encoder->width,
                         scratch->context);
    apply(run, &layer->out, scratch->context, scratch->wide);
    add(run, scratch->wide, &layer->attention_norm);
}

static void feed_forward(const run *run, const encoder_layer *layer) {
    csimd_encoder_scratch *scratch = run->scratch;
    size_t inner = layer->up.outputs_count;
    apply(run, &layer->up, scratch->states, scratch->wide);
    for (size_t t = 0; t < run->tokens_count; t++) {
        run->kernels->gelu(scratch->wide + t * inner, inner);
    }
    apply(run, &layer->down, scratch->wide, scratch->wide);
    add(run, scratch->wide, &layer->output_norm);
}

static void judge(const run *run, csimd_encoder_output *output) {
    const csimd_encoder *encoder = run->encoder;
    size_t width = encoder->width;
    *output = (csimd_encoder_output){0};
    float *pooled = output->pooled;
    run->kernels->mean(pooled, run->scratch->states, run->tokens_count, width);
    for (size_t label = 0; label < encoder->labels_count; label++) {
        const float *weights = encoder->label_weights + label * width;
        float dot = run->kernels->dot_floats(weights, pooled, width);
        output->logits[label] = dot + encoder->label_biases[label];
    }
    double values[CSIMD_TEXT_DIMENSION];
    for (size_t d = 0; d < CSIMD_TEXT_DIMENSION; d++) {
        values[d] =
            (double)run->kernels->dot_floats(encoder->projection + d * width, pooled, width);
    }
    csimd_unit_row(values, output->topic);
}
