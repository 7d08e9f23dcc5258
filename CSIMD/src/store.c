/* The change sequence, the readers' pins, and what waits until no reader can look at it.
 *
 * The sequence says what a reader sees; the epoch, which every change counts up behind it, says
 * when a reader came. A reader stores the epoch it read and reads it again; a writer counts up and
 * then looks at the pins; both in one total order (seq_cst). So either the writer sees the pin, or
 * the reader sees the new epoch and pins that one: what was out of reach before the least pin is
 * free.
 *
 * Not to see an item is not the same as not to look at it: a reader can hold a slot that it found
 * in the directory before the slot was unlinked, and can be on its way through the rows of an item
 * that is dead to it. So a slot is unlinked first, and freed with its rows when all who came before
 * have gone. */
#include "store.h"

#include <assert.h>
#include <string.h>

enum { RETIRED_CAPACITY_MIN = 1024 };

/* -- Life ---------------------------------------------------------------------------------------
 */

csimd_store *csimd_store_create(size_t taste_dimension) {
    csimd_arena *arena = csimd_arena_create();
    if (arena == NULL) {
        return NULL;
    }
    csimd_store *store = csimd_arena_allocate(arena, sizeof(csimd_store), 64);
    retired_object *retired =
        csimd_arena_allocate(arena, RETIRED_CAPACITY_MIN * sizeof(retired_object), 64);
    catalogue *live = catalogue_create(taste_dimension);
    if (store == NULL || retired == NULL || live == NULL ||
        directory_open(&store->directory) != CSIMD_STATUS_OK) {
        if (live != NULL) {
            catalogue_destroy(live);
        }
        csimd_arena_destroy(arena);
        return NULL;
    }
    store->arena = arena;
    store->taste_dimension = taste_dimension;
    store->retired = retired;
    store->retired_capacity = RETIRED_CAPACITY_MIN;
    atomic_store(&store->live, live);
    return store;
}

void csimd_store_destroy(csimd_store *store) {
    for (size_t i = 0; i < store->retired_count; i++) {
        const retired_object *object =
            &store->retired[(store->retired_head + i) & (store->retired_capacity - 1)];
        if (object->kind == RETIRED_CATALOGUE) {
            catalogue_destroy(object->object);
        }
    }
    if (store->staging != NULL) {
        catalogue_destroy(store->staging);
    }
    catalogue_destroy(atomic_load(&store->live));
    directory_close(&store->directory);
    csimd_arena_destroy(store->arena);
}

csimd_store_state csimd_store_state_of(const csimd_store *store) {
    const catalogue *live = atomic_load(&store->live);
    csimd_store_state state = {
        .sequence = atomic_load(&store->sequence),
        .items_count = live->items_count,
        .slots_count = store->directory.slots_count,
        .rows_count = live->rows_count,
        .retired_count = store->retired_count,
        .directory = csimd_arena_memory(store->directory.arena),
        .catalogue = csimd_arena_memory(live->arena),
    };
    if (store->staging != NULL) {
        state.staging = csimd_arena_memory(store->staging->arena);
    }
    return state;
}

/* -- What waits ---------------------------------------------------------------------------------
 */

/* Room for `count` more retired objects. */
static csimd_status reserve_retired(csimd_store *store, size_t count) {
    size_t capacity = store->retired_capacity;
    while (store->retired_count + count > capacity) {
        capacity *= 2;
    }
    if (capacity == store->retired_capacity) {
        return CSIMD_STATUS_OK;
    }
    retired_object *grown =
        csimd_arena_allocate(store->arena, capacity * sizeof(retired_object), 64);
    if (grown == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < store->retired_count; i++) {
        grown[i] = store->retired[(store->retired_head + i) & (store->retired_capacity - 1)];
    }
    csimd_arena_release(store->arena, store->retired);
    store->retired = grown;
    store->retired_capacity = capacity;
    store->retired_head = 0;
    return CSIMD_STATUS_OK;
}

