/* Which items are candidates of a request, one rule a row, and the plain terms of a score. */
#include "items.h"

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

enum { CLOCK = 1000, FLOOR = 10, HERE = 5, ELSEWHERE = 676, ENGLISH = 9, FRENCH = 64 };

static const uint16_t here_and_there[] = {HERE, ELSEWHERE};
static const uint16_t elsewhere[] = {ELSEWHERE};
static const uint16_t english[] = {ENGLISH};

typedef struct {
    const char *name;
    csimd_item item;
    uint16_t region; /* of the request */
    uint16_t language;
    csimd_filter filter;
} filter_case;

#define ITEM .identifier = (const uint8_t *)"item", .identifier_bytes = 4
#define NO_END .expires_ms = CSIMD_NO_EXPIRY

static const filter_case filter_cases[] = {
    {"an item without conditions is shown", {ITEM, NO_END}, HERE, ENGLISH, CSIMD_ELIGIBLE},
    {"another kind is not", {ITEM, NO_END, .kind = 1}, HERE, ENGLISH, CSIMD_FILTER_KIND},
    {"the last kind is not", {ITEM, NO_END, .kind = 31}, HERE, ENGLISH, CSIMD_FILTER_KIND},
    {"created now", {ITEM, NO_END, .created_ms = CLOCK}, HERE, ENGLISH, CSIMD_ELIGIBLE},
    {"created a moment later",
     {ITEM, NO_END, .created_ms = CLOCK + 1},
     HERE,
     ENGLISH,
     CSIMD_FILTER_CREATED},
    {"expires a moment later", {ITEM, .expires_ms = CLOCK + 1}, HERE, ENGLISH, CSIMD_ELIGIBLE},
    {"expires now", {ITEM, .expires_ms = CLOCK}, HERE, ENGLISH, CSIMD_FILTER_EXPIRED},
    {"for here among others",
     {ITEM, NO_END, .regions = here_and_there, .regions_count = 2},
     HERE,
     ENGLISH,
     CSIMD_ELIGIBLE},
    {"for elsewhere",
     {ITEM, NO_END, .regions = elsewhere, .regions_count = 1},
     HERE,
     ENGLISH,
     CSIMD_FILTER_REGION},
    {"for somewhere, asked from an unknown region",
     {ITEM, NO_END, .regions = here_and_there, .regions_count = 2},
     0,
     ENGLISH,
     CSIMD_FILTER_REGION},
    {"in the user's language",
     {ITEM, NO_END, .languages = english, .languages_count = 1},
     HERE,
     ENGLISH,
     CSIMD_ELIGIBLE},
    {"in another language",
     {ITEM, NO_END, .languages = english, .languages_count = 1},
     HERE,
     FRENCH,
     CSIMD_FILTER_LANGUAGE},
    {"in some language, for a user of unknown language",
     {ITEM, NO_END, .languages = english, .languages_count = 1},
     HERE,
     0,
     CSIMD_ELIGIBLE},
    {"worth the floor", {ITEM, NO_END, .bid_micros = FLOOR * 2}, HERE, ENGLISH, CSIMD_ELIGIBLE},
    {"worth less", {ITEM, NO_END, .bid_micros = FLOOR * 2 - 1}, HERE, ENGLISH, CSIMD_FILTER_FLOOR},
};

static void test_filters(void) {
    for (size_t i = 0; i < sizeof filter_cases / sizeof filter_cases[0]; i++) {
        const filter_case *row = &filter_cases[i];
        begin_test();
        put(store, row->item);
        csimd_rank_setup setup = setup_by_bid();
        setup.clock_ms = CLOCK;
        setup.region = row->region;
        setup.language = row->language;
        setup.floor = row->item.bid_micros > 0 ? FLOOR : 0;
        csimd_ranker_pin(ranker);
        csimd_ranker_begin(ranker, &setup);
        csimd_ranker_prepare(ranker);
        csimd_filter filter = csimd_rank_explain(ranker, slot_named(store, "item")).filter;
        csimd_range range = {0, 4};
        bool is_shown = csimd_rank_all(ranker, 1).ranked_count == 1;
        bool is_found =
            csimd_rank_identifiers(ranker, (const uint8_t *)"item", &range, 1, 1).ranked_count == 1;
        csimd_ranker_end(ranker);
        end_test();
        check(row->name, filter == row->filter && is_shown == (filter == CSIMD_ELIGIBLE) &&
                             is_found == is_shown);
    }
}

static csimd_explanation explain_followed(csimd_rank_setup setup, const char *followed,
                                          const char *explained) {
    setup.follow_weight = 3;
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    csimd_ranker_add_follow(ranker, slot_named(store, followed));
    csimd_ranker_prepare(ranker);
    csimd_explanation explanation = csimd_rank_explain(ranker, slot_named(store, explained));
    csimd_ranker_end(ranker);
    return explanation;
}

static void test_follows(void) {
    begin_test();
    static const char *const names[] = {"song", "album", "other", "flagged"};
    for (size_t i = 0; i < 4; i++) {
        csimd_item item = item_named(names[i]);
        item.author = i == 2 ? 78 : 77;
        item.flags = i == 3 ? CSIMD_ITEM_SENSITIVE : 0;
        put(store, item);
    }
    csimd_rank_setup ads = setup_by_bid();
    csimd_rank_setup content = setup_by_bid();
    content.is_ads = false;
    check("a follow counts for the item and for its author's others",
          explain_followed(ads, "song", "song").plain[2] == 3 &&
              explain_followed(ads, "song", "album").plain[2] == 3 &&
              explain_followed(ads, "song", "other").plain[2] == 0);
    check("a follow of a flagged item counts on the content lane only",
          explain_followed(content, "flagged", "song").plain[2] == 3 &&
              explain_followed(ads, "flagged", "song").plain[2] == 0);
    check("no follow serves a flagged advertisement",
          explain_followed(content, "song", "flagged").plain[2] == 3 &&
              explain_followed(ads, "song", "flagged").plain[2] == 0);
    end_test();
}

static void test_fatigue(void) {
    begin_test();
    put(store, item_named("shown"));
    csimd_rank_setup setup = setup_by_bid();
    setup.clock_ms = CLOCK;
    setup.fatigue_weight = -2;
    setup.fatigue_half_life_ms = 100;
    uint32_t slot = slot_named(store, "shown");
    csimd_impression past = {.earlier_ms = CLOCK - 100, .slot = slot, .earlier_count = 6};
    csimd_impression future = {.earlier_ms = CLOCK + 1, .slot = slot, .earlier_count = 6};
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    csimd_ranker_add_impression(ranker, &future);
    csimd_ranker_prepare(ranker);
    check("impressions later than the clock do not count",
          csimd_rank_explain(ranker, slot).plain[3] == 0);
    csimd_ranker_add_impression(ranker, &past);
    check("impressions count by the half after a half-life",
          csimd_rank_explain(ranker, slot).plain[3] == -6);
    csimd_ranker_end(ranker);
    end_test();
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    test_filters();
    test_follows();
    test_fatigue();
    return check_end();
}
