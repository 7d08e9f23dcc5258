/* Work for tools/test-core --instructions: each piece runs once under callgrind, which counts its
 * instructions. Counts repeat exactly where times do not, so a change that makes a request dearer
 * shows. Not part of the test run.
 */
#include "encoder_model.h"
#include "items.h"

#include <valgrind/callgrind.h>

enum {
    ITEMS = 10000,
    CANDIDATES_MOST = 5000,
    SIGNALS_MOST = 128,
    TOP = 100,
    GATE_TOKENS = 20,
    GATE_VOCABULARY = 1000,
};

static csimd_store *store;
static csimd_ranker *ranker;
static uint32_t liked[SIGNALS_MOST];
static uint64_t numbers[CANDIDATES_MOST];
static uint8_t names[CANDIDATES_MOST * 24];
static csimd_range ranges[CANDIDATES_MOST];

typedef struct {
    const char *name;
    void (*run)(size_t candidates_count, size_t signals_count);
    size_t candidates_count;
    size_t signals_count;
} piece;

static void begin(csimd_shape shape, size_t signals_count) {
    csimd_rank_setup setup = {
        .clock_ms = 1000, .kinds = 1, .affinities_count = 1, .prior_weight = 1, .prior_logit = -3};
    setup.affinities[0] = (csimd_affinity_setup){CSIMD_SPACE_TEXT, shape, 0.01, true};
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    for (size_t i = 0; i < signals_count; i++) {
        csimd_ranker_add_item(ranker, 0, liked[i], (uint32_t)i,
                              csimd_signal_weight_of(32768, (int64_t)i, 1000));
    }
    csimd_ranker_prepare(ranker);
}

static void rank_numbers(csimd_shape shape, size_t candidates_count, size_t signals_count) {
    begin(shape, signals_count);
    csimd_rank_numbers(ranker, (const uint8_t *)numbers, candidates_count, TOP);
    csimd_ranker_end(ranker);
}

static void rank_positive(size_t candidates_count, size_t signals_count) {
    rank_numbers(CSIMD_SHAPE_POSITIVE, candidates_count, signals_count);
}

static void rank_linear(size_t candidates_count, size_t signals_count) {
    rank_numbers(CSIMD_SHAPE_LINEAR, candidates_count, signals_count);
}

static void rank_names(size_t candidates_count, size_t signals_count) {
    begin(CSIMD_SHAPE_POSITIVE, signals_count);
    csimd_rank_identifiers(ranker, names, ranges, candidates_count, TOP);
    csimd_ranker_end(ranker);
}

static void recommend(size_t candidates_count, size_t signals_count) {
    (void)candidates_count; /* all there are */
    begin(CSIMD_SHAPE_LINEAR, signals_count);
    csimd_rank_all(ranker, TOP);
    csimd_ranker_end(ranker);
}

static void prepare(size_t candidates_count, size_t signals_count) {
    (void)candidates_count;
    begin(CSIMD_SHAPE_POSITIVE, signals_count);
    csimd_ranker_end(ranker);
}

static csimd_encoder *encoder;
static csimd_encoder_scratch *encoder_scratch;
static uint16_t tokens[GATE_TOKENS];

static void encode(size_t candidates_count, size_t signals_count) {
    (void)candidates_count;
    (void)signals_count;
    csimd_encoder_output output;
    csimd_encode(encoder, encoder_scratch, tokens, GATE_TOKENS, &output);
}

static const piece pieces[] = {
    {"rank 10 of 8", rank_positive, 10, 8},
    {"rank 100 of 64", rank_positive, 100, 64},
    {"rank 1000 of 8", rank_positive, 1000, 8},
    {"rank 1000 of 64", rank_positive, 1000, 64},
    {"rank 1000 of 128", rank_positive, 1000, 128},
    {"rank 5000 of 64", rank_positive, 5000, 64},
    {"rank 1000 of 64, linear", rank_linear, 1000, 64},
    {"rank 1000 of 64, names", rank_names, 1000, 64},
    {"recommend 10000 of 64", recommend, 0, 64},
    {"prepare 64", prepare, 0, 64},
    {"prepare 128", prepare, 0, 128},
    {"encode 20 tokens", encode, 0, 0},
};

static void fill_store(void) {
    for (size_t i = 0; i < ITEMS; i++) {
        char identifier[24];
        int8_t text[CSIMD_TEXT_DIMENSION];
        snprintf(identifier, sizeof identifier, "%zu", i);
        fill_row(text, sizeof text);
        csimd_item item = item_named(identifier);
        item.text = text;
        put(store, item);
    }
}

static void choose_candidates(void) {
    uint32_t offset = 0;
    for (size_t i = 0; i < CANDIDATES_MOST; i++) {
        numbers[i] = random_below(ITEMS);
        int count = snprintf((char *)names + offset, 24, "%" PRIu64, numbers[i]);
        ranges[i] = (csimd_range){offset, (uint32_t)count};
        offset += (uint32_t)count;
    }
    for (size_t i = 0; i < SIGNALS_MOST; i++) {
        char identifier[24];
        snprintf(identifier, sizeof identifier, "%zu", random_below(ITEMS));
        liked[i] = slot_named(store, identifier);
    }
}

static void make_encoder(csimd_arena *arena) {
    static model made;
    csimd_status status;
    model_make(&made, (model_shape){6, 384, 12, 1536, 128, GATE_VOCABULARY, 8, 128});
    encoder = need(csimd_encoder_create(arena, &made.sections, &status));
    encoder_scratch = need(csimd_encoder_scratch_create(arena));
    random_tokens(tokens, GATE_TOKENS, GATE_VOCABULARY);
}

int main(void) {
    csimd_arena *arena = need(csimd_arena_create());
    store = need(csimd_store_create(0));
    ranker = need(csimd_ranker_create(store));
    fill_store();
    choose_candidates();
    make_encoder(arena);
    static const char *const sets[] = {"avx2", "sse2"}; /* what callgrind knows */
    for (size_t set = 0; set < sizeof sets / sizeof sets[0]; set++) {
        if (csimd_isa_use(sets[set]) != CSIMD_STATUS_OK) {
            fprintf(stderr, "this machine has no %s\n", sets[set]);
            return 1;
        }
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
            char name[64];
            snprintf(name, sizeof name, "%s, %s", sets[set], pieces[i].name);
            pieces[i].run(pieces[i].candidates_count, pieces[i].signals_count); /* first touch */
            CALLGRIND_ZERO_STATS;
            pieces[i].run(pieces[i].candidates_count, pieces[i].signals_count);
            CALLGRIND_DUMP_STATS_AT(name);
        }
    }
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
    csimd_arena_destroy(arena);
    return 0;
}
