/* Items and whole states as bytes. It runs in a forked child too: no allocation, no lock, and of
 * the system nothing but write. */
#include "state.h"

#include <errno.h>
#include <unistd.h>

#include "state_write.h"

/* -- Records ------------------------------------------------------------------------------------
 */

static void sink_flush(state_sink *sink) {
    size_t written = 0;
    while (written < sink->count && !sink->has_failed) {
        ssize_t count = write(sink->descriptor, sink->bytes + written, sink->count - written);
        if (count > 0) {
            written += (size_t)count;
        } else if (count == 0 || errno != EINTR) {
            sink->has_failed = true;
        }
    }
    sink->count = 0;
}

/* Begins a record; returns where its length goes. */
static size_t record_begin(state_sink *sink, uint8_t tag) {
    if (sink->capacity - sink->count < STATE_HEAD_BYTES + CSIMD_STATE_RECORD_MAX) {
        sink_flush(sink);
    }
    sink_u8(sink, tag);
    sink_u32(sink, 0);
    return sink->count - sizeof(uint32_t);
}

static void record_end(state_sink *sink, size_t place) {
    uint32_t length = (uint32_t)(sink->count - place - sizeof(uint32_t));
    assert(length <= CSIMD_STATE_RECORD_MAX);
    memcpy(sink->bytes + place, &length, sizeof length);
}

/* -- Items --------------------------------------------------------------------------------------
 */

/* What a row means, where its kind and sets are numbers of one server or catalogue. */
static void sink_placing(state_sink *sink, const catalogue *catalogue, uint32_t row,
                         const csimd_state_names *names) {
    uint32_t kind = catalogue_chunk(catalogue, row)->group;
    const row_attributes *attributes = catalogue_attributes(catalogue, row);
    if (names == NULL) {
        sink_u8(sink, (uint8_t)kind);
        sink_u16(sink, attributes->region_set);
        sink_u8(sink, attributes->language_set);
        return;
    }
    sink_u64(sink, names->kinds[kind]);
    sink_bytes(sink, &catalogue->region_sets[attributes->region_set], sizeof(code_set));
    sink_bytes(sink, &catalogue->language_sets[attributes->language_set], sizeof(code_set));
}

/* A row that is a candidate no more has neither kind nor sets: a catalogue's swap forgets them. */
static void sink_no_placing(state_sink *sink, const csimd_state_names *names) {
    if (names == NULL) {
        sink_u8(sink, GROUP_HELD);
        sink_u16(sink, 0);
        sink_u8(sink, 0);
    }
}

static uint8_t vectors_of(const catalogue *catalogue, const row_attributes *attributes,
                          const int8_t *taste, const int8_t *taste_signal) {
    uint8_t vectors = 0;
    vectors |= (attributes->flags & ROW_HAS_TEXT) != 0 ? STATE_HAS_TEXT : 0;
    if (catalogue->taste_bytes == 0) {
        return vectors;
    }
    for (size_t i = 0; i < catalogue->taste_bytes; i++) {
        if (taste[i] != 0) {
            vectors |= STATE_HAS_TASTE;
            break;
        }
    }
    if ((attributes->flags & ROW_HAS_TASTE_SIGNAL) != 0) {
        bool is_same = memcmp(taste, taste_signal, catalogue->taste_bytes) == 0;
        vectors |= is_same ? STATE_SIGNAL_IS_TASTE : STATE_HAS_TASTE_SIGNAL;
    }
    return vectors;
}

