/* The encoder as a whole: near a reference in double precision, the same bytes on every instruction
 * set and whatever ran before, no allocation, and sections that do not fit together refused. */
#include "encoder_reference.h"

static const model_shape full_shape = {6, 384, 12, 1536, 128, 1000, 8, 128};
/* Wide enough for every kernel's full tiles, and quick on the scalar one. */
static const model_shape shallow_shape = {1, 384, 12, 1536, 128, 1000, 8, 128};
/* Groups of outputs that are no whole tiles: 18, 6 and 10 of them. */
static const model_shape narrow_shape = {3, 96, 3, 160, 128, 300, 5, 128};

static model full;
static model shallow;
static model narrow;

static csimd_arena *arena;
static csimd_encoder_scratch *scratch;

static csimd_encoder *make_encoder(const model *made) {
    csimd_status status;
    csimd_encoder *encoder = need(csimd_encoder_create(arena, &made->sections, &status));
    return status == CSIMD_STATUS_OK ? encoder : need(NULL);
}

static bool same_output(const csimd_encoder_output *a, const csimd_encoder_output *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static bool is_finite(const csimd_encoder_output *output) {
    bool finite = true;
    for (size_t d = 0; d < CSIMD_ENCODER_WIDTH_MAX; d++) {
        finite = finite && isfinite(output->pooled[d]);
    }
    for (size_t label = 0; label < CSIMD_ENCODER_LABELS_MAX; label++) {
        finite = finite && isfinite(output->logits[label]);
    }
    return finite;
}

/* -- near the reference ----------------------------------------------------------------------- */

static double farthest; /* of pooled values, which are about 1, and of logits */

/* The two differ most where a value lies so near the middle between two whole numbers that it is
 * quantised to one here and to the other there: a step is max / 127, some 0.03, for one input of
 * some hundred of one token, and later layers make more of it. */
static bool is_near(const model *made, const csimd_encoder *encoder, size_t tokens_count,
                    double tolerance) {
    static uint16_t tokens[CSIMD_ENCODER_TOKENS_MAX];
    csimd_encoder_output output;
    static reference_output truth;
    random_tokens(tokens, tokens_count, made->shape.vocabulary);
    csimd_encode(encoder, scratch, tokens, tokens_count, &output);
    reference_encode(made, tokens, tokens_count, &truth);
    double worst = 0;
    for (size_t d = 0; d < made->shape.width; d++) {
        worst = fmax(worst, fabs(output.pooled[d] - truth.pooled[d]));
    }
    for (size_t label = 0; label < made->shape.labels; label++) {
        worst = fmax(worst, fabs(output.logits[label] - truth.logits[label]));
    }
    farthest = fmax(farthest, worst);
    bool near = is_finite(&output) && worst < tolerance;
    for (size_t d = 0; d < CSIMD_TEXT_DIMENSION; d++) {
        /* A topic's values are some 11 in the mean square: they move as much more as pooled's. */
        near = near && fabs(output.topic[d] - truth.topic[d]) < 0.5 + 20 * tolerance;
    }
    return near;
}

typedef struct {
    const char *name;
    const model *made;
    size_t length_max;
    double tolerance;
} near_case;

static void test_reference(void) {
    static const size_t lengths[] = {1, 2, 3, 8, 20, 33, 128};
    const near_case cases[] = {
        {"a narrow model of 3 layers comes near the reference", &narrow, 128, 0.005},
        {"a full-width layer comes near the reference", &shallow, 20, 0.002},
        {"a full model of 6 layers comes near the reference", &full, 20, 0.05},
    };
    size_t cases_count = check_is_small ? 1 : 3;
    size_t lengths_count = check_is_small ? 4 : 7;
    for (size_t i = 0; i < cases_count; i++) {
        csimd_encoder *encoder = make_encoder(cases[i].made);
        bool near = true;
        farthest = 0;
        for (size_t j = 0; j < lengths_count && lengths[j] <= cases[i].length_max; j++) {
            near = is_near(cases[i].made, encoder, lengths[j], cases[i].tolerance) && near;
        }
        check(cases[i].name, near);
        printf("      by at most %.6f\n", farthest);
    }
}

/* -- the same bytes --------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    const model *made;
    csimd_encoder *encoder;
    csimd_encoder_output scalar[CSIMD_ENCODER_TOKENS_MAX + 1]; /* by length */
    uint16_t tokens[CSIMD_ENCODER_TOKENS_MAX];
    size_t every_length_max; /* longer ones are in `long_lengths` */
} sweep;

