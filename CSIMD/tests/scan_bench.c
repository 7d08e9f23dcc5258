/* How long a scan of a million items takes inside the core, in milliseconds, beside reading their
 * rows and nothing else: the best 100 for a user of 64 likes, and with 32 topics of chats besides.
 * Medians of rounds; not part of the test run. */
#include "items.h"

#include <stdlib.h>
#include <time.h>

enum { ITEMS = 1000000, LIKES = 64, TOPICS = 32, TOP = 100, ROUNDS = 21 };

static csimd_store *store;
static csimd_ranker *ranker;
static uint32_t likes[LIKES];
static int8_t topics[TOPICS][CSIMD_TEXT_DIMENSION] __attribute__((aligned(64)));
static uint64_t *plain_rows;

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* As the text model's rows are: of length 127. */
static void fill_unit_row(int8_t *row) {
    double values[CSIMD_TEXT_DIMENSION];
    double norm2 = 0;
    for (size_t i = 0; i < CSIMD_TEXT_DIMENSION; i++) {
        values[i] = random_between(-1, 1) + random_between(-1, 1) + random_between(-1, 1);
        norm2 += values[i] * values[i];
    }
    for (size_t i = 0; i < CSIMD_TEXT_DIMENSION; i++) {
        row[i] = (int8_t)(127 * values[i] / __builtin_sqrt(norm2));
    }
}

static void fill_store(void) {
    for (size_t i = 0; i < ITEMS; i++) {
        char identifier[24];
        int8_t text[CSIMD_TEXT_DIMENSION];
        snprintf(identifier, sizeof identifier, "%zu", i);
        fill_unit_row(text);
        csimd_item item = item_named(identifier);
        item.text = text;
        item.flags = CSIMD_ITEM_HAS_PRIOR;
        item.prior_logit = (float)random_between(-1, 1);
        put(store, item);
    }
}

static uint64_t read_rows(void) {
    uint64_t sums[4] = {0};
    for (size_t i = 0; i < (size_t)ITEMS * CSIMD_TEXT_DIMENSION / 8; i += 4) {
        for (size_t j = 0; j < 4; j++) {
            sums[j] += plain_rows[i + j];
        }
    }
    return sums[0] + sums[1] + sums[2] + sums[3];
}

static uint64_t recommend(double prior_weight, size_t topics_count) {
    csimd_rank_setup setup = {.clock_ms = 1000,
                              .kinds = 1,
                              .affinities_count = 2,
                              .bias = -3,
                              .prior_weight = prior_weight};
    setup.affinities[0] = (csimd_affinity_setup){CSIMD_SPACE_TEXT, CSIMD_SHAPE_LINEAR, 1, true};
    setup.affinities[1] = (csimd_affinity_setup){CSIMD_SPACE_TEXT, CSIMD_SHAPE_POSITIVE, 1, true};
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    for (size_t i = 0; i < LIKES; i++) {
        csimd_ranker_add_item(ranker, 0, likes[i], (uint32_t)i,
                              csimd_signal_weight_of(32768, (int64_t)i, 1000));
    }
    for (size_t i = 0; i < topics_count; i++) {
        csimd_ranker_add_row(ranker, 1, topics[i], (uint32_t)i,
                             csimd_signal_weight_of(32768, (int64_t)i, 1000));
    }
    csimd_ranker_prepare(ranker);
    csimd_rank_result result = csimd_rank_all(ranker, TOP);
    uint64_t sum = result.eligible_count + result.ranked[0].slot;
    csimd_ranker_end(ranker);
    return sum;
}

static uint64_t run(size_t work) {
    switch (work) {
    case 0:
        return read_rows();
    case 1:
        return recommend(0, 0);
    case 2:
        return recommend(0.2, 0);
    default:
        return recommend(0.2, TOPICS);
    }
}

static void time_work(size_t work, const char *name) {
    static double times[ROUNDS];
    uint64_t sum = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        double start = now_ms();
        sum += run(work);
        times[round] = now_ms() - start;
    }
    qsort(times, ROUNDS, sizeof *times, compare_doubles);
    printf("%-12s %-36s p10 %7.2f  median %7.2f ms  (%u)\n", csimd_isa_name(), name,
           times[ROUNDS / 10], times[ROUNDS / 2], (unsigned)(sum & 1));
}

int main(void) {
    store = need(csimd_store_create(0));
    ranker = need(csimd_ranker_create(store));
    fill_store();
    plain_rows = need(calloc(ITEMS, CSIMD_TEXT_DIMENSION));
    memset(plain_rows, 1, (size_t)ITEMS * CSIMD_TEXT_DIMENSION);
    for (size_t i = 0; i < LIKES; i++) {
        char identifier[24];
        snprintf(identifier, sizeof identifier, "%zu", random_below(ITEMS));
        likes[i] = slot_named(store, identifier);
    }
    for (size_t i = 0; i < TOPICS; i++) {
        fill_unit_row(topics[i]);
    }
    const char *name;
    for (size_t level = 0; level < 2 && (name = csimd_isa_supported(level)) != NULL; level++) {
        csimd_isa_use(name);
        time_work(0, "read the rows of 1 M items");
        time_work(1, "best 100: likes");
        time_work(2, "best 100: likes, priors");
        time_work(3, "best 100: likes, priors, 32 topics");
    }
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
    free(plain_rows);
    return 0;
}
