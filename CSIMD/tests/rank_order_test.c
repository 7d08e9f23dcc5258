/* The order of equal scores, the cut at the top, what is ranked at all, and that a candidate's
 * score does not depend on the others. */
#include "items.h"

enum { MANY = 3000 };

static csimd_store *store;
static csimd_ranker *ranker;

static void begin_test(void) {
    store = need(csimd_store_create(0));
    ranker = need(csimd_ranker_create(store));
}

static void end_test(void) {
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
}

static void put_with_bid(const char *identifier, int64_t bid) {
    csimd_item item = item_named(identifier);
    item.bid_micros = bid;
    put(store, item);
}

static void begin_request(csimd_rank_setup setup) {
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    csimd_ranker_prepare(ranker);
}

static bool is_named(const csimd_ranked *ranked, const char *identifier) {
    return ranked->identifier_bytes == strlen(identifier) &&
           memcmp(ranked->identifier, identifier, ranked->identifier_bytes) == 0;
}

/* -- Ties ---------------------------------------------------------------------------------------
 */

/* In the order of their bytes: prefixes first, then by unsigned byte; some differ past the eighth.
 */
static const char *const ordered[] = {
    "!",
    "0",
    "00",
    "1",
    "10",
    "9",
    "A",
    "a",
    "aa",
    "aaaaaaa",
    "aaaaaaaa",
    "aaaaaaaaa",
    "aaaaaaaaaa",
    "aaaaaaaab",
    "ab",
    "b",
    "\x7f",
    "\xc3\xa9",
    "\xf0\x9f\xa5\xbe",
};
enum { ORDERED = sizeof ordered / sizeof ordered[0] };

static void test_ties_by_bytes(void) {
    begin_test();
    for (size_t i = 0; i < ORDERED; i++) {
        put_with_bid(ordered[i * 7 % ORDERED], 10);
    }
    begin_request(setup_by_bid());
    bool right = true;
    for (size_t top = 1; top <= ORDERED + 2; top++) {
        csimd_rank_result result = csimd_rank_all(ranker, top);
        right = right && result.ranked_count == (top < ORDERED ? top : ORDERED);
        for (size_t i = 0; i < result.ranked_count; i++) {
            right = right && is_named(&result.ranked[i], ordered[i]);
        }
    }
    check("equal scores are in the order of the identifiers' bytes", right);
    csimd_ranker_end(ranker);
    end_test();
}

/* Identifiers "i0000" ... are put in a scattered order, so that ties meet every cut. */
static void put_many(size_t count, int64_t scores_count) {
    char name[16];
    for (size_t i = 0; i < count; i++) {
        size_t number = i * 1009 % count;
        snprintf(name, sizeof name, "i%05zu", number);
        put_with_bid(name, scores_count - (int64_t)number % scores_count);
    }
}

static bool is_sorted(csimd_rank_result result, size_t count, int64_t scores_count) {
    size_t expected = 0;
    int64_t bid = scores_count;
    size_t number = 0;
    for (; expected < result.ranked_count; number += (size_t)scores_count) {
        if (number >= count) {
            bid -= 1;
            number = (size_t)(scores_count - bid);
        }
        char name[16];
        snprintf(name, sizeof name, "i%05zu", number);
        if (!is_named(&result.ranked[expected], name) ||
            result.ranked[expected].score != (double)bid / 2) {
            return false;
        }
        expected += 1;
    }
    return true;
}

static void test_many_ties(void) {
    static const size_t tops[] = {1, 2, 7, 1000, MANY - 1, MANY, CSIMD_TOP_MAX};
    static const int64_t scores_counts[] = {1, 3, 50};
    bool right = true;
    for (size_t i = 0; i < 3; i++) {
        begin_test();
        put_many(MANY, scores_counts[i]);
        begin_request(setup_by_bid());
        for (size_t j = 0; j < sizeof tops / sizeof tops[0]; j++) {
            csimd_rank_result result = csimd_rank_all(ranker, tops[j]);
            right = right && result.ranked_count == (tops[j] < MANY ? tops[j] : MANY) &&
                    is_sorted(result, MANY, scores_counts[i]);
        }
        csimd_ranker_end(ranker);
        end_test();
    }
    check("thousands of equal scores keep their order at every cut", right);
}