static const size_t long_lengths[] = {127, 128};

static sweep sweeps[] = {
    {.name = "a narrow model gives the scalar bytes at every length", .made = &narrow},
    {.name = "a full-width model gives the scalar bytes at every length", .made = &shallow},
};

enum { SWEEPS_COUNT = sizeof sweeps / sizeof sweeps[0] };

/* Calls `visit` for every length that this run looks at, and says whether it always held. */
static bool each_length(sweep *at, bool (*visit)(sweep *at, size_t length)) {
    bool held = true;
    for (size_t length = 1; length <= at->every_length_max; length++) {
        held = visit(at, length) && held;
    }
    for (size_t i = 0; i < 2 && !check_is_small; i++) {
        held = visit(at, long_lengths[i]) && held;
    }
    return held;
}

static bool keep_scalar(sweep *at, size_t length) {
    csimd_encode(at->encoder, scratch, at->tokens, length, &at->scalar[length]);
    return true;
}

static bool equals_scalar(sweep *at, size_t length) {
    csimd_encoder_output output;
    csimd_encode(at->encoder, scratch, at->tokens, length, &output);
    return same_output(&output, &at->scalar[length]);
}

static void make_scalar_answers(void) {
    csimd_isa_use("scalar");
    for (size_t i = 0; i < SWEEPS_COUNT; i++) {
        sweep *at = &sweeps[i];
        at->encoder = make_encoder(at->made);
        at->every_length_max = !check_is_small ? 40 : at->made == &narrow ? 17 : 2;
        random_tokens(at->tokens, CSIMD_ENCODER_TOKENS_MAX, at->made->shape.vocabulary);
        each_length(at, keep_scalar);
    }
    csimd_isa_use(NULL);
}

static void test_same_bytes(void) {
    for (size_t i = 0; i < SWEEPS_COUNT; i++) {
        check(sweeps[i].name, each_length(&sweeps[i], equals_scalar));
    }
}

/* That all sets equal scalar is not enough: scalar itself could differ from machine to machine. The
 * number changes only with the arithmetic that csimd_encoder.h states, or the model made up here.
 */
static void test_known_bytes(void) {
    static model made;
    random_state = 7;
    model_make(&made, narrow_shape);
    csimd_encoder *encoder = make_encoder(&made);
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
    for (size_t length = 1; length <= 9; length++) {
        uint16_t tokens[9] = {0};
        csimd_encoder_output output;
        random_tokens(tokens, length, made.shape.vocabulary);
        csimd_encode(encoder, scratch, tokens, length, &output);
        for (size_t i = 0; i < sizeof output; i++) {
            hash = (hash ^ ((const uint8_t *)&output)[i]) * 0x100000001b3;
        }
    }
    model_free(&made);
    check("the bytes are those of every machine", hash == 0xbe5a75b134ed8593);
}

/* -- hard models ------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    void (*change)(model *made);
    bool has_reference; /* else it only has to be finite, and the same as scalar */
    csimd_encoder_output scalar;
} hard_case;

static void fill_weights(model *made, int8_t even, int8_t odd) {
    for (size_t i = 0; i < made->shape.layers * made->layer_weights; i++) {
        made->matrices[i] = i % 2 == 0 ? even : odd;
    }
}

static void make_largest(model *made) {
    fill_weights(made, 127, 127);
}