/* Queues what readers before the next epoch may still look at; room is reserved. */
static void retire(csimd_store *store, retired_object object) {
    assert(store->retired_count < store->retired_capacity);
    size_t index = (store->retired_head + store->retired_count) & (store->retired_capacity - 1);
    object.epoch = atomic_load_explicit(&store->epoch, memory_order_relaxed) + 1;
    store->retired[index] = object;
    store->retired_count += 1;
}

/* Queues the slot to be looked at, because something that held it has gone. */
static void retire_slot(csimd_store *store, uint32_t slot) {
    slot_record *record = directory_slot(&store->directory, slot);
    if (record->state == SLOT_USED) {
        record->state = SLOT_RETIRED;
        retire(store, (retired_object){.kind = RETIRED_SLOT, .slot = slot});
    } else if (record->state == SLOT_RETIRED) {
        record->state = SLOT_RETIRED_AGAIN;
    }
}

static bool is_live(const catalogue *catalogue, uint32_t slot) {
    uint32_t row = catalogue_newest(catalogue, slot);
    return row != ROW_NONE && atomic_load_explicit(&catalogue_attributes(catalogue, row)->died,
                                                   memory_order_relaxed) == ALIVE;
}

/* Unlinks the slot unless something holds it: a live row, a profile, or the staging catalogue. What
 * let go of it since it was queued may still be seen, and queues it again; the queue has room for
 * one where one was taken out. */
static void reclaim_slot(csimd_store *store, uint32_t slot) {
    slot_record *record = directory_slot(&store->directory, slot);
    bool is_due = record->state == SLOT_RETIRED;
    record->state = SLOT_USED;
    catalogue *live = atomic_load_explicit(&store->live, memory_order_relaxed);
    bool is_staged = store->staging != NULL && catalogue_newest(store->staging, slot) != ROW_NONE;
    if (record->references_count > 0 || is_staged || is_live(live, slot)) {
        return;
    }
    if (!is_due) {
        retire_slot(store, slot);
        return;
    }
    directory_unlink(&store->directory, slot);
    retire(store, (retired_object){.kind = RETIRED_UNLINKED,
                                   .slot = slot,
                                   .row = catalogue_forget(live, slot),
                                   .object = live});
}

static void reclaim_object(csimd_store *store, const retired_object *object) {
    /* Rows of a catalogue that is no longer the live one go with it. */
    bool has_rows = object->object == atomic_load_explicit(&store->live, memory_order_relaxed);
    switch (object->kind) {
    case RETIRED_ROW:
        if (has_rows) {
            catalogue_free_row(object->object, object->row);
        }
        break;
    case RETIRED_SLOT:
        reclaim_slot(store, object->slot);
        break;
    case RETIRED_UNLINKED:
        if (has_rows) {
            catalogue_free_rows(object->object, object->row);
        }
        directory_free(&store->directory, object->slot);
        break;
    case RETIRED_CATALOGUE:
        catalogue_destroy(object->object);
        break;
    case RETIRED_TABLE:
        csimd_arena_release(store->directory.arena, object->object);
        break;
    }
}

/* The least epoch at which a reader came that is still here; the present one when none is. */
static uint64_t least_pinned(const csimd_store *store) {
    uint64_t least = atomic_load(&store->epoch);
    for (size_t i = 0; i < CSIMD_READERS_MAX; i++) {
        uint64_t pinned = atomic_load(&store->readers[i].pinned);
        if (pinned != 0 && pinned - 1 < least) {
            least = pinned - 1;
        }
    }
    return least;
}

/* Takes out of the queue what was retired up to the epoch. */
static void reclaim_until(csimd_store *store, uint64_t epoch) {
    while (store->retired_count > 0) {
        retired_object object = store->retired[store->retired_head];
        if (object.epoch > epoch) {
            return;
        }
        store->retired_head = (store->retired_head + 1) & (store->retired_capacity - 1);
        store->retired_count -= 1;
        reclaim_object(store, &object);
    }
}

