/* A scenario for rankings, and a reference that scores its items one at a time, signal by signal,
 * in plain doubles and dots. */
#ifndef CSIMD_TESTS_RANK_REFERENCE_H
#define CSIMD_TESTS_RANK_REFERENCE_H

#include "items.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

enum { ITEMS_MAX = 1200, TASTE = 96, TASTE_BYTES = 128, SIGNALS = CSIMD_SIGNALS_MAX };

/* An item in full: what the store is given, and what the reference reads. */
typedef struct {
    uint64_t number;
    char identifier[24];
    csimd_item item;
    int8_t text[CSIMD_TEXT_DIMENSION];
    int8_t taste[TASTE_BYTES]; /* padded with zeros */
    double score;
    double logit;
    uint32_t slot;
} candidate;

/* One class of signals against one space, in the reference's words. */
typedef struct {
    csimd_affinity_setup setup;
    size_t count;
    int8_t rows[SIGNALS][TASTE_BYTES];
    csimd_signal_weight weights[SIGNALS];
    int64_t fixed[SIGNALS];
    double scale;
} signals;

static csimd_store *store;
static csimd_ranker *ranker;
static size_t items_count;
static candidate candidates[ITEMS_MAX];
static signals classes[CSIMD_AFFINITIES_MAX];
static csimd_rank_setup setup;

/* -- A scenario ---------------------------------------------------------------------------------
 */

static void make_item(candidate *made, size_t number) {
    memset(made, 0, sizeof *made);
    made->number = number * 37;
    snprintf(made->identifier, sizeof made->identifier, "%zu", number * 37);
    fill_row(made->text, sizeof made->text);
    fill_row(made->taste, TASTE);
    made->item = item_named(made->identifier);
    made->item.text = made->text;
    made->item.taste = made->taste;
    made->item.bid_micros = (int64_t)random_below(1000); /* low, so that some scores are equal */
    made->item.prior_logit = (float)random_between(-6, 2);
    made->item.created_ms = (int64_t)random_below(1000000);
    made->item.flags = (random_below(2) == 0 ? CSIMD_ITEM_HAS_PRIOR : 0) |
                       (random_below(2) == 0 ? CSIMD_ITEM_HAS_CREATED : 0) |
                       (random_below(8) == 0 ? CSIMD_ITEM_SENSITIVE : 0);
    put(store, made->item);
    made->slot = slot_named(store, made->identifier);
}

static void make_store(size_t count) {
    store = need(csimd_store_create(TASTE));
    ranker = need(csimd_ranker_create(store));
    items_count = count;
    for (size_t i = 0; i < count; i++) {
        make_item(&candidates[i], i);
    }
}

static void destroy_store(void) {
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
}

/* Signals of widely different ages: their weights differ by up to 60 halvings. */
static void make_signals(signals *made, size_t count, csimd_shape shape, csimd_space space) {
    made->setup = (csimd_affinity_setup){.space = space,
                                         .shape = shape,
                                         .weight = random_between(-20, 20),
                                         .spans_sensitive = random_below(2) == 0};
    made->count = count;
    for (size_t i = 0; i < count; i++) {
        memset(made->rows[i], 0, TASTE_BYTES);
        fill_row(made->rows[i], space == CSIMD_SPACE_TEXT ? CSIMD_TEXT_DIMENSION : TASTE);
        int64_t age = (int64_t)random_below(random_below(2) == 0 ? 3000 : 60000);
        made->weights[i] = csimd_signal_weight_of(1 + (uint32_t)random_below(32768), age, 1000);
    }
}

static void make_setup(size_t affinities_count, size_t signals_count) {
    setup = (csimd_rank_setup){
        .clock_ms = 2000000,
        .kinds = 1,
        .is_ads = random_below(2) == 0,
        .bias = random_between(-2, 2),
        .prior_weight = random_below(3) == 0 ? 0 : random_between(0, 2),
        .prior_logit = -3,
        .freshness_weight = random_between(-1, 2),
        .freshness_half_life_ms = 500000,
        .fatigue_half_life_ms = 1,
        .affinities_count = affinities_count,
    };
    for (size_t i = 0; i < affinities_count; i++) {
        make_signals(&classes[i], signals_count == 0 ? random_below(40) : signals_count,
                     i % 2 == 0 ? CSIMD_SHAPE_POSITIVE : CSIMD_SHAPE_LINEAR,
                     i % 4 < 2 ? CSIMD_SPACE_TEXT : CSIMD_SPACE_TASTE);
        setup.affinities[i] = classes[i].setup;
    }
}

