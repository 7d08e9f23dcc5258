/* Readers without a lock beside a writer who adds, removes and replaces as fast as it can: whatever
 * a reader finds by name must be the item of that name, whole, and stay so until it unpins. */
#include "items.h"

#include <pthread.h>
#include <stdatomic.h>

enum { NAMES = 64, READERS = 3, NAME_BYTES = 32 };

static char names[NAMES][NAME_BYTES];
static csimd_store *store;
static atomic_bool is_over;

static csimd_status put_named(size_t name, bool staged) {
    csimd_item item = item_named(names[name]);
    int8_t text[CSIMD_TEXT_DIMENSION];
    memset(text, (int)name + 1, sizeof text);
    item.text = text;
    item.bid_micros = (int64_t)name;
    item.record = names[name];
    item.record_bytes = strlen(names[name]);
    return csimd_store_put(store, &item, staged);
}

static bool is_whole(const csimd_item_view *view, size_t name) {
    size_t length = strlen(names[name]);
    return view->identifier_bytes == length && memcmp(view->identifier, names[name], length) == 0 &&
           view->record_bytes == length && memcmp(view->record, names[name], length) == 0 &&
           view->bid_micros == (int64_t)name && view->text[0] == (int8_t)(name + 1) &&
           view->text[CSIMD_TEXT_DIMENSION - 1] == view->text[0];
}

/* Looks everything up twice under one pin: the second time it must be as the first. */
static bool looks_steady(const csimd_reader *reader) {
    bool was_live[NAMES];
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t name = 0; name < NAMES; name++) {
            csimd_item_view view;
            uint32_t slot = find_named(reader, names[name]);
            bool is_live =
                slot != CSIMD_SLOT_NONE && csimd_reader_item(reader, slot, &view) && view.live;
            if ((is_live && !is_whole(&view, name)) || (turn == 1 && is_live != was_live[name])) {
                return false;
            }
            was_live[name] = is_live;
        }
    }
    return true;
}

/* A scan must show as many items as a second one, each with the bid of its name. */
static bool scans_steady(csimd_ranker *ranker) {
    csimd_rank_result first = csimd_rank_all(ranker, NAMES);
    size_t count = first.ranked_count;
    bool right = count <= NAMES && first.candidates_count == count;
    for (size_t i = 0; right && i < count; i++) {
        size_t name = (size_t)(2 * first.ranked[i].score);
        right = name < NAMES && first.ranked[i].identifier_bytes == strlen(names[name]) &&
                memcmp(first.ranked[i].identifier, names[name], strlen(names[name])) == 0;
    }
    return right && csimd_rank_all(ranker, NAMES).ranked_count == count;
}

static void *read_on(void *context) {
    csimd_ranker *ranker = context;
    csimd_rank_setup setup = setup_by_bid();
    bool right = true;
    while (right && !atomic_load(&is_over)) {
        csimd_ranker_pin(ranker);
        csimd_ranker_begin(ranker, &setup);
        csimd_ranker_prepare(ranker);
        right = looks_steady(csimd_ranker_reader(ranker)) && scans_steady(ranker);
        csimd_ranker_end(ranker);
    }
    return right ? ranker : NULL;
}

static bool write_on(size_t turns) {
    bool right = true;
    for (size_t turn = 0; turn < turns; turn++) {
        if (turn % 500 == 499) {
            right = right && csimd_store_begin(store) == CSIMD_STATUS_OK;
            for (size_t name = 0; name < NAMES; name += 2) {
                right = right && put_named(name, true) == CSIMD_STATUS_OK;
            }
            right = right && csimd_store_commit(store) == CSIMD_STATUS_OK;
        }
        size_t name = random_below(NAMES);
        if (random_below(2) == 0) {
            right = right && put_named(name, false) == CSIMD_STATUS_OK;
        } else {
            csimd_store_remove(store, (const uint8_t *)names[name], strlen(names[name]), false);
        }
        csimd_store_reclaim(store);
    }
    return right;
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    for (size_t name = 0; name < NAMES; name++) {
        snprintf(names[name], NAME_BYTES, name % 2 == 0 ? "%zu" : "an-item-called-%zu", name);
    }
    store = need(csimd_store_create(0));
    pthread_t threads[READERS];
    csimd_ranker *rankers[READERS];
    for (size_t i = 0; i < READERS; i++) {
        rankers[i] = need(csimd_ranker_create(store));
        pthread_create(&threads[i], NULL, read_on, rankers[i]);
    }
    check("a writer gets on while others read", write_on(small_or(2000, 40000)));
    atomic_store(&is_over, true);
    bool right = true;
    for (size_t i = 0; i < READERS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        right = right && result != NULL;
        csimd_ranker_destroy(rankers[i]);
    }
    check("readers find whole items of the right name, and the same ones until they unpin", right);
    for (size_t name = 0; name < NAMES; name++) {
        drop(store, names[name], false);
    }
    csimd_store_state state = csimd_store_state_of(store);
    check("nothing is left when all have gone",
          state.slots_count == 0 && state.rows_count == 0 && state.retired_count == 0);
    csimd_store_destroy(store);
    return check_end();
}
