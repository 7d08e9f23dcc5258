/* The store against a plain array: random changes, and readers that stay pinned while they go on.
 * Every pinned reader must see exactly the catalogue of its sequence, by identifier and in a scan,
 * and what profiles name must stay readable; in the end nothing may be left. */
#include "items.h"

enum { NAMES = 48, RANKERS = 4, NAME_BYTES = 24, DEAD = -1 };

/* What a catalogue says of each name: the value of its item, or DEAD. */
typedef struct {
    int64_t live[NAMES];
} model;

typedef struct {
    csimd_ranker *ranker;
    bool is_pinned;
    model seen;
    /* What a profile copied behind the pin would name. */
    uint32_t held_slots[NAMES];
    int64_t held_values[NAMES];
    uint64_t sequence;
} watcher;

static char names[NAMES][NAME_BYTES];
static csimd_store *store;
static model catalogue;
static model staging;
static bool is_staging;
static size_t references[NAMES];
static uint32_t referenced_slots[NAMES];
static int64_t last_values[NAMES]; /* of an item that died while it was referenced */
static watcher watchers[RANKERS];
static int64_t next_value;

static void begin_test(void) {
    for (size_t i = 0; i < NAMES; i++) {
        /* Numbers and texts, some alike in their first eight bytes. */
        snprintf(names[i], NAME_BYTES, i % 3 == 0 ? "%zu" : "item-with-%zu", i * 7);
        catalogue.live[i] = DEAD;
    }
    store = need(csimd_store_create(64));
    for (size_t i = 0; i < RANKERS; i++) {
        watchers[i].ranker = need(csimd_ranker_create(store));
    }
}

/* -- Changes ------------------------------------------------------------------------------------
 */

static bool change_item(size_t name) {
    bool staged = is_staging && random_below(2) == 0;
    model *changed = staged ? &staging : &catalogue;
    if (random_below(3) == 0) {
        bool was_live = changed->live[name] != DEAD;
        changed->live[name] = DEAD;
        return csimd_store_remove(store, (const uint8_t *)names[name], strlen(names[name]),
                                  staged) == was_live;
    }
    csimd_item item = item_named(names[name]);
    int8_t text[CSIMD_TEXT_DIMENSION] = {0};
    int64_t value = ++next_value;
    memcpy(text, &value, sizeof value);
    text[0] &= 0x7f; /* never -128 */
    for (size_t i = 1; i < sizeof value; i++) {
        text[i] &= 0x7f;
    }
    item.text = text;
    item.bid_micros = value;
    item.record = &value;
    item.record_bytes = sizeof value;
    item.kind = (uint32_t)random_below(2);
    changed->live[name] = value;
    if (!staged && references[name] > 0) {
        last_values[name] = value;
    }
    return csimd_store_put(store, &item, staged) == CSIMD_STATUS_OK;
}

static void change_catalogue(void) {
    if (!is_staging) {
        is_staging = csimd_store_begin(store) == CSIMD_STATUS_OK;
        for (size_t i = 0; i < NAMES; i++) {
            staging.live[i] = DEAD;
        }
    } else if (random_below(2) == 0) {
        csimd_store_abort(store);
        is_staging = false;
    } else if (csimd_store_commit(store) == CSIMD_STATUS_OK) {
        catalogue = staging;
        is_staging = false;
        for (size_t i = 0; i < NAMES; i++) {
            last_values[i] = catalogue.live[i] != DEAD ? catalogue.live[i] : last_values[i];
        }
    }
}

static bool change_reference(size_t name) {
    if (references[name] > 0 && random_below(2) == 0) {
        references[name] -= 1;
        csimd_store_release(store, referenced_slots[name]);
        return true;
    }
    uint32_t slot = slot_named(store, names[name]);
    if ((slot != CSIMD_SLOT_NONE) != (catalogue.live[name] != DEAD)) {
        return false;
    }
    if (slot != CSIMD_SLOT_NONE) {
        csimd_store_retain(store, slot);
        bool same = references[name] == 0 || referenced_slots[name] == slot;
        references[name] += 1;
        referenced_slots[name] = slot;
        last_values[name] = catalogue.live[name];
        return same;
    }
    return true;
}