static void make_smallest(model *made) {
    fill_weights(made, -127, -127);
}

static void make_alternating(model *made) {
    fill_weights(made, 127, -127);
}

/* Scores of millions: one key takes all the weight. */
static void make_loud(model *made) {
    size_t floats = 2 * made->shape.width + made->shape.layers * made->layer_floats;
    for (size_t i = 0; i < floats; i++) {
        made->floats[i] *= 1000.0f;
    }
    for (size_t i = 0; i < made->shape.vocabulary; i++) {
        made->word_scales[i] *= 1e6f;
    }
}

/* The first norm makes every state zero, so every quantised row is. */
static void make_silent(model *made) {
    memset(made->floats, 0, 2 * made->shape.width * sizeof(float));
}

/* Nothing but zeros comes out of the last norm. */
static void make_mute(model *made) {
    float *norm = made->floats + made->shape.layers * made->layer_floats;
    memset(norm, 0, 2 * made->shape.width * sizeof(float));
}

static hard_case hard_cases[] = {
    {"weights of 127", make_largest, false, {{0}, {0}, {0}}},
    {"weights of -127", make_smallest, false, {{0}, {0}, {0}}},
    {"weights of 127 and -127 by turns", make_alternating, false, {{0}, {0}, {0}}},
    {"values of millions", make_loud, false, {{0}, {0}, {0}}},
    {"rows of zeros", make_silent, true, {{0}, {0}, {0}}},
    {"a state of zeros", make_mute, true, {{0}, {0}, {0}}},
};

enum { HARD_CASES_COUNT = sizeof hard_cases / sizeof hard_cases[0], HARD_TOKENS = 11 };

static bool hard_is_right(hard_case *hard, bool is_scalar) {
    static model made;
    random_state = 99;
    model_make(&made, narrow_shape);
    hard->change(&made);
    csimd_encoder *encoder = make_encoder(&made);
    uint16_t tokens[HARD_TOKENS];
    random_tokens(tokens, HARD_TOKENS, made.shape.vocabulary);
    csimd_encoder_output output;
    csimd_encode(encoder, scratch, tokens, HARD_TOKENS, &output);
    if (is_scalar) {
        hard->scalar = output;
    }
    bool right = is_finite(&output) && same_output(&output, &hard->scalar) &&
                 (!hard->has_reference || is_near(&made, encoder, HARD_TOKENS, 0.005));
    model_free(&made);
    return right;
}

static void test_hard_cases(void) {
    bool is_scalar = strcmp(csimd_isa_name(), "scalar") == 0;
    for (size_t i = 0; i < HARD_CASES_COUNT; i++) {
        check(hard_cases[i].name, hard_is_right(&hard_cases[i], is_scalar));
    }
}

static void test_zero_topic(void) {
    static const int8_t zeros[CSIMD_TEXT_DIMENSION];
    const hard_case *mute = &hard_cases[HARD_CASES_COUNT - 1];
    check("a state of zeros has a topic of zeros",
          memcmp(mute->scalar.topic, zeros, sizeof zeros) == 0);
    bool zero = true;
    for (size_t d = 96; d < CSIMD_ENCODER_WIDTH_MAX; d++) {
        zero = zero && sweeps[0].scalar[1].pooled[d] == 0.0f;
    }
    for (size_t label = 5; label < CSIMD_ENCODER_LABELS_MAX; label++) {
        zero = zero && sweeps[0].scalar[1].logits[label] == 0.0f;
    }
    check("what lies past the model's width and labels is zero", zero);
}

/* -- scratch ---------------------------------------------------------------------------------- */

