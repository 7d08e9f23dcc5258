/* A scan gives what a ranking of all items gives, bit for bit: over catalogues with sensitive and
 * dead items, priors, bids, dates, regions and languages, for surfaces whose weights may be
 * negative or none, with a bar that rises early, late, or by a floor. */
#include "items.h"

enum { ITEMS_MOST = 12000, SIGNALS_MOST = 40, TASTE = 64 };

static uint64_t numbers[ITEMS_MOST];
static size_t items_count;

typedef struct {
    bool has_dates, has_places, has_sensitive, has_deaths, has_wide_bids;
} variety;

static void put_number(csimd_store *store, uint64_t number, variety variety) {
    static const uint16_t places[] = {1, 2, 3};
    char identifier[24];
    int8_t text[CSIMD_TEXT_DIMENSION];
    int8_t taste[TASTE];
    snprintf(identifier, sizeof identifier, "%" PRIu64, number);
    fill_row(text, sizeof text);
    fill_row(taste, sizeof taste);
    csimd_item item = item_named(identifier);
    item.text = random_below(20) == 0 ? NULL : text;
    item.taste = taste;
    item.taste_signal = taste;
    item.bid_micros =
        variety.has_wide_bids ? (int64_t)1 << random_below(40) : (int64_t)(1 + random_below(1000));
    if (random_below(50) == 0) {
        item.bid_micros = 0;
    }
    if (random_below(2) == 0) {
        item.flags |= CSIMD_ITEM_HAS_PRIOR;
        item.prior_logit = (float)random_between(-4.0, 4.0);
    }
    item.author = random_below(4) == 0 ? 1 + random_below(100) : 0;
    if (variety.has_sensitive && random_below(10) == 0) {
        item.flags |= CSIMD_ITEM_SENSITIVE;
    }
    if (variety.has_dates) {
        item.flags |= CSIMD_ITEM_HAS_CREATED;
        item.created_ms = (int64_t)random_below(1100);
        item.expires_ms = (int64_t)(900 + random_below(1000));
    }
    if (variety.has_places && random_below(2) == 0) {
        item.regions = places + random_below(3);
        item.regions_count = 1;
        item.languages = places + random_below(3);
        item.languages_count = 1;
    }
    if (put(store, item) != CSIMD_STATUS_OK) {
        need(NULL);
    }
}

static csimd_rank_setup random_setup(void) {
    csimd_rank_setup setup = {
        .clock_ms = 1000,
        .kinds = 1,
        .region = (uint16_t)random_below(3),
        .language = (uint16_t)random_below(3),
        .is_ads = random_below(2) == 0,
        .bias = random_between(-4.0, 1.0),
        .prior_weight = random_below(3) == 0 ? 0 : random_between(-1.0, 1.0),
        .prior_logit = random_between(-3.0, 0.0),
        .freshness_weight = random_below(2) == 0 ? 0 : random_between(-1.0, 1.0),
        .freshness_half_life_ms = 100,
        .follow_weight = random_below(2) == 0 ? 0 : random_between(-1.0, 2.0),
        .fatigue_weight = random_below(2) == 0 ? 0 : random_between(-1.0, 1.0),
        .fatigue_half_life_ms = 100,
        .affinities_count = 4,
    };
    for (size_t i = 0; i < setup.affinities_count; i++) {
        setup.affinities[i] = (csimd_affinity_setup){
            .space = i % 2 == 0 ? CSIMD_SPACE_TEXT : CSIMD_SPACE_TASTE,
            .shape = random_below(3) == 0 ? CSIMD_SHAPE_POSITIVE : CSIMD_SHAPE_LINEAR,
            .weight = random_between(-0.5, 3.0) * (random_below(20) == 0 ? 1000 : 1),
            .spans_sensitive = random_below(2) == 0,
        };
    }
    if (random_below(4) == 0) {
        setup.floor = setup.is_ads ? random_between(0.0, 1e6) : random_between(0.0, 1.0);
    }
    return setup;
}

static void begin(csimd_ranker *ranker, csimd_store *store, const csimd_rank_setup *setup) {
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, setup);
    size_t signals_count = random_below(SIGNALS_MOST);
    for (size_t i = 0; i < signals_count; i++) {
        char identifier[24];
        snprintf(identifier, sizeof identifier, "%" PRIu64, numbers[random_below(items_count)]);
        uint32_t slot = slot_named(store, identifier);
        if (slot == CSIMD_SLOT_NONE) {
            continue;
        }
        csimd_ranker_add_item(ranker, random_below(4), slot, (uint32_t)i,
                              csimd_signal_weight_of(32768, (int64_t)i, 10));
        if (i % 8 == 0) {
            csimd_ranker_add_follow(ranker, slot);
        }
        if (i % 5 == 0) {
            csimd_impression shown = {.slot = slot, .earlier_count = 3, .earlier_ms = 950};
            csimd_ranker_add_impression(ranker, &shown);
        }
    }
    csimd_ranker_prepare(ranker);
}

