/* The store, case by case: identifiers of every form, growth, reuse, whole catalogues replaced. */
#include "items.h"

/* -- Identifiers --------------------------------------------------------------------------------
 */

enum { LONGEST = CSIMD_IDENTIFIER_MAX };

static char longest[LONGEST + 1];
static char longest_but_last[LONGEST + 1];

/* What looks like a number, what nearly does, and what differs late. */
static const char *const identifiers[] = {
    "0",
    "00",
    "7",
    "007",
    "70",
    "-7",
    "+7",
    "7.0",
    "18446744073709551615", /* the largest 64-bit number */
    "18446744073709551616", /* 20 digits, no 64-bit number */
    "99999999999999999999",
    "100000000000000000000",
    "a",
    "ab",
    "abcdefgh",
    "abcdefghi",
    "\xc3\xa9t\xc3\xa9",
    longest,
    longest_but_last,
};
enum { IDENTIFIERS = sizeof identifiers / sizeof identifiers[0] };

static void test_identifiers(void) {
    memset(longest, 'x', LONGEST);
    memset(longest_but_last, 'x', LONGEST);
    longest_but_last[LONGEST - 1] = 'y';
    csimd_store *store = need(csimd_store_create(0));
    csimd_reader *reader = need(csimd_reader_create(store));
    bool absent = true;
    bool apart = true;
    bool as_given = true;
    for (size_t i = 0; i < IDENTIFIERS; i++) {
        absent = absent && slot_named(store, identifiers[i]) == CSIMD_SLOT_NONE;
        put(store, item_named(identifiers[i]));
    }
    csimd_reader_pin(reader);
    for (size_t i = 0; i < IDENTIFIERS; i++) {
        uint32_t slot = slot_named(store, identifiers[i]);
        csimd_item_view view;
        apart = apart && slot == i && find_named(reader, identifiers[i]) == slot;
        as_given = as_given && csimd_reader_item(reader, slot, &view) &&
                   view.identifier_bytes == strlen(identifiers[i]) &&
                   memcmp(view.identifier, identifiers[i], view.identifier_bytes) == 0;
    }
    csimd_reader_unpin(reader);
    check("no identifier names an item before it is added", absent);
    check("each identifier names an item of its own, with or without zeros and digits", apart);
    check("an identifier comes back as it was given", as_given);
    csimd_store_destroy(store);
}

static void test_packed_numbers(void) {
    csimd_store *store = need(csimd_store_create(0));
    csimd_ranker *ranker = need(csimd_ranker_create(store));
    for (size_t i = 0; i < IDENTIFIERS; i++) {
        csimd_item item = item_named(identifiers[i]);
        item.bid_micros = (int64_t)i;
        put(store, item);
    }
    const uint64_t numbers[] = {0, 7, 70, UINT64_MAX, 8};
    uint8_t packed[1 + sizeof numbers];
    memcpy(packed + 1, numbers, sizeof numbers);
    csimd_rank_setup setup = setup_by_bid();
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    csimd_ranker_prepare(ranker);
    csimd_rank_result result = csimd_rank_numbers(ranker, packed + 1, 5, 10);
    check("a packed number finds the canonical decimal and nothing else, wherever it starts",
          result.ranked_count == 4 && result.ranked[0].score == 4.0 &&
              result.ranked[1].score == 2.0 && result.ranked[2].score == 1.0 &&
              result.ranked[3].score == 0.0 && result.unknown_count == 1 && result.unknown[0] == 4);
    csimd_ranker_end(ranker);
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
}

/* -- Growth and reuse ---------------------------------------------------------------------------
 */

static void name_number(char *name, size_t number) {
    snprintf(name, 32, number % 2 == 0 ? "%zu" : "n%zu", number);
}

static void test_growth(void) {
    csimd_store *store = need(csimd_store_create(0));
    csimd_reader *reader = need(csimd_reader_create(store));
    size_t count = small_or(3000, 100000);
    char name[32];
    put(store, item_named("first"));
    csimd_reader_pin(reader); /* must find its way in the table that is outgrown meanwhile */
    for (size_t i = 0; i < count; i++) {
        name_number(name, i);
        csimd_item item = item_named(name);
        item.bid_micros = (int64_t)i;
        put(store, item);
    }
    check("a reader pinned before growth still finds what it saw",
          find_named(reader, "first") == 0);
    csimd_reader_unpin(reader);
    csimd_reader_pin(reader);
    bool found = true;
    for (size_t i = 0; i < count; i++) {
        name_number(name, i);
        csimd_item_view view;
        found = found && csimd_reader_item(reader, find_named(reader, name), &view) &&
                view.bid_micros == (int64_t)i;
    }
    csimd_reader_unpin(reader);
    check("every item is found again after the table grew", found);
    csimd_store_state state = csimd_store_state_of(store);
    check("counts are those of what was added", state.items_count == count + 1 &&
                                                    state.slots_count == count + 1 &&
                                                    state.rows_count == count + 1);
    csimd_store_destroy(store);
}

static void test_reuse(void) {
    csimd_store *store = need(csimd_store_create(0));
    char name[32];
    uint64_t allocated = 0;
    uint32_t highest = 0;
    for (size_t i = 0; i < small_or(5000, 50000); i++) {
        name_number(name, i);
        put(store, item_named(name));
        uint32_t slot = slot_named(store, name);
        highest = slot > highest ? slot : highest;
        drop(store, name, false);
        if (i == 2000) { /* the table has been through its first rebuilding */
            csimd_store_state state = csimd_store_state_of(store);
            allocated = state.directory.allocated_bytes + state.catalogue.allocated_bytes;
        }
    }
    csimd_store_state state = csimd_store_state_of(store);
    check("items that come and go use the same few slots", highest < 4);
    check("items that come and go need no more memory",
          state.directory.allocated_bytes + state.catalogue.allocated_bytes <= allocated);
    csimd_store_destroy(store);
}