/* The first cut comes after 2 * top + 2048 candidates. Here it finds "m" and "x" tied at the bar,
 * exactly as many as fit, "x" first; "n" comes later and belongs between them. */
static void test_tie_after_a_full_cut(void) {
    begin_test();
    char name[16];
    put_with_bid("x", 5);
    put_with_bid("m", 5);
    for (size_t i = 0; i < 2100; i++) {
        snprintf(name, sizeof name, "low%zu", i);
        put_with_bid(name, 1);
    }
    put_with_bid("n", 5);
    begin_request(setup_by_bid());
    csimd_rank_result result = csimd_rank_all(ranker, 2);
    check("a tie that comes after ties filled the top exactly still takes its place",
          is_named(&result.ranked[0], "m") && is_named(&result.ranked[1], "n"));
    csimd_ranker_end(ranker);
    end_test();
}

/* -- Given candidates ---------------------------------------------------------------------------
 */

static void test_given_candidates(void) {
    begin_test();
    put_with_bid("a", 1);
    put_with_bid("b", 3);
    put_with_bid("gone", 5);
    drop(store, "gone", false);
    const char *words = "a b gone none";
    const csimd_range a = {0, 1};
    const csimd_range b = {2, 1};
    const csimd_range gone = {4, 4};
    const csimd_range none = {9, 4};
    const csimd_range given[] = {gone, a, b, a, none, b, b, none};
    begin_request(setup_by_bid());
    csimd_rank_result result = csimd_rank_identifiers(ranker, (const uint8_t *)words, given, 8, 10);
    check("a candidate given twice is ranked once",
          result.ranked_count == 2 && result.candidates_count == 2 &&
              is_named(&result.ranked[0], "b") && is_named(&result.ranked[1], "a"));
    check("unknown and deleted candidates are listed by their place",
          result.unknown_count == 3 && result.unknown[0] == 0 && result.unknown[1] == 4 &&
              result.unknown[2] == 7);
    result = csimd_rank_identifiers(ranker, (const uint8_t *)words, given, 0, 10);
    check("no candidates give no results", result.ranked_count == 0);
    csimd_ranker_end(ranker);
    end_test();
}

static void test_duplicates_across_blocks(void) {
    begin_test();
    put_many(100, 100);
    enum { GIVEN = 2000 };
    static char words[GIVEN * 6 + 16];
    static csimd_range ranges[GIVEN];
    for (size_t i = 0; i < GIVEN; i++) {
        snprintf(&words[i * 6], 7, "i%05zu", i * 31 % 100);
        ranges[i] = (csimd_range){(uint32_t)(i * 6), 6};
    }
    begin_request(setup_by_bid());
    csimd_rank_result result =
        csimd_rank_identifiers(ranker, (const uint8_t *)words, ranges, GIVEN, CSIMD_TOP_MAX);
    check("repetitions are found across blocks",
          result.ranked_count == 100 && result.candidates_count == 100 &&
              result.unknown_count == 0 && is_sorted(result, 100, 100));
    csimd_ranker_end(ranker);
    end_test();
}

static void test_isolation(void) {
    begin_test();
    put_many(700, 700);
    begin_request(setup_by_bid());
    static double together[700];
    csimd_rank_result result = csimd_rank_all(ranker, 700);
    bool same = result.ranked_count == 700;
    for (size_t i = 0; i < result.ranked_count; i++) {
        together[i] = result.ranked[i].score;
    }
    for (size_t i = 0; i < 700 && same; i++) {
        char name[16];
        snprintf(name, sizeof name, "i%05zu", i);
        const csimd_range range = {0, 6};
        result = csimd_rank_identifiers(ranker, (const uint8_t *)name, &range, 1, 1);
        same = result.ranked_count == 1 && result.ranked[0].score == together[i];
    }
    check("a candidate alone scores as it does among others", same);
    csimd_ranker_end(ranker);
    end_test();
}

static void test_order(void) {
    test_ties_by_bytes();
    test_many_ties();
    test_tie_after_a_full_cut();
    test_given_candidates();
    test_duplicates_across_blocks();
    test_isolation();
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    check_each_isa(test_order);
    return check_end();
}