typedef struct {
    csimd_ranked ranked[CSIMD_TOP_MAX];
    size_t count, candidates, eligible;
} answer;

static answer given, scanned;

static void keep(answer *answer, csimd_rank_result result) {
    memcpy(answer->ranked, result.ranked, result.ranked_count * sizeof(csimd_ranked));
    answer->count = result.ranked_count;
    answer->candidates = result.candidates_count;
    answer->eligible = result.eligible_count;
}

static bool is_same(void) {
    if (given.count != scanned.count || given.candidates != scanned.candidates ||
        given.eligible != scanned.eligible) {
        return false;
    }
    for (size_t i = 0; i < given.count; i++) {
        if (given.ranked[i].slot != scanned.ranked[i].slot ||
            memcmp(&given.ranked[i].score, &scanned.ranked[i].score, sizeof(double)) != 0) {
            return false;
        }
    }
    return true;
}

static void compare_on(const char *name, variety variety) {
    csimd_store *store = need(csimd_store_create(TASTE));
    csimd_ranker *ranker = need(csimd_ranker_create(store));
    items_count = small_or(2000, ITEMS_MOST);
    for (size_t i = 0; i < items_count; i++) {
        numbers[i] = i;
        put_number(store, i, variety);
    }
    for (size_t i = 0; variety.has_deaths && i < items_count / 10; i++) {
        char identifier[24];
        snprintf(identifier, sizeof identifier, "%" PRIu64, numbers[random_below(items_count)]);
        drop(store, identifier, false);
        put_number(store, random_below(items_count), variety);
    }
    bool same = true;
    for (size_t round = 0; same && round < small_or(8, 24); round++) {
        static const size_t tops[] = {1, 10, 100, 1000, 10000};
        size_t top = tops[random_below(5)];
        csimd_rank_setup setup = random_setup();
        begin(ranker, store, &setup);
        keep(&given, csimd_rank_numbers(ranker, (const uint8_t *)numbers, items_count, top));
        keep(&scanned, csimd_rank_all(ranker, top));
        csimd_ranker_end(ranker);
        same = is_same();
    }
    check(name, same);
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
}

/* A clock that has run out: the first block's results, and how much that was. */
static void check_deadline(void) {
    csimd_store *store = need(csimd_store_create(TASTE));
    csimd_ranker *ranker = need(csimd_ranker_create(store));
    items_count = 2000;
    for (size_t i = 0; i < items_count; i++) {
        numbers[i] = i;
        put_number(store, i, (variety){0});
    }
    csimd_rank_setup setup = random_setup();
    bool same = true;
    for (int scans = 0; scans < 2; scans++) {
        begin(ranker, store, &setup);
        csimd_ranker_limit(ranker, 0);
        csimd_rank_result part =
            scans ? csimd_rank_all(ranker, 50)
                  : csimd_rank_numbers(ranker, (const uint8_t *)numbers, items_count, 50);
        size_t covered = part.covered_count;
        same = same && covered > 0 && covered < items_count && part.offered_count == items_count;
        keep(&scanned, part);
        csimd_ranker_limit(ranker, CSIMD_NO_DEADLINE);
        csimd_rank_result whole = csimd_rank_numbers(ranker, (const uint8_t *)numbers, covered, 50);
        same = same && whole.covered_count == covered && whole.offered_count == covered;
        keep(&given, whole);
        csimd_ranker_end(ranker);
        same = same && is_same();
    }
    check("past its deadline a ranking is that of the candidates it has looked at", same);
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
}

static void suite(void) {
    check_deadline();
    compare_on("a plain catalogue: as given one by one", (variety){0});
    compare_on("with sensitive items", (variety){.has_sensitive = true});
    compare_on("with bids far apart", (variety){.has_wide_bids = true});
    compare_on("with dates, regions and languages",
               (variety){.has_dates = true, .has_places = true});
    compare_on("with deleted and replaced items", (variety){.has_deaths = true});
    compare_on("with all of that", (variety){true, true, true, true, true});
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    check_each_isa(suite);
    return check_end();
}