static void change_pin(watcher *watcher) {
    if (watcher->is_pinned) {
        csimd_ranker_end(watcher->ranker);
        watcher->is_pinned = false;
        return;
    }
    csimd_ranker_pin(watcher->ranker);
    csimd_rank_setup setup = setup_by_bid();
    setup.kinds = 3;
    csimd_ranker_begin(watcher->ranker, &setup);
    watcher->is_pinned = true;
    watcher->seen = catalogue;
    for (size_t i = 0; i < NAMES; i++) {
        watcher->held_slots[i] = references[i] > 0 ? referenced_slots[i] : CSIMD_SLOT_NONE;
        watcher->held_values[i] = last_values[i];
    }
}

/* -- What readers see ---------------------------------------------------------------------------
 */

static bool is_item(const csimd_item_view *view, size_t name, int64_t value) {
    int64_t record;
    memcpy(&record, view->record, sizeof record);
    return view->bid_micros == value && record == value &&
           view->text[0] == (int8_t)(value & 0x7f) &&
           view->identifier_bytes == strlen(names[name]) &&
           memcmp(view->identifier, names[name], view->identifier_bytes) == 0;
}

static bool sees(const watcher *watcher, size_t name) {
    const csimd_reader *reader = csimd_ranker_reader(watcher->ranker);
    csimd_item_view view;
    uint32_t slot = find_named(reader, names[name]);
    bool is_seen = slot != CSIMD_SLOT_NONE && csimd_reader_item(reader, slot, &view) && view.live;
    bool right = is_seen == (watcher->seen.live[name] != DEAD);
    right = right && (!is_seen || is_item(&view, name, watcher->seen.live[name]));
    if (watcher->held_slots[name] != CSIMD_SLOT_NONE) {
        right = right && csimd_reader_item(reader, watcher->held_slots[name], &view) &&
                is_item(&view, name, watcher->held_values[name]);
    }
    return right;
}

/* A scan scores every live item, once: scores are half the values, which are all different. */
static bool scan_is_right(const watcher *watcher) {
    csimd_rank_result result = csimd_rank_all(watcher->ranker, NAMES);
    size_t live_count = 0;
    double sum = 0;
    for (size_t i = 0; i < NAMES; i++) {
        if (watcher->seen.live[i] != DEAD) {
            live_count += 1;
            sum += (double)watcher->seen.live[i];
        }
    }
    for (size_t i = 0; i < result.ranked_count; i++) {
        sum -= 2 * result.ranked[i].score;
    }
    return result.candidates_count == live_count && result.ranked_count == live_count && sum == 0;
}

static bool watchers_are_right(void) {
    bool right = true;
    for (size_t i = 0; i < RANKERS; i++) {
        if (watchers[i].is_pinned) {
            for (size_t name = 0; name < NAMES; name++) {
                right = right && sees(&watchers[i], name);
            }
            right = right && scan_is_right(&watchers[i]);
        }
    }
    return right;
}

static void test_random_changes(void) {
    bool changes = true;
    bool sights = true;
    for (size_t turn = 0; turn < small_or(1500, 20000) && changes && sights; turn++) {
        size_t choice = random_below(32);
        size_t name = random_below(NAMES);
        if (choice < 18) {
            changes = change_item(name);
        } else if (choice < 24) {
            changes = change_reference(name);
        } else if (choice < 25) {
            change_catalogue();
        } else {
            change_pin(&watchers[random_below(RANKERS)]);
        }
        if (random_below(3) > 0) {
            csimd_store_reclaim(store);
        }
        sights = watchers_are_right();
    }
    check("changes answer as a plain array does", changes);
    check("every pinned reader sees exactly the catalogue of its sequence", sights);
}

static void test_nothing_is_left(void) {
    if (is_staging) {
        csimd_store_abort(store);
    }
    for (size_t i = 0; i < NAMES; i++) {
        drop(store, names[i], false);
        for (; references[i] > 0; references[i]--) {
            csimd_store_release(store, referenced_slots[i]);
        }
    }
    for (size_t i = 0; i < RANKERS; i++) {
        if (watchers[i].is_pinned) {
            csimd_ranker_end(watchers[i].ranker);
        }
        csimd_ranker_destroy(watchers[i].ranker);
    }
    csimd_store_reclaim(store);
    csimd_store_state state = csimd_store_state_of(store);
    check("no item, slot or row is left when all were removed and released",
          state.items_count == 0 && state.slots_count == 0 && state.rows_count == 0);
    check("nothing waits when nobody reads", state.retired_count == 0);
    csimd_store_destroy(store);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    begin_test();
    test_random_changes();
    test_nothing_is_left();
    return check_end();
}