static void test_scratch(void) {
    sweep *at = &sweeps[0];
    size_t longest = check_is_small ? at->every_length_max : 128;
    csimd_encoder_output output;
    csimd_encode(at->encoder, scratch, at->tokens, longest, &output);
    csimd_encode(at->encoder, scratch, at->tokens, 3, &output);
    check("a short text does not depend on the long one before",
          same_output(&output, &at->scalar[3]));
    size_t bytes = sizeof(uint16_t) * 5;
    uint16_t *tokens = memcpy(guarded(bytes), at->tokens, bytes);
    uint64_t before = csimd_thread_allocated_bytes();
    csimd_encode(at->encoder, scratch, tokens, 5, &output);
    check("nothing is allocated, and no token past the last is read",
          csimd_thread_allocated_bytes() == before && same_output(&output, &at->scalar[5]));
}

/* -- shapes ----------------------------------------------------------------------------------- */

static bool is_refused(const csimd_encoder_sections *sections) {
    csimd_status status = CSIMD_STATUS_OK;
    return csimd_encoder_create(arena, sections, &status) == NULL && status == CSIMD_STATUS_SHAPES;
}

/* Sections that agree with their shape, and a shape that is past one limit. */
static void test_limits(void) {
    static const model_shape shapes[] = {
        {7, 32, 1, 32, 8, 9, 2, 128},   {1, 416, 13, 32, 8, 9, 2, 128},
        {1, 64, 1, 32, 8, 9, 2, 128},   {1, 32, 2, 32, 8, 9, 2, 128},
        {1, 32, 1, 1568, 8, 9, 2, 128}, {1, 32, 1, 48, 8, 9, 2, 128},
        {1, 32, 1, 32, 129, 9, 2, 128}, {1, 32, 1, 32, 8, 65536, 2, 128},
        {1, 32, 1, 32, 8, 9, 9, 128},   {1, 32, 1, 32, 8, 9, 2, 64},
    };
    bool refused = true;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        static model made;
        model_make(&made, shapes[i]);
        refused = refused && is_refused(&made.sections);
        model_free(&made);
    }
    check("a shape past any limit is refused", refused);
}

static void test_shapes(void) {
    enum { FIELDS = sizeof(model_shape) / sizeof(uint32_t) };
    bool refused = true;
    for (size_t field = 0; field < FIELDS; field++) {
        static const uint32_t wrong[] = {0, 1, 7, 33, 129, 100000, UINT32_MAX};
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            _Alignas(64) uint32_t fields[FIELDS];
            memcpy(fields, &narrow.shape, sizeof fields);
            fields[field] = wrong[i];
            csimd_encoder_sections sections = narrow.sections;
            sections.shape.bytes = fields;
            refused = refused && is_refused(&sections);
        }
    }
    check("a shape that is not the sections' is refused", refused);

    enum { SECTIONS = sizeof(csimd_encoder_sections) / sizeof(csimd_section) };
    refused = true;
    for (size_t i = 0; i < SECTIONS; i++) {
        csimd_section parts[SECTIONS];
        for (int change = -4; change <= 4; change += 8) {
            csimd_encoder_sections sections;
            memcpy(parts, &narrow.sections, sizeof parts);
            parts[i].bytes_count += (size_t)change;
            memcpy(&sections, parts, sizeof sections);
            refused = refused && is_refused(&sections);
        }
    }
    check("a section that is too short or too long is refused", refused);
    check("an encoder says how many tokens it takes",
          csimd_encoder_tokens_max(sweeps[0].encoder) == narrow.shape.positions);
}

static void test_encoder(void) {
    test_reference();
    test_same_bytes();
    test_known_bytes();
    test_hard_cases();
    test_scratch();
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    arena = need(csimd_arena_create());
    scratch = need(csimd_encoder_scratch_create(arena));
    model_make(&narrow, narrow_shape);
    model_make(&shallow, shallow_shape);
    if (!check_is_small) {
        model_make(&full, full_shape);
    }
    make_scalar_answers();
    csimd_isa_use("scalar");
    test_hard_cases(); /* the others compare with it */
    csimd_isa_use(NULL);
    check_each_isa(test_encoder);
    test_zero_topic();
    test_shapes();
    test_limits();
    csimd_arena_destroy(arena);
    return check_end();
}