void sink_item(state_sink *sink, const catalogue *catalogue, uint32_t slot,
               const state_naming *naming) {
    uint32_t row = catalogue_newest(catalogue, slot);
    const row_chunk *chunk = catalogue_chunk(catalogue, row);
    uint32_t index = row & (CHUNK_ROWS - 1);
    const row_attributes *attributes = &chunk->attributes[index];
    const slot_record *named = directory_slot(&naming->store->directory, slot);
    const row_record *record = chunk->records[index];
    const int8_t *text = chunk->rows + index * catalogue->row_bytes;
    const int8_t *taste = text + CSIMD_TEXT_DIMENSION;
    const int8_t *taste_signal =
        catalogue->taste_bytes > 0 ? chunk->signals + index * catalogue->taste_bytes : NULL;
    uint8_t vectors = vectors_of(catalogue, attributes, taste, taste_signal);
    if (atomic_load_explicit(&attributes->died, memory_order_relaxed) == ALIVE) {
        sink_placing(sink, catalogue, row, naming->names);
    } else {
        sink_no_placing(sink, naming->names);
    }
    sink_u8(sink, attributes->flags & ITEM_FLAGS);
    sink_u8(sink, vectors);
    sink_bytes(sink, &attributes->prior_logit, sizeof attributes->prior_logit);
    sink_i64(sink, attributes->bid_micros);
    sink_i64(sink, attributes->created_ms);
    sink_i64(sink, attributes->expires_ms);
    sink_u64(sink, attributes->author);
    sink_u32(sink, record->bytes);
    sink_u8(sink, named->identifier_bytes);
    sink_bytes(sink, named->identifier, named->identifier_bytes);
    sink_bytes(sink, record->content, record->bytes);
    if ((vectors & STATE_HAS_TEXT) != 0) {
        sink_bytes(sink, text, CSIMD_TEXT_DIMENSION);
    }
    if ((vectors & STATE_HAS_TASTE) != 0) {
        sink_bytes(sink, taste, catalogue->taste_bytes);
    }
    if ((vectors & STATE_HAS_TASTE_SIGNAL) != 0) {
        sink_bytes(sink, taste_signal, catalogue->taste_bytes);
    }
}

static bool is_alive(const catalogue *catalogue, uint32_t row) {
    return atomic_load_explicit(&catalogue_attributes(catalogue, row)->died,
                                memory_order_relaxed) == ALIVE;
}

/* What the catalogue that requests see has of the slot. */
static csimd_state_item item_of(const csimd_store *store, uint32_t slot) {
    const catalogue *live = atomic_load_explicit(&store->live, memory_order_relaxed);
    uint32_t row = catalogue_newest(live, slot);
    if (row == ROW_NONE) {
        return CSIMD_STATE_ITEM_NONE;
    }
    if (is_alive(live, row)) {
        return CSIMD_STATE_ITEM_LIVE;
    }
    bool is_named = directory_slot(&store->directory, slot)->references_count > 0;
    return is_named ? CSIMD_STATE_ITEM_HELD : CSIMD_STATE_ITEM_NONE;
}

/* -- The whole ----------------------------------------------------------------------------------
 */

/* A catalogue's sets in the order of their numbers, 1 and up: 0 is everywhere. */
static void sink_sets(state_sink *sink, const catalogue *catalogue, bool is_staging) {
    for (uint8_t which = 0; which < 2; which++) {
        const code_set *sets = which == 0 ? catalogue->region_sets : catalogue->language_sets;
        uint32_t count = atomic_load_explicit(which == 0 ? &catalogue->region_sets_count
                                                         : &catalogue->language_sets_count,
                                              memory_order_relaxed);
        for (uint32_t i = 1; i < count; i++) {
            size_t place = record_begin(sink, STATE_TAG_SET);
            sink_u8(sink, is_staging);
            sink_u8(sink, which);
            sink_bytes(sink, &sets[i], sizeof sets[i]);
            record_end(sink, place);
        }
    }
}

static void sink_items(state_sink *sink, const state_naming *naming, uint32_t *numbers,
                       csimd_state_counts *counts) {
    const csimd_store *store = naming->store;
    const catalogue *live = atomic_load_explicit(&store->live, memory_order_relaxed);
    uint32_t number = 0;
    for (uint32_t slot = 0; slot < store->directory.slots_made && !sink->has_failed; slot++) {
        csimd_state_item item = item_of(store, slot);
        if (item == CSIMD_STATE_ITEM_NONE) {
            numbers[slot] = CSIMD_SLOT_NONE;
            continue;
        }
        size_t place = record_begin(sink, STATE_TAG_ITEM);
        sink_item(sink, live, slot, naming);
        record_end(sink, place);
        numbers[slot] = number++;
        counts->items += item == CSIMD_STATE_ITEM_LIVE;
        counts->held += item == CSIMD_STATE_ITEM_HELD;
    }
}