void csimd_store_reclaim(csimd_store *store) {
    while (store->retired_count > 0) {
        reclaim_until(store, least_pinned(store));
        uint64_t epoch = atomic_load_explicit(&store->epoch, memory_order_relaxed);
        if (store->retired_count == 0 || store->retired[store->retired_head].epoch <= epoch) {
            return; /* all is done, or a reader holds up the rest */
        }
        /* What was unlinked just now waits for an epoch that no change may bring. */
        atomic_fetch_add(&store->epoch, 1);
    }
}

/* -- Writers ------------------------------------------------------------------------------------
 */

static void publish(csimd_store *store) {
    atomic_fetch_add(&store->sequence, 1);
    atomic_fetch_add(&store->epoch, 1);
}

uint64_t csimd_store_advance(csimd_store *store) {
    publish(store);
    return atomic_load_explicit(&store->sequence, memory_order_relaxed);
}

csimd_status store_obtain_slot(csimd_store *store, const identifier_key *key, uint32_t *slot) {
    if (reserve_retired(store, 1) != CSIMD_STATUS_OK) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    identifier_table *outgrown;
    csimd_status status = directory_obtain(&store->directory, key, slot, &outgrown);
    if (outgrown != NULL) {
        retire(store, (retired_object){.kind = RETIRED_TABLE, .object = outgrown});
    }
    return status;
}

csimd_status csimd_store_put(csimd_store *store, const csimd_item *item, bool staged) {
    assert(!staged || store->staging != NULL);
    if (reserve_retired(store, 3) != CSIMD_STATUS_OK) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    identifier_key key = identifier_key_of_bytes(item->identifier, item->identifier_bytes);
    uint32_t slot;
    csimd_status status = store_obtain_slot(store, &key, &slot);
    if (status != CSIMD_STATUS_OK) {
        publish(store);
        return status;
    }
    catalogue *live = atomic_load_explicit(&store->live, memory_order_relaxed);
    catalogue *target = staged ? store->staging : live;
    uint64_t born = staged ? 0 : atomic_load_explicit(&store->sequence, memory_order_relaxed) + 1;
    uint64_t prefix = directory_slot(&store->directory, slot)->prefix;
    uint32_t replaced;
    status = catalogue_put(target, slot, prefix, item, born, &replaced);
    if (status != CSIMD_STATUS_OK) {
        retire_slot(store, slot);
    } else if (replaced != ROW_NONE && staged) {
        catalogue_free_row(target, replaced);
    } else if (replaced != ROW_NONE) {
        retire(store, (retired_object){.kind = RETIRED_ROW, .row = replaced, .object = target});
    }
    publish(store);
    return status;
}

bool csimd_store_remove(csimd_store *store, const uint8_t *identifier, size_t identifier_bytes,
                        bool staged) {
    assert(!staged || store->staging != NULL);
    identifier_key key = identifier_key_of_bytes(identifier, identifier_bytes);
    uint32_t slot = directory_find(&store->directory, &key);
    if (slot == CSIMD_SLOT_NONE) {
        return false;
    }
    catalogue *live = atomic_load_explicit(&store->live, memory_order_relaxed);
    uint64_t died = atomic_load_explicit(&store->sequence, memory_order_relaxed) + 1;
    bool found = catalogue_kill(staged ? store->staging : live, slot, staged ? 0 : died);
    if (!found) {
        return false;
    }
    if (staged) {
        catalogue_free_rows(store->staging, catalogue_forget(store->staging, slot));
    }
    /* Without memory for the queue the slot stays until its item comes and goes again. */
    if (reserve_retired(store, 1) == CSIMD_STATUS_OK) {
        retire_slot(store, slot);
    }
    publish(store);
    return true;
}

csimd_status csimd_store_begin(csimd_store *store) {
    assert(store->staging == NULL);
    store->staging = catalogue_create(store->taste_dimension);
    return store->staging == NULL ? CSIMD_STATUS_NO_MEMORY : CSIMD_STATUS_OK;
}

