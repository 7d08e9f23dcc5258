/* Rankings and explanations against the reference: the same bits and the same order on every
 * instruction set, for every way of naming the candidates. */
#include "rank_reference.h"

/* -- Rankings -----------------------------------------------------------------------------------
 */

static bool is_best(csimd_rank_result result, size_t top) {
    size_t expected = top < items_count ? top : items_count;
    bool right = result.ranked_count == expected && result.candidates_count == items_count &&
                 result.eligible_count == items_count && result.unknown_count == 0;
    for (size_t i = 0; right && i < expected; i++) {
        const csimd_ranked *ranked = &result.ranked[i];
        right = memcmp(&ranked->score, &candidates[i].score, sizeof(double)) == 0 &&
                ranked->slot == candidates[i].slot &&
                ranked->identifier_bytes == strlen(candidates[i].identifier) &&
                memcmp(ranked->identifier, candidates[i].identifier, ranked->identifier_bytes) == 0;
    }
    return right;
}

static bool all_ways_are_best(size_t top) {
    static uint64_t numbers[ITEMS_MAX];
    static csimd_range ranges[ITEMS_MAX];
    for (size_t i = 0; i < items_count; i++) {
        size_t other = items_count - 1 - i;
        numbers[i] = candidates[other].number;
        const char *identifier = candidates[other].identifier;
        ranges[i] = (csimd_range){.offset = (uint32_t)(identifier - candidates[0].identifier),
                                  .count = (uint32_t)strlen(identifier)};
    }
    const uint8_t *bytes = (const uint8_t *)candidates[0].identifier;
    return is_best(csimd_rank_all(ranker, top), top) &&
           is_best(csimd_rank_numbers(ranker, (const uint8_t *)numbers, items_count, top), top) &&
           is_best(csimd_rank_identifiers(ranker, bytes, ranges, items_count, top), top);
}

static void test_rankings(void) {
    make_store(small_or(300, ITEMS_MAX));
    bool right = true;
    for (size_t turn = 0; turn < small_or(4, 24); turn++) {
        make_setup(turn % (CSIMD_AFFINITIES_MAX + 1), 0);
        score_all();
        begin_request();
        right = right && all_ways_are_best(1) && all_ways_are_best(10) &&
                all_ways_are_best(items_count - 1) && all_ways_are_best(CSIMD_TOP_MAX);
        csimd_ranker_end(ranker);
    }
    check("rankings have the reference's scores and order, to the bit, however asked", right);
    destroy_store();
}

static void test_full_classes(void) {
    make_store(100);
    make_setup(4, SIGNALS);
    score_all();
    begin_request();
    check("512 signals of one class count exactly",
          all_ways_are_best(100) &&
              !csimd_ranker_add_row(ranker, 0, classes[0].rows[0], 0, classes[0].weights[0]));
    csimd_ranker_end(ranker);
    destroy_store();
}

/* Several signals about one row, some so heavy that their sum is no weight any more. */
static void test_shared_rows(void) {
    enum { DISTINCT = 3 };
    make_store(100);
    make_setup(1, 0);
    signals *shared = &classes[0];
    make_signals(shared, 50, CSIMD_SHAPE_POSITIVE, CSIMD_SPACE_TEXT);
    setup.affinities[0] = shared->setup;
    for (size_t j = DISTINCT; j < shared->count; j++) {
        memcpy(shared->rows[j], shared->rows[j % DISTINCT], TASTE_BYTES);
    }
    score_all();
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    for (size_t j = 0; j < shared->count; j++) {
        csimd_ranker_add_row(ranker, 0, shared->rows[j % DISTINCT], (uint32_t)j,
                             shared->weights[j]);
    }
    csimd_ranker_prepare(ranker);
    check("signals about the same row count as each of them would", all_ways_are_best(100));
    csimd_ranker_end(ranker);
    destroy_store();
}

static void test_old_profiles(void) {
    make_store(100);
    bool same = true;
    static double recent[ITEMS_MAX];
    for (size_t turn = 0; turn < 2; turn++) {
        make_setup(0, 0);
        setup.bias = 0;
        setup.is_ads = false;
        setup.prior_weight = setup.freshness_weight = 0;
        setup.affinities_count = 1;
        signals *old = &classes[0];
        uint64_t saved = random_state;
        random_state = 7;
        make_signals(old, 20, CSIMD_SHAPE_POSITIVE, CSIMD_SPACE_TEXT);
        random_state = saved;
        /* The second time every signal is 300 half-lives older, and the term's weight as much
         * larger: nothing else may change. */
        int halvings = turn == 0 ? 0 : 300;
        for (size_t j = 0; j < old->count; j++) {
            old->weights[j].halvings += (uint32_t)halvings;
        }
        old->setup.spans_sensitive = true;
        old->setup.weight = ldexp(1e-3, halvings);
        setup.affinities[0] = old->setup;
        begin_request();
        for (size_t i = 0; i < items_count; i++) {
            double logit = csimd_rank_explain(ranker, candidates[i].slot).logit;
            same = same && logit != 0 && (turn == 0 || logit == recent[i]);
            recent[i] = logit;
        }
        csimd_ranker_end(ranker);
    }
    check("signals of decades ago lose no precision against each other", same);
    destroy_store();
}

/* -- Explanations -------------------------------------------------------------------------------
 */

static bool explains(const candidate *explained) {
    csimd_explanation explanation = csimd_rank_explain(ranker, explained->slot);
    double logit = setup.bias;
    for (size_t term = 0; term < CSIMD_PLAIN_TERMS; term++) {
        logit = logit + explanation.plain[term];
    }
    bool right = true;
    for (size_t i = 0; i < setup.affinities_count; i++) {
        int64_t sum = 0;
        for (size_t j = 0; j < explanation.shares_count[i]; j++) {
            sum += explanation.shares[i][j].share;
            right = right && explanation.shares[i][j].source == j;
        }
        right = right && explanation.shares_count[i] == classes[i].count &&
                (double)sum * explanation.scales[i] == explanation.affinities[i];
        logit = logit + explanation.affinities[i];
    }
    return right && memcmp(&logit, &explanation.logit, sizeof logit) == 0 &&
           memcmp(&explanation.logit, &explained->logit, sizeof logit) == 0 &&
           memcmp(&explanation.score, &explained->score, sizeof(double)) == 0 &&
           explanation.bid_micros == explained->item.bid_micros &&
           explanation.filter == CSIMD_ELIGIBLE;
}

static void test_explanations(void) {
    make_store(60);
    bool right = true;
    for (size_t turn = 0; turn < small_or(3, 20); turn++) {
        make_setup(turn % (CSIMD_AFFINITIES_MAX + 1), 0);
        score_all();
        begin_request();
        for (size_t i = 0; i < items_count; i++) {
            right = right && explains(&candidates[i]);
        }
        csimd_ranker_end(ranker);
    }
    check("terms add up to the logit and shares to their term, to the bit", right);
    destroy_store();
}

static void test_suite(void) {
    test_rankings();
    test_full_classes();
    test_shared_rows();
    test_old_profiles();
    test_explanations();
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    check_each_isa(test_suite);
    return check_end();
}