/* -- Whole catalogues ---------------------------------------------------------------------------
 */

static void replace_catalogue(csimd_store *store, size_t generation) {
    char name[32];
    csimd_store_begin(store);
    for (size_t i = 0; i < 200; i++) {
        name_number(name, generation * 100 + i); /* half are new, half known */
        csimd_item item = item_named(name);
        item.bid_micros = (int64_t)generation;
        put_staged(store, item);
    }
    csimd_store_commit(store);
    csimd_store_reclaim(store);
}

static void test_replaced_catalogues(void) {
    csimd_store *store = need(csimd_store_create(64));
    csimd_memory warm = {0, 0, 0};
    for (size_t generation = 0; generation < small_or(20, 110); generation++) {
        replace_catalogue(store, generation);
        if (generation == 9) {
            warm = csimd_process_memory();
        }
    }
    csimd_memory after = csimd_process_memory();
    csimd_store_state state = csimd_store_state_of(store);
    check("a replaced catalogue leaves no items, slots or rows",
          state.items_count == 200 && state.slots_count == 200 && state.rows_count == 200 &&
              state.retired_count == 0);
    check("100 replaced catalogues do not grow what is allocated",
          after.allocated_bytes < warm.allocated_bytes + 65536);
    check("100 replaced catalogues do not grow what is resident",
          after.resident_bytes < warm.resident_bytes + (4 << 20));
    csimd_store_destroy(store);
}

static void test_abort(void) {
    csimd_store *store = need(csimd_store_create(0));
    put(store, item_named("kept"));
    put(store, item_named("dropped"));
    csimd_store_begin(store);
    put_staged(store, item_named("dropped"));
    put_staged(store, item_named("staged"));
    put_staged(store, item_named("staged and dropped"));
    check("what is staged is not there yet", slot_named(store, "staged") == CSIMD_SLOT_NONE);
    check("what is staged can be dropped",
          drop(store, "staged and dropped", true) && !drop(store, "staged and dropped", true));
    drop(store, "dropped", false);
    csimd_store_abort(store);
    csimd_store_reclaim(store);
    csimd_store_state state = csimd_store_state_of(store);
    check("an abort leaves the live items and nothing else",
          state.items_count == 1 && state.slots_count == 1 && state.rows_count == 1 &&
              slot_named(store, "kept") != CSIMD_SLOT_NONE);
    csimd_store_destroy(store);
}

static void test_held_across_catalogues(void) {
    csimd_store *store = need(csimd_store_create(16));
    csimd_reader *reader = need(csimd_reader_create(store));
    int8_t text[CSIMD_TEXT_DIMENSION] = {5};
    int8_t taste[64] = {6};
    int8_t taste_signal[64] = {7};
    csimd_item item = item_named("liked");
    item.text = text;
    item.taste = taste;
    item.taste_signal = taste_signal;
    item.record = "record";
    item.record_bytes = 6;
    put(store, item);
    uint32_t slot = slot_named(store, "liked");
    csimd_store_retain(store, slot);
    for (size_t turn = 0; turn < 3; turn++) {
        csimd_store_begin(store);
        csimd_store_commit(store);
        csimd_store_reclaim(store);
    }
    csimd_reader_pin(reader);
    csimd_item_view view;
    check("a row that a profile names outlives its catalogues, as a signal",
          csimd_reader_item(reader, slot, &view) && !view.live && view.text[0] == 5 &&
              view.taste[0] == 6 && view.taste_signal[0] == 7 && view.record_bytes == 6 &&
              slot_named(store, "liked") == CSIMD_SLOT_NONE);
    csimd_reader_unpin(reader);
    put(store, item);
    check("the item gets its slot back when it is added again", slot_named(store, "liked") == slot);
    drop(store, "liked", false);
    csimd_store_release(store, slot);
    csimd_store_reclaim(store);
    check("it goes when the profile lets go", csimd_store_state_of(store).slots_count == 0);
    csimd_store_destroy(store);
}

static void test_limits(void) {
    csimd_store *store = need(csimd_store_create(0));
    char name[32];
    csimd_status status = CSIMD_STATUS_OK;
    size_t made = 0;
    for (uint16_t i = 0; i < CSIMD_LANGUAGE_SETS_MAX + 10 && status == CSIMD_STATUS_OK; i++) {
        const uint16_t language = (uint16_t)(1 + i);
        name_number(name, i);
        csimd_item item = item_named(name);
        item.languages = &language;
        item.languages_count = 1;
        status = put(store, item);
        made += status == CSIMD_STATUS_OK;
    }
    csimd_store_state state = csimd_store_state_of(store);
    check("one list of languages too many is refused",
          status == CSIMD_STATUS_FULL && made == CSIMD_LANGUAGE_SETS_MAX - 1);
    check("a refused item leaves nothing behind",
          state.items_count == made && state.slots_count == made && state.rows_count == made);
    csimd_reader *readers[CSIMD_READERS_MAX];
    bool all = true;
    for (size_t i = 0; i < CSIMD_READERS_MAX; i++) {
        readers[i] = csimd_reader_create(store);
        all = all && readers[i] != NULL;
    }
    check("there are as many readers as the limit says, and no more",
          all && csimd_reader_create(store) == NULL);
    csimd_reader_destroy(readers[17]);
    check("a reader that is given back can be had again",
          csimd_reader_create(store) == readers[17]);
    csimd_store_destroy(store);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    test_identifiers();
    test_packed_numbers();
    test_growth();
    test_reuse();
    test_replaced_catalogues();
    test_abort();
    test_held_across_catalogues();
    test_limits();
    return check_end();
}