/* Retires each slot of `from` that is not live in `kept`. */
static void retire_slots(csimd_store *store, const catalogue *from, const catalogue *kept) {
    for (uint32_t slot = 0; slot < store->directory.slots_made; slot++) {
        if (catalogue_newest(from, slot) != ROW_NONE && !is_live(kept, slot)) {
            retire_slot(store, slot);
        }
    }
}

/* Rows that profiles name live on in the new catalogue, as signals only. */
static csimd_status hold_referenced(csimd_store *store, const catalogue *old) {
    for (uint32_t slot = 0; slot < store->directory.slots_made; slot++) {
        if (directory_slot(&store->directory, slot)->references_count > 0 &&
            catalogue_newest(store->staging, slot) == ROW_NONE) {
            csimd_status status = catalogue_hold(store->staging, slot, old);
            if (status != CSIMD_STATUS_OK) {
                return status;
            }
        }
    }
    return CSIMD_STATUS_OK;
}

/* Shows another catalogue in one step; room for what it retires is reserved. */
static void replace_catalogue(csimd_store *store, catalogue *next) {
    catalogue *old = atomic_load_explicit(&store->live, memory_order_relaxed);
    retire(store, (retired_object){.kind = RETIRED_CATALOGUE, .object = old});
    next->committed = atomic_load_explicit(&store->sequence, memory_order_relaxed) + 1;
    atomic_store(&store->live, next);
    publish(store);
}

csimd_status csimd_store_commit(csimd_store *store) {
    assert(store->staging != NULL);
    catalogue *old = atomic_load_explicit(&store->live, memory_order_relaxed);
    csimd_status status = reserve_retired(store, store->directory.slots_count + 1);
    if (status == CSIMD_STATUS_OK) {
        status = hold_referenced(store, old);
    }
    if (status != CSIMD_STATUS_OK) {
        return status; /* the staging catalogue stays; held rows in it are harmless */
    }
    catalogue *staging = store->staging;
    store->staging = NULL;
    retire_slots(store, old, staging);
    replace_catalogue(store, staging);
    return CSIMD_STATUS_OK;
}

csimd_status store_install(csimd_store *store, catalogue *live, catalogue *staging,
                           uint64_t sequence) {
    assert(store->staging == NULL && atomic_load(&store->live)->items_count == 0);
    if (reserve_retired(store, 1) != CSIMD_STATUS_OK) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    if (sequence > atomic_load_explicit(&store->sequence, memory_order_relaxed)) {
        atomic_store(&store->sequence, sequence);
    }
    replace_catalogue(store, live);
    store->staging = staging;
    return CSIMD_STATUS_OK;
}

void store_abandon_slots(csimd_store *store) {
    if (reserve_retired(store, store->directory.slots_count) != CSIMD_STATUS_OK) {
        return; /* they stay, as identifiers of nothing */
    }
    for (uint32_t slot = 0; slot < store->directory.slots_made; slot++) {
        directory_slot(&store->directory, slot)->references_count = 0;
        retire_slot(store, slot);
    }
}

void csimd_store_abort(csimd_store *store) {
    assert(store->staging != NULL);
    catalogue *staging = store->staging;
    store->staging = NULL;
    if (reserve_retired(store, store->directory.slots_count) == CSIMD_STATUS_OK) {
        retire_slots(store, staging, atomic_load_explicit(&store->live, memory_order_relaxed));
    }
    catalogue_destroy(staging);
    publish(store);
}

uint32_t csimd_store_slot(csimd_store *store, const uint8_t *identifier, size_t identifier_bytes) {
    identifier_key key = identifier_key_of_bytes(identifier, identifier_bytes);
    uint32_t slot = directory_find(&store->directory, &key);
    if (slot == CSIMD_SLOT_NONE) {
        return CSIMD_SLOT_NONE;
    }
    const catalogue *live = atomic_load_explicit(&store->live, memory_order_relaxed);
    return is_live(live, slot) ? slot : CSIMD_SLOT_NONE;
}