static void begin_request(void) {
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    for (size_t i = 0; i < setup.affinities_count; i++) {
        for (size_t j = 0; j < classes[i].count; j++) {
            csimd_ranker_add_row(ranker, i, classes[i].rows[j], (uint32_t)j, classes[i].weights[j]);
        }
    }
    csimd_ranker_prepare(ranker);
}

/* -- The reference ------------------------------------------------------------------------------
 */

/* The largest weight gets 15 bits, the others what that leaves them. */
static void fix(signals *fixed) {
    int exponent_max = -10000;
    for (size_t j = 0; j < fixed->count; j++) {
        int exponent;
        frexp(ldexp((double)fixed->weights[j].significand, -(int)fixed->weights[j].halvings),
              &exponent);
        exponent_max = exponent > exponent_max ? exponent : exponent_max;
    }
    for (size_t j = 0; j < fixed->count; j++) {
        double weight =
            ldexp((double)fixed->weights[j].significand, -(int)fixed->weights[j].halvings);
        fixed->fixed[j] = (int64_t)floor(ldexp(weight, 15 - exponent_max));
    }
    fixed->scale = ldexp(fixed->setup.weight / (127.0 * 127.0), exponent_max - 15 - 45);
}

static int64_t sum_of(const signals *against, const candidate *scored) {
    bool is_text = against->setup.space == CSIMD_SPACE_TEXT;
    bool is_barred =
        (scored->item.flags & CSIMD_ITEM_SENSITIVE) != 0 && !against->setup.spans_sensitive;
    int64_t sum = 0;
    for (size_t j = 0; j < against->count && !is_barred; j++) {
        int64_t dot = csimd_dot(is_text ? scored->text : scored->taste, against->rows[j],
                                is_text ? CSIMD_TEXT_DIMENSION : TASTE_BYTES);
        bool counts = dot > 0 || against->setup.shape == CSIMD_SHAPE_LINEAR;
        sum += counts ? dot * against->fixed[j] : 0;
    }
    return sum;
}

static void score(candidate *scored) {
    bool has_prior = (scored->item.flags & CSIMD_ITEM_HAS_PRIOR) != 0;
    bool has_created = (scored->item.flags & CSIMD_ITEM_HAS_CREATED) != 0;
    double prior = has_prior ? (double)scored->item.prior_logit : setup.prior_logit;
    int64_t age = setup.clock_ms - scored->item.created_ms;
    double freshness = has_created ? csimd_decay(age, setup.freshness_half_life_ms) / 32768.0 : 0;
    double logit = setup.bias;
    logit = logit + prior * setup.prior_weight;
    logit = logit + freshness * setup.freshness_weight;
    for (size_t i = 0; i < setup.affinities_count; i++) {
        if (classes[i].count > 0) {
            logit = logit + (double)sum_of(&classes[i], scored) * classes[i].scale;
        }
    }
    scored->logit = logit;
    csimd_logistic(&scored->score, &logit, 1);
    if (setup.is_ads) {
        scored->score = (double)scored->item.bid_micros * scored->score;
    }
}

static int compare_candidates(const void *left, const void *right) {
    const candidate *a = left;
    const candidate *b = right;
    if (a->score != b->score) {
        return a->score > b->score ? -1 : 1;
    }
    return strcmp(a->identifier, b->identifier);
}

static void score_all(void) {
    for (size_t i = 0; i < setup.affinities_count; i++) {
        fix(&classes[i]);
    }
    for (size_t i = 0; i < items_count; i++) {
        score(&candidates[i]);
    }
    qsort(candidates, items_count, sizeof candidates[0], compare_candidates);
}

#endif
