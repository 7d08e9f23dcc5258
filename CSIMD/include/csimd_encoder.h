/* How the core understands a text: a small BERT in int8, from tokens to a state, and what two heads
 * make of that state: how strongly each sensitive label is meant, and a row of the text space.
 *
 * As in csimd_text.h, everything works on sections of a bundle that stay where they are and
 * unchanged, and whose contents are trusted. What comes out is the same bytes on every instruction
 * set: sums of int8 products are exact, and floats are multiplied and added one at a time in one
 * fixed order. A text of 20 tokens takes about 1.3 ms on a Zen 4 core
 * (CSIMD/tests/encoder_bench.c).
 *
 *     x[t]   = norm(words[token] * word_scales[token] + positions[t])
 *     layer: x = norm(linear(attention(linear(x))) + x)
 *            x = norm(linear(gelu(linear(x))) + x)
 *     pooled = the mean of x over all tokens
 *     logits = labels . pooled + bias          topic = projection . pooled, at length 127
 *
 *     linear(x)[o] = (float)sum(q[i] * w[o][i]) * (row_scale * scale[o]) + bias[o]
 *         q = x * (127 / max |x|), rounded half to even; row_scale = max |x| / 127. A row whose
 *         max |x| is below 2^-100 counts as zero: q and row_scale are 0.
 *     attention: per head, softmax(query . key) over all tokens, times value; 1 / sqrt(32) is
 *         already in the query's scale and bias.
 *     norm(v) = (v - mean) / sqrt(variance + 1e-12) * weight + bias
 *     gelu(v) = v * Phi(v), Phi within 1e-5 of the normal distribution's
 */
#ifndef CSIMD_ENCODER_H
#define CSIMD_ENCODER_H

#include "csimd.h"
#include "csimd_text.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CSIMD_ENCODER_TOKENS_MAX = 128, /* of one sequence, its first and last marks included */
    CSIMD_ENCODER_LAYERS_MAX = 6,
    CSIMD_ENCODER_HEADS_MAX = 12,
    CSIMD_ENCODER_HEAD_DIMENSION = 32, /* of every head: width = heads * 32 */
    CSIMD_ENCODER_WIDTH_MAX = 384,
    CSIMD_ENCODER_INNER_MAX = 1536, /* a multiple of 32 */
    CSIMD_ENCODER_LABELS_MAX = 8,
};

/* Little-endian and 64-byte aligned. A matrix lies packed, int8 [outputs / 16][inputs / 4][16][4],
 * in [-127, 127].
 *
 *     shape        u32: layers, width, heads, inner, positions, vocabulary, labels, 128
 *     words        int8 [vocabulary][width]
 *     word_scales  f32 [vocabulary]
 *     positions    f32 [positions][width], the token type's row already added
 *     matrices     for each layer: query, key and value [3 * width x width], out [width x width],
 *                  up [inner x width], down [width x inner]
 *     floats       f32: norm of the embedding; then for each layer: query, key and value's scale
 * and bias, out's scale and bias, norm; up's scale and bias, down's scale and bias, norm. A norm is
 * weight [width], bias [width]. heads        f32: label weights [labels][width], label bias
 * [labels], projection [128][width]
 */
typedef struct {
    csimd_section shape;
    csimd_section words;
    csimd_section word_scales;
    csimd_section positions;
    csimd_section matrices;
    csimd_section floats;
    csimd_section heads;
} csimd_encoder_sections;

/* Points into the sections; safe from many threads. */
typedef struct csimd_encoder csimd_encoder;

/* NULL on failure; *status tells why: CSIMD_STATUS_NO_MEMORY, or CSIMD_STATUS_SHAPES where a shape
 * is past a limit above or a section's size does not follow from the shapes. Reads every matrix
 * once. The arena frees it. */
csimd_encoder *csimd_encoder_create(csimd_arena *arena, const csimd_encoder_sections *sections,
                                    csimd_status *status);

/* The most tokens this encoder takes: its positions, at most CSIMD_ENCODER_TOKENS_MAX. */
size_t csimd_encoder_tokens_max(const csimd_encoder *encoder);

/* Working memory, about 1.5 MB, of which a sequence touches what its length needs: one a thread,
 * good for any encoder. NULL when memory runs out. The arena frees it. */
typedef struct csimd_encoder_scratch csimd_encoder_scratch;

csimd_encoder_scratch *csimd_encoder_scratch_create(csimd_arena *arena);

/* What lies past the encoder's own labels and width is 0. */
typedef struct {
    float logits[CSIMD_ENCODER_LABELS_MAX];
    float pooled[CSIMD_ENCODER_WIDTH_MAX];
    int8_t topic[CSIMD_TEXT_DIMENSION]; /* in [-127, 127]; all 0 when the projection is */
} csimd_encoder_output;

/* `tokens` include the marks at both ends; each is below the vocabulary;
 * 1 <= tokens_count <= csimd_encoder_tokens_max(). */
void csimd_encode(const csimd_encoder *encoder, csimd_encoder_scratch *scratch,
                  const uint16_t *tokens, size_t tokens_count, csimd_encoder_output *output);

#ifdef __cplusplus
}
#endif

#endif