void csimd_store_retain(csimd_store *store, uint32_t slot) {
    directory_slot(&store->directory, slot)->references_count += 1;
}

void csimd_store_release(csimd_store *store, uint32_t slot) {
    slot_record *record = directory_slot(&store->directory, slot);
    assert(record->references_count > 0);
    record->references_count -= 1;
    if (record->references_count == 0 && reserve_retired(store, 1) == CSIMD_STATUS_OK) {
        retire_slot(store, slot);
    }
}

/* -- Readers ------------------------------------------------------------------------------------
 */

csimd_reader *csimd_reader_create(csimd_store *store) {
    for (size_t i = 0; i < CSIMD_READERS_MAX; i++) {
        bool expected = false;
        if (atomic_compare_exchange_strong(&store->readers[i].is_used, &expected, true)) {
            store->readers[i].store = store;
            return &store->readers[i];
        }
    }
    return NULL;
}

void csimd_reader_destroy(csimd_reader *reader) {
    assert(atomic_load(&reader->pinned) == 0);
    atomic_store(&reader->is_used, false);
}

uint64_t csimd_reader_pin(csimd_reader *reader) {
    csimd_store *store = reader->store;
    assert(atomic_load_explicit(&reader->pinned, memory_order_relaxed) == 0);
    uint64_t epoch = atomic_load(&store->epoch);
    for (;;) {
        atomic_store(&reader->pinned, epoch + 1);
        uint64_t again = atomic_load(&store->epoch);
        if (again == epoch) {
            break;
        }
        epoch = again;
    }
    /* A commit shows its catalogue an instant before its number: wait for both. */
    const catalogue *catalogue;
    do {
        catalogue = atomic_load(&store->live);
        reader->sequence = atomic_load(&store->sequence);
    } while (catalogue->committed > reader->sequence || catalogue != atomic_load(&store->live));
    reader->catalogue = catalogue;
    return reader->sequence;
}

void csimd_reader_unpin(csimd_reader *reader) {
    atomic_store_explicit(&reader->pinned, 0, memory_order_release);
}

uint32_t csimd_reader_find(const csimd_reader *reader, const uint8_t *identifier,
                           size_t identifier_bytes) {
    identifier_key key = identifier_key_of_bytes(identifier, identifier_bytes);
    return directory_find(&reader->store->directory, &key);
}

bool csimd_reader_item(const csimd_reader *reader, uint32_t slot, csimd_item_view *view) {
    const catalogue *catalogue = reader->catalogue;
    uint32_t row = catalogue_row(catalogue, slot, reader->sequence);
    if (row == ROW_NONE) {
        return false;
    }
    const row_chunk *chunk = catalogue_chunk(catalogue, row);
    uint32_t index = row & (CHUNK_ROWS - 1);
    const row_attributes *attributes = &chunk->attributes[index];
    const slot_record *record = directory_slot(&reader->store->directory, slot);
    const int8_t *values = chunk->rows + index * catalogue->row_bytes;
    uint64_t died = atomic_load_explicit(&attributes->died, memory_order_acquire);
    *view = (csimd_item_view){
        .identifier = record->identifier,
        .identifier_bytes = record->identifier_bytes,
        .slot = slot,
        .kind = chunk->group,
        .flags = attributes->flags,
        .live = reader->sequence < died,
        .bid_micros = attributes->bid_micros,
        .created_ms = attributes->created_ms,
        .expires_ms = attributes->expires_ms,
        .author = attributes->author,
        .text = values,
        .taste = catalogue->taste_bytes > 0 ? values + CSIMD_TEXT_DIMENSION : NULL,
        .taste_signal =
            catalogue->taste_bytes > 0 ? chunk->signals + index * catalogue->taste_bytes : NULL,
        .record = chunk->records[index]->content,
        .record_bytes = chunk->records[index]->bytes,
    };
    return true;
}