static void sink_users(state_sink *sink, const csimd_shard *shard, const state_naming *naming,
                       csimd_state_counts *counts) {
    for (uint64_t i = 0; i <= shard->mask && !sink->has_failed; i++) {
        const csimd_user *user = shard->table[i];
        if (user != NULL && !csimd_user_is_empty(user)) {
            size_t place = record_begin(sink, STATE_TAG_USER);
            sink_user(sink, user, naming, counts);
            record_end(sink, place);
        }
    }
}

static void sink_staging(state_sink *sink, const state_naming *naming, csimd_state_counts *counts) {
    const csimd_store *store = naming->store;
    const catalogue *staging = store->staging;
    record_end(sink, record_begin(sink, STATE_TAG_BEGIN));
    sink_sets(sink, staging, true);
    for (uint32_t slot = 0; slot < store->directory.slots_made && !sink->has_failed; slot++) {
        uint32_t row = catalogue_newest(staging, slot);
        if (row != ROW_NONE && is_alive(staging, row)) { /* dead: left by a commit without memory */
            size_t place = record_begin(sink, STATE_TAG_STAGED);
            sink_item(sink, staging, slot, naming);
            record_end(sink, place);
            counts->staged += 1;
        }
    }
}

static void sink_end(state_sink *sink, const csimd_state_counts *counts) {
    size_t place = record_begin(sink, STATE_TAG_END);
    sink_u64(sink, counts->items);
    sink_u64(sink, counts->held);
    sink_u64(sink, counts->staged);
    sink_u64(sink, counts->users);
    sink_u64(sink, counts->signals);
    sink_u64(sink, counts->impressions);
    sink_bytes(sink, CSIMD_STATE_END, CSIMD_STATE_END_BYTES);
    record_end(sink, place);
    sink_flush(sink);
}

bool state_write(const csimd_state_source *source, uint32_t *numbers, state_sink *sink) {
    const csimd_store *store = source->store;
    state_naming naming = {.store = store, .numbers = numbers};
    csimd_state_counts counts = {0};
    sink_sets(sink, atomic_load_explicit(&store->live, memory_order_relaxed), false);
    sink_items(sink, &naming, numbers, &counts);
    for (size_t i = 0; i < source->shards_count; i++) {
        sink_users(sink, source->shards[i], &naming, &counts);
    }
    if (store->staging != NULL) {
        sink_staging(sink, &naming, &counts);
    }
    sink_end(sink, &counts);
    return !sink->has_failed;
}

/* -- Meaning ------------------------------------------------------------------------------------
 */

uint32_t csimd_state_slots_count(const csimd_store *store) {
    return store->directory.slots_made;
}

csimd_state_item csimd_state_item_bytes(const csimd_store *store, uint32_t slot, bool staged,
                                        const csimd_state_names *names, uint8_t *bytes,
                                        size_t *count) {
    const catalogue *catalogue = atomic_load_explicit(&store->live, memory_order_relaxed);
    csimd_state_item item = CSIMD_STATE_ITEM_NONE;
    if (!staged) {
        item = item_of(store, slot);
    } else if (store->staging != NULL) {
        catalogue = store->staging;
        uint32_t row = catalogue_newest(catalogue, slot);
        bool is_staged = row != ROW_NONE && is_alive(catalogue, row);
        item = is_staged ? CSIMD_STATE_ITEM_STAGED : CSIMD_STATE_ITEM_NONE;
    }
    *count = 0;
    if (item != CSIMD_STATE_ITEM_NONE) {
        state_naming naming = {.store = store, .names = names};
        state_sink sink = {.bytes = bytes, .capacity = CSIMD_STATE_RECORD_MAX, .descriptor = -1};
        sink_u8(&sink, (uint8_t)item);
        sink_item(&sink, catalogue, slot, &naming);
        *count = sink.count;
    }
    return item;
}
