/* How long a whole ranking takes inside the core, in microseconds: given candidates, never the same
 * ones twice in a row, against a user of 64 likes. Medians of rounds; not part of the test run. */
#include "items.h"

#include <stdlib.h>
#include <time.h>

enum { ITEMS = 100000, CANDIDATES = 1000, LIKES = 64, TOP = 100, ROUNDS = 2001 };

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void fill_store(csimd_store *store) {
    for (size_t i = 0; i < ITEMS; i++) {
        char identifier[24];
        int8_t text[CSIMD_TEXT_DIMENSION];
        int8_t taste[128];
        snprintf(identifier, sizeof identifier, "%zu", i);
        fill_row(text, sizeof text);
        fill_row(taste, sizeof taste);
        csimd_item item = item_named(identifier);
        item.text = text;
        item.taste = taste;
        put(store, item);
    }
}

/* Scores the candidates; the winners' identifiers are read, as a reply would. */
static uint64_t finish(csimd_ranker *ranker, size_t top, const uint64_t *numbers) {
    csimd_ranker_prepare(ranker);
    csimd_rank_result result =
        csimd_rank_numbers(ranker, (const uint8_t *)numbers, CANDIDATES, top);
    uint64_t sum = 0;
    for (size_t i = 0; i < result.ranked_count; i++) {
        sum += result.ranked[i].identifier[0] + result.ranked[i].identifier_bytes;
    }
    csimd_ranker_end(ranker);
    return sum;
}

/* One request for a user of 64 likes, by text alone. */
static uint64_t rank(csimd_ranker *ranker, const uint32_t *likes, csimd_shape shape, size_t top,
                     const uint64_t *numbers) {
    csimd_rank_setup setup = {
        .clock_ms = 1000, .kinds = 1, .affinities_count = 1, .prior_weight = 1, .prior_logit = -3};
    setup.affinities[0] = (csimd_affinity_setup){CSIMD_SPACE_TEXT, shape, 0.01, true};
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    for (size_t i = 0; i < LIKES; i++) {
        csimd_ranker_add_item(ranker, 0, likes[i], (uint32_t)i,
                              csimd_signal_weight_of(32768, (int64_t)i, 1000));
    }
    return finish(ranker, top, numbers);
}

/* Like rank(), with everything that a feed weighs: likes by text and by taste, chats about topics.
 */
enum { CHATS = 8, TOPICS_OF_A_CHAT = 3, TOPICS = 6 };
static int8_t topics[TOPICS][CSIMD_TEXT_DIMENSION] __attribute__((aligned(64)));

static uint64_t rank_whole(csimd_ranker *ranker, const uint32_t *likes, csimd_shape shape,
                           size_t top, const uint64_t *numbers) {
    csimd_rank_setup setup = {.clock_ms = 1000,
                              .kinds = 1,
                              .affinities_count = 3,
                              .prior_weight = 1,
                              .prior_logit = -3,
                              .freshness_weight = 0.5,
                              .freshness_half_life_ms = 1000000,
                              .follow_weight = 1,
                              .fatigue_weight = -1,
                              .fatigue_half_life_ms = 1000000};
    setup.affinities[0] = (csimd_affinity_setup){CSIMD_SPACE_TEXT, shape, 0.01, true};
    setup.affinities[1] = (csimd_affinity_setup){CSIMD_SPACE_TASTE, CSIMD_SHAPE_LINEAR, 0.01, true};
    setup.affinities[2] = (csimd_affinity_setup){CSIMD_SPACE_TEXT, shape, 0.01, true};
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    for (size_t i = 0; i < LIKES; i++) {
        csimd_signal_weight w = csimd_signal_weight_of(32768, (int64_t)i, 1000);
        csimd_ranker_add_item(ranker, 0, likes[i], (uint32_t)i, w);
        csimd_ranker_add_item(ranker, 1, likes[i], (uint32_t)i, w);
    }
    for (size_t i = 0; i < CHATS * TOPICS_OF_A_CHAT; i++) {
        csimd_ranker_add_row(ranker, 2, topics[i % TOPICS], (uint32_t)i,
                             csimd_signal_weight_of(32768, (int64_t)i, 1000));
    }
    return finish(ranker, top, numbers);
}

typedef uint64_t (*ranking)(csimd_ranker *ranker, const uint32_t *likes, csimd_shape shape,
                            size_t top, const uint64_t *numbers);

static void time_rankings(ranking rank, csimd_ranker *ranker, const uint32_t *likes,
                          csimd_shape shape, size_t top, const char *name) {
    static double times[ROUNDS];
    uint64_t sum = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        uint64_t numbers[CANDIDATES];
        for (size_t i = 0; i < CANDIDATES; i++) {
            numbers[i] = random_below(ITEMS);
        }
        double start = now_us();
        sum += rank(ranker, likes, shape, top, numbers);
        times[round] = now_us() - start;
    }
    qsort(times, ROUNDS, sizeof *times, compare_doubles);
    printf("%-10s %-28s best %4zu  p10 %7.1f  median %7.1f  (%u)\n", csimd_isa_name(), name, top,
           times[ROUNDS / 10], times[ROUNDS / 2], (unsigned)(sum & 1));
}

int main(void) {
    csimd_store *store = need(csimd_store_create(128));
    csimd_ranker *ranker = need(csimd_ranker_create(store));
    fill_store(store);
    uint32_t likes[LIKES];
    for (size_t i = 0; i < LIKES; i++) {
        char identifier[24];
        snprintf(identifier, sizeof identifier, "%zu", random_below(ITEMS));
        likes[i] = slot_named(store, identifier);
    }
    for (size_t i = 0; i < TOPICS; i++) {
        fill_row(topics[i], CSIMD_TEXT_DIMENSION);
    }
    const char *name;
    for (size_t level = 0; (name = csimd_isa_supported(level)) != NULL; level++) {
        csimd_isa_use(name);
        if (level > 1) {
            break; /* the two that servers have */
        }
        time_rankings(rank, ranker, likes, CSIMD_SHAPE_POSITIVE, TOP, "max(0, x)");
        time_rankings(rank, ranker, likes, CSIMD_SHAPE_POSITIVE, CANDIDATES, "max(0, x)");
        time_rankings(rank, ranker, likes, CSIMD_SHAPE_LINEAR, TOP, "linear");
        time_rankings(rank_whole, ranker, likes, CSIMD_SHAPE_POSITIVE, TOP, "a feed's");
        time_rankings(rank_whole, ranker, likes, CSIMD_SHAPE_POSITIVE, CANDIDATES, "a feed's");
    }
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
    return 0;
}
