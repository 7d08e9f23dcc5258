/* The encoder once more, in double precision and plain loops of its own: what csimd_encoder.h says,
 * and nothing of how the core does it. Only quantisation is done as there, since it is part of what
 * a model means. */
#ifndef CSIMD_TESTS_ENCODER_REFERENCE_H
#define CSIMD_TESTS_ENCODER_REFERENCE_H

#include "encoder_model.h"

enum { REFERENCE_VALUES_MAX = 128 * 1536 };

typedef struct {
    const model *made;
    const int8_t *matrices; /* what is left of the section */
    const float *floats;
    size_t tokens_count;
    double states[REFERENCE_VALUES_MAX];
    double context[REFERENCE_VALUES_MAX];
    double wide[REFERENCE_VALUES_MAX];  /* rows of 1536 */
    double inner[REFERENCE_VALUES_MAX]; /* rows of the inner count */
} reference;

typedef struct {
    double pooled[384];
    double logits[8];
    double topic[128]; /* at length 127, not rounded */
} reference_output;

static inline double reference_weight(const int8_t *matrix, size_t output, size_t input,
                                      size_t inputs) {
    return matrix[(output / 16 * (inputs / 4) + input / 4) * 64 + output % 16 * 4 + input % 4];
}

/* result = linear(x): x [inputs], result [outputs]. */
static inline void reference_row(const int8_t *matrix, const float *floats, const double *x,
                                 double *result, size_t outputs, size_t inputs) {
    double most = 0;
    double quantised[1536];
    for (size_t i = 0; i < inputs; i++) {
        most = fmax(most, fabs(x[i]));
    }
    for (size_t i = 0; i < inputs; i++) {
        quantised[i] = most > 0 ? nearbyint(x[i] * (127 / most)) : 0;
    }
    for (size_t o = 0; o < outputs; o++) {
        double sum = 0;
        for (size_t i = 0; i < inputs; i++) {
            sum += quantised[i] * reference_weight(matrix, o, i, inputs);
        }
        result[o] = sum * (most / 127 * (double)floats[o]) + (double)floats[outputs + o];
    }
}

/* Takes the next matrix, and its scale and bias. */
static inline void reference_linear(reference *at, const double *x, double *results, size_t outputs,
                                    size_t inputs) {
    for (size_t t = 0; t < at->tokens_count; t++) {
        double row[1536];
        reference_row(at->matrices, at->floats, x + t * inputs, row, outputs, inputs);
        memcpy(results + t * 1536, row, outputs * sizeof *row);
    }
    at->matrices += outputs * inputs;
    at->floats += 2 * outputs;
}

/* Takes the next norm. */
static inline void reference_norm(reference *at) {
    size_t width = at->made->shape.width;
    for (size_t t = 0; t < at->tokens_count; t++) {
        double *x = at->states + t * width;
        double mean = 0;
        double variance = 0;
        for (size_t d = 0; d < width; d++) {
            mean += x[d] / (double)width;
        }
        for (size_t d = 0; d < width; d++) {
            variance += (x[d] - mean) * (x[d] - mean) / (double)width;
        }
        for (size_t d = 0; d < width; d++) {
            x[d] = (x[d] - mean) / sqrt(variance + 1e-12) * (double)at->floats[d] +
                   (double)at->floats[width + d];
        }
    }
    at->floats += 2 * width;
}

static inline void reference_add(reference *at) {
    size_t width = at->made->shape.width;
    for (size_t t = 0; t < at->tokens_count; t++) {
        for (size_t d = 0; d < width; d++) {
            at->states[t * width + d] += at->wide[t * 1536 + d];
        }
    }
    reference_norm(at);
}

static inline void reference_attend(reference *at) {
    size_t width = at->made->shape.width;
    for (size_t from = 0; from < width; from += 32) {
        for (size_t t = 0; t < at->tokens_count; t++) {
            double weights[128];
            double most = -INFINITY;
            double total = 0;
            for (size_t key = 0; key < at->tokens_count; key++) {
                weights[key] = 0;
                for (size_t d = from; d < from + 32; d++) {
                    weights[key] += at->wide[t * 1536 + d] * at->wide[key * 1536 + width + d];
                }
                most = fmax(most, weights[key]);
            }
            for (size_t key = 0; key < at->tokens_count; key++) {
                weights[key] = exp(weights[key] - most);
                total += weights[key];
            }
            for (size_t d = from; d < from + 32; d++) {
                double sum = 0;
                for (size_t key = 0; key < at->tokens_count; key++) {
                    sum += weights[key] * at->wide[key * 1536 + 2 * width + d];
                }
                at->context[t * width + d] = sum / total;
            }
        }
    }
}

static inline void reference_gelu(reference *at) {
    size_t inner = at->made->shape.inner;
    for (size_t t = 0; t < at->tokens_count; t++) {
        for (size_t i = 0; i < inner; i++) {
            double value = at->wide[t * 1536 + i];
            at->inner[t * inner + i] = value * erfc(-value / sqrt(2)) / 2;
        }
    }
}

static inline void reference_judge(reference *at, reference_output *output) {
    const model_shape *shape = &at->made->shape;
    const float *heads = at->made->heads;
    for (size_t d = 0; d < shape->width; d++) {
        output->pooled[d] = 0;
        for (size_t t = 0; t < at->tokens_count; t++) {
            output->pooled[d] += at->states[t * shape->width + d] / (double)at->tokens_count;
        }
    }
    for (size_t label = 0; label < shape->labels; label++) {
        output->logits[label] = heads[shape->labels * shape->width + label];
        for (size_t d = 0; d < shape->width; d++) {
            output->logits[label] += (double)heads[label * shape->width + d] * output->pooled[d];
        }
    }
    heads += shape->labels * (shape->width + 1);
    double squares = 0;
    for (size_t row = 0; row < 128; row++) {
        output->topic[row] = 0;
        for (size_t d = 0; d < shape->width; d++) {
            output->topic[row] += (double)heads[row * shape->width + d] * output->pooled[d];
        }
        squares += output->topic[row] * output->topic[row];
    }
    for (size_t row = 0; row < 128; row++) {
        output->topic[row] *= squares > 0 ? 127 / sqrt(squares) : 0;
    }
}

static inline void reference_encode(const model *made, const uint16_t *tokens, size_t tokens_count,
                                    reference_output *output) {
    static reference run;
    size_t width = made->shape.width;
    size_t inner = made->shape.inner;
    run.made = made;
    run.matrices = made->matrices;
    run.floats = made->floats;
    run.tokens_count = tokens_count;
    for (size_t t = 0; t < tokens_count; t++) {
        for (size_t d = 0; d < width; d++) {
            run.states[t * width + d] =
                made->words[tokens[t] * width + d] * (double)made->word_scales[tokens[t]] +
                (double)made->positions[t * width + d];
        }
    }
    reference_norm(&run);
    for (size_t layer = 0; layer < made->shape.layers; layer++) {
        reference_linear(&run, run.states, run.wide, 3 * width, width);
        reference_attend(&run);
        reference_linear(&run, run.context, run.wide, width, width);
        reference_add(&run);
        reference_linear(&run, run.states, run.wide, inner, width);
        reference_gelu(&run);
        reference_linear(&run, run.inner, run.wide, width, inner);
        reference_add(&run);
    }
    reference_judge(&run, output);
}

#endif
