/* Slot -> row: the vectors and attributes of one whole catalogue, in an arena of its own.
 *
 * Rows live in chunks of CHUNK_ROWS of one group (a kind, or the rows that only serve as signals).
 * A row is written while no reader can see it (born is ALIVE, which no sequence reaches), then
 * published by its born number; its item's older rows hang behind it until nobody can see them. */
#include "store.h"

#include <assert.h>
#include <string.h>

/* -- Life ---------------------------------------------------------------------------------------
 */

catalogue *catalogue_create(size_t taste_dimension) {
    assert(taste_dimension <= CSIMD_DIMENSION_MAX);
    csimd_arena *arena = csimd_arena_create();
    if (arena == NULL) {
        return NULL;
    }
    catalogue *made = csimd_arena_allocate(arena, sizeof(catalogue), 64);
    if (made == NULL) {
        csimd_arena_destroy(arena);
        return NULL;
    }
    made->arena = arena;
    made->taste_bytes =
        (taste_dimension + CSIMD_ROW_ALIGNMENT - 1) / CSIMD_ROW_ALIGNMENT * CSIMD_ROW_ALIGNMENT;
    made->row_bytes = CSIMD_TEXT_DIMENSION + made->taste_bytes;
    made->chunks = csimd_arena_allocate(arena, CHUNKS_MAX * sizeof(*made->chunks), 64);
    made->region_sets = csimd_arena_allocate(arena, CSIMD_REGION_SETS_MAX * sizeof(code_set), 64);
    made->language_sets =
        csimd_arena_allocate(arena, CSIMD_LANGUAGE_SETS_MAX * sizeof(code_set), 64);
    if (made->chunks == NULL || made->region_sets == NULL || made->language_sets == NULL) {
        csimd_arena_destroy(arena);
        return NULL;
    }
    made->region_sets_count = 1; /* set 0 is everywhere */
    made->language_sets_count = 1;
    for (size_t group = 0; group < GROUPS_COUNT; group++) {
        made->groups[group] = (row_group){.open_chunk = UINT32_MAX, .free_head = ROW_NONE};
    }
    return made;
}

void catalogue_destroy(catalogue *catalogue) {
    csimd_arena_destroy(catalogue->arena);
}

/* -- Rows ---------------------------------------------------------------------------------------
 */

static void chunk_destroy(csimd_arena *arena, row_chunk *chunk) {
    csimd_arena_release(arena, chunk->rows);
    csimd_arena_release(arena, chunk->signals);
    csimd_arena_release(arena, chunk->attributes);
    csimd_arena_release(arena, chunk->priors);
    csimd_arena_release(arena, chunk->bid_logs);
    csimd_arena_release(arena, chunk->created);
    csimd_arena_release(arena, chunk->prefixes);
    csimd_arena_release(arena, (void *)chunk->previous);
    csimd_arena_release(arena, chunk->records);
    csimd_arena_release(arena, chunk);
}

static row_chunk *chunk_create(catalogue *catalogue, uint32_t group) {
    csimd_arena *arena = catalogue->arena;
    row_chunk *chunk = csimd_arena_allocate(arena, sizeof(row_chunk), 64);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->group = group;
    chunk->rows = csimd_arena_allocate(arena, CHUNK_ROWS * catalogue->row_bytes, 64);
    chunk->attributes = csimd_arena_allocate(arena, CHUNK_ROWS * sizeof(row_attributes), 64);
    chunk->priors = csimd_arena_allocate(arena, CHUNK_ROWS * sizeof(float), 64);
    chunk->bid_logs = csimd_arena_allocate(arena, CHUNK_ROWS * sizeof(float), 64);
    chunk->created = csimd_arena_allocate(arena, CHUNK_ROWS * sizeof(float), 64);
    chunk->prefixes = csimd_arena_allocate(arena, CHUNK_ROWS * sizeof(uint64_t), 64);
    chunk->previous = csimd_arena_allocate(arena, CHUNK_ROWS * sizeof(_Atomic uint32_t), 64);
    chunk->records = csimd_arena_allocate(arena, CHUNK_ROWS * sizeof(row_record *), 64);
    chunk->bounds.created_max = INT64_MIN;
    chunk->bounds.expires_min = INT64_MAX;
    bool complete = chunk->rows != NULL && chunk->attributes != NULL && chunk->priors != NULL &&
                    chunk->bid_logs != NULL && chunk->created != NULL && chunk->prefixes != NULL &&
                    chunk->previous != NULL && chunk->records != NULL;
    if (complete && catalogue->taste_bytes > 0) {
        chunk->signals = csimd_arena_allocate(arena, CHUNK_ROWS * catalogue->taste_bytes, 64);
        complete = chunk->signals != NULL;
    }
    if (!complete) {
        chunk_destroy(arena, chunk);
        return NULL;
    }
    return chunk;
}

/* A row of the group that no reader can see, or ROW_NONE when memory runs out. */
static uint32_t take_row(catalogue *catalogue, uint32_t group_number) {
    row_group *group = &catalogue->groups[group_number];
    if (group->free_head != ROW_NONE) {
        uint32_t row = group->free_head;
        row_chunk *chunk = catalogue_chunk(catalogue, row);
        group->free_head =
            atomic_load_explicit(&chunk->previous[row & (CHUNK_ROWS - 1)], memory_order_relaxed);
        return row;
    }
    if (group->open_chunk != UINT32_MAX) {
        row_chunk *chunk = catalogue_chunk(catalogue, group->open_chunk << CHUNK_SHIFT);
        uint32_t used = atomic_load_explicit(&chunk->used, memory_order_relaxed);
        if (used < CHUNK_ROWS) {
            atomic_store_explicit(&chunk->attributes[used].born, ALIVE, memory_order_relaxed);
            atomic_store_explicit(&chunk->used, used + 1, memory_order_release);
            return (group->open_chunk << CHUNK_SHIFT) + used;
        }
    }
    uint32_t index = atomic_load_explicit(&catalogue->chunks_count, memory_order_relaxed);
    row_chunk *chunk = index < CHUNKS_MAX ? chunk_create(catalogue, group_number) : NULL;
    if (chunk == NULL) {
        return ROW_NONE;
    }
    atomic_store_explicit(&catalogue->chunks[index], chunk, memory_order_release);
    atomic_store_explicit(&catalogue->chunks_count, index + 1, memory_order_release);
    group->open_chunk = index;
    return take_row(catalogue, group_number);
}

static void give_row_back(catalogue *catalogue, uint32_t row) {
    row_chunk *chunk = catalogue_chunk(catalogue, row);
    row_group *group = &catalogue->groups[chunk->group];
    uint32_t index = row & (CHUNK_ROWS - 1);
    csimd_arena_release(catalogue->arena, chunk->records[index]);
    chunk->records[index] = NULL;
    atomic_store_explicit(&chunk->attributes[index].born, ALIVE, memory_order_relaxed);
    atomic_store_explicit(&chunk->previous[index], group->free_head, memory_order_relaxed);
    group->free_head = row;
}

static row_record *record_create(csimd_arena *arena, const void *content, size_t bytes) {
    row_record *record = csimd_arena_allocate(arena, sizeof(row_record) + bytes, 8);
    if (record != NULL) {
        record->bytes = (uint32_t)bytes;
        if (bytes > 0) {
            memcpy(record->content, content, bytes);
        }
    }
    return record;
}

/* -- Sets of regions and languages --------------------------------------------------------------
 */

static code_set set_of_codes(const uint16_t *codes, size_t codes_count) {
    code_set set = {{0}};
    for (size_t i = 0; i < codes_count; i++) {
        assert(codes[i] < CSIMD_CODES_MAX);
        set.words[codes[i] / 64] |= UINT64_C(1) << codes[i] % 64;
    }
    return set;
}

/* The number of the set, or `known` when it is none of so many. */
static uint32_t find_set(const code_set *sets, uint32_t known, const code_set *wanted) {
    uint32_t i = 1;
    while (i < known && memcmp(&sets[i], wanted, sizeof *wanted) != 0) {
        i += 1;
    }
    return i;
}

/* The number that the set of codes has, or would get: then it is the count. */
static uint32_t number_of_set(const code_set *sets, const _Atomic uint32_t *count,
                              const uint16_t *codes, size_t codes_count) {
    if (codes_count == 0) {
        return 0;
    }
    code_set wanted = set_of_codes(codes, codes_count);
    return find_set(sets, atomic_load_explicit(count, memory_order_relaxed), &wanted);
}

/* Writes the set of the number, when it is new. */
static void keep_set(code_set *sets, _Atomic uint32_t *count, uint32_t number,
                     const uint16_t *codes, size_t codes_count) {
    if (number == atomic_load_explicit(count, memory_order_relaxed)) {
        sets[number] = set_of_codes(codes, codes_count);
        atomic_store_explicit(count, number + 1, memory_order_release);
    }
}

static void numbers_of_sets(const catalogue *catalogue, const csimd_item *item,
                            uint32_t *region_set, uint32_t *language_set) {
    *region_set = number_of_set(catalogue->region_sets, &catalogue->region_sets_count,
                                item->regions, item->regions_count);
    *language_set = number_of_set(catalogue->language_sets, &catalogue->language_sets_count,
                                  item->languages, item->languages_count);
}

csimd_room catalogue_room(const catalogue *catalogue, const csimd_item *item) {
    uint32_t region_set;
    uint32_t language_set;
    numbers_of_sets(catalogue, item, &region_set, &language_set);
    if (region_set == CSIMD_REGION_SETS_MAX || language_set == CSIMD_LANGUAGE_SETS_MAX) {
        return CSIMD_ROOM_NONE;
    }
    bool is_new = region_set == catalogue->region_sets_count ||
                  language_set == catalogue->language_sets_count;
    return is_new ? CSIMD_ROOM_FREE : CSIMD_ROOM_TAKEN;
}

/* -- Slots --------------------------------------------------------------------------------------
 */

/* Room for the slot's row number; NULL when memory runs out. */
static _Atomic uint32_t *slot_row(catalogue *catalogue, uint32_t slot) {
    size_t chunk = slot >> SLOT_CHUNK_SHIFT;
    _Atomic uint32_t *rows =
        atomic_load_explicit(&catalogue->slot_rows[chunk], memory_order_relaxed);
    if (rows == NULL) {
        rows = csimd_arena_allocate(catalogue->arena, SLOT_CHUNK_SLOTS * sizeof(*rows), 64);
        if (rows == NULL) {
            return NULL;
        }
        atomic_store_explicit(&catalogue->slot_rows[chunk], rows, memory_order_release);
    }
    return &rows[slot & (SLOT_CHUNK_SLOTS - 1)];
}

static void copy_vector(int8_t *to, const int8_t *from, size_t bytes) {
    if (from != NULL) {
        memcpy(to, from, bytes);
    } else {
        memset(to, 0, bytes);
    }
}

static bool is_zero(const int8_t *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (values[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Fills a row that no reader can see. */
static void write_row(catalogue *catalogue, uint32_t row, const row_attributes *attributes,
                      const int8_t *text, const int8_t *taste, const int8_t *taste_signal,
                      uint64_t prefix, row_record *record) {
    row_chunk *chunk = catalogue_chunk(catalogue, row);
    uint32_t index = row & (CHUNK_ROWS - 1);
    int8_t *values = chunk->rows + index * catalogue->row_bytes;
    copy_vector(values, text, CSIMD_TEXT_DIMENSION);
    row_attributes *target = &chunk->attributes[index];
    target->bid_micros = attributes->bid_micros;
    target->created_ms = attributes->created_ms;
    target->expires_ms = attributes->expires_ms;
    target->author = attributes->author;
    target->prior_logit = attributes->prior_logit;
    target->slot = attributes->slot;
    target->region_set = attributes->region_set;
    target->language_set = attributes->language_set;
    target->flags = attributes->flags & (uint8_t)~(ROW_HAS_TEXT | ROW_HAS_TASTE_SIGNAL);
    if (!is_zero(values, CSIMD_TEXT_DIMENSION)) {
        target->flags |= ROW_HAS_TEXT;
    }
    target->text_sum = (int16_t)csimd_row_sum(values, CSIMD_TEXT_DIMENSION);
    target->taste_sum = 0;
    if (catalogue->taste_bytes > 0) {
        int8_t *taste_values = values + CSIMD_TEXT_DIMENSION;
        copy_vector(taste_values, taste, catalogue->taste_bytes);
        int8_t *signal_values = chunk->signals + index * catalogue->taste_bytes;
        copy_vector(signal_values, taste_signal, catalogue->taste_bytes);
        if (!is_zero(signal_values, catalogue->taste_bytes)) {
            target->flags |= ROW_HAS_TASTE_SIGNAL;
        }
        target->taste_sum = (int16_t)csimd_row_sum(taste_values, catalogue->taste_bytes);
    }
    chunk_write_columns(chunk, index);
    chunk->prefixes[index] = prefix;
    chunk->records[index] = record;
}

/* Makes a written row the newest of its slot, visible from `born` on. */
static void publish_row(catalogue *catalogue, uint32_t row, _Atomic uint32_t *slot, uint64_t born,
                        uint64_t died) {
    row_chunk *chunk = catalogue_chunk(catalogue, row);
    uint32_t index = row & (CHUNK_ROWS - 1);
    uint32_t older = atomic_load_explicit(slot, memory_order_relaxed) - 1;
    chunk_widen_bounds(catalogue, chunk, index, born);
    atomic_store_explicit(&chunk->previous[index], older, memory_order_relaxed);
    /* Whoever sees that a row used again is alive, sees too that it was unborn before. */
    atomic_store_explicit(&chunk->attributes[index].died, died, memory_order_release);
    atomic_store_explicit(&chunk->attributes[index].born, born, memory_order_release);
    atomic_store_explicit(slot, row + 1, memory_order_release);
    catalogue->rows_count += 1;
}

/* Writes a row for the slot that no reader can see yet; ROW_NONE when memory runs out. */
static uint32_t make_row(catalogue *catalogue, uint32_t slot, uint64_t prefix,
                         const csimd_item *item, uint32_t region_set, uint32_t language_set) {
    assert(item->record_bytes <= CSIMD_ITEM_RECORD_MAX);
    row_record *record = record_create(catalogue->arena, item->record, item->record_bytes);
    uint32_t row = record != NULL ? take_row(catalogue, item->kind) : ROW_NONE;
    if (row == ROW_NONE) {
        csimd_arena_release(catalogue->arena, record);
        return ROW_NONE;
    }
    row_attributes attributes = {
        .bid_micros = item->bid_micros,
        .created_ms = item->created_ms,
        .expires_ms = item->expires_ms,
        .author = item->author,
        .prior_logit = item->prior_logit,
        .slot = slot,
        .region_set = (uint16_t)region_set,
        .language_set = (uint8_t)language_set,
        .flags = (uint8_t)item->flags,
    };
    write_row(catalogue, row, &attributes, item->text, item->taste, item->taste_signal, prefix,
              record);
    return row;
}

csimd_status catalogue_put(catalogue *catalogue, uint32_t slot, uint64_t prefix,
                           const csimd_item *item, uint64_t born, uint32_t *replaced) {
    assert(item->kind < CSIMD_KINDS_MAX);
    *replaced = ROW_NONE;
    uint32_t region_set;
    uint32_t language_set;
    numbers_of_sets(catalogue, item, &region_set, &language_set);
    if (region_set == CSIMD_REGION_SETS_MAX || language_set == CSIMD_LANGUAGE_SETS_MAX) {
        return CSIMD_STATUS_FULL;
    }
    keep_set(catalogue->region_sets, &catalogue->region_sets_count, region_set, item->regions,
             item->regions_count);
    keep_set(catalogue->language_sets, &catalogue->language_sets_count, language_set,
             item->languages, item->languages_count);
    _Atomic uint32_t *newest = slot_row(catalogue, slot);
    uint32_t row = ROW_NONE;
    if (newest != NULL) {
        row = make_row(catalogue, slot, prefix, item, region_set, language_set);
    }
    if (row == ROW_NONE) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    *replaced = catalogue_newest(catalogue, slot);
    bool was_live = catalogue_kill(catalogue, slot, born);
    (void)was_live;
    publish_row(catalogue, row, newest, born, ALIVE);
    catalogue->items_count += 1;
    return CSIMD_STATUS_OK;
}

bool catalogue_kill(catalogue *catalogue, uint32_t slot, uint64_t sequence) {
    uint32_t row = catalogue_newest(catalogue, slot);
    if (row == ROW_NONE) {
        return false;
    }
    row_attributes *attributes = catalogue_attributes(catalogue, row);
    if (atomic_load_explicit(&attributes->died, memory_order_relaxed) != ALIVE) {
        return false;
    }
    atomic_fetch_add_explicit(&catalogue_chunk(catalogue, row)->bounds.deaths, 1,
                              memory_order_release);
    atomic_store_explicit(&attributes->died, sequence, memory_order_release);
    catalogue->items_count -= 1;
    return true;
}

csimd_status catalogue_hold(catalogue *catalogue, uint32_t slot, const struct catalogue *from) {
    uint32_t source = catalogue_newest(from, slot);
    assert(source != ROW_NONE && catalogue_newest(catalogue, slot) == ROW_NONE);
    const row_chunk *chunk = catalogue_chunk(from, source);
    uint32_t index = source & (CHUNK_ROWS - 1);
    const row_record *old = chunk->records[index];
    _Atomic uint32_t *newest = slot_row(catalogue, slot);
    row_record *record = record_create(catalogue->arena, old->content, old->bytes);
    uint32_t row = newest != NULL && record != NULL ? take_row(catalogue, GROUP_HELD) : ROW_NONE;
    if (row == ROW_NONE) {
        csimd_arena_release(catalogue->arena, record);
        return CSIMD_STATUS_NO_MEMORY;
    }
    row_attributes attributes = chunk->attributes[index];
    attributes.region_set = 0; /* set numbers belong to their catalogue; a signal needs none */
    attributes.language_set = 0;
    const int8_t *values = chunk->rows + index * from->row_bytes;
    write_row(catalogue, row, &attributes, values, values + CSIMD_TEXT_DIMENSION,
              chunk->signals + index * from->taste_bytes, chunk->prefixes[index], record);
    publish_row(catalogue, row, newest, 0, 0);
    return CSIMD_STATUS_OK;
}

bool catalogue_restore_set(catalogue *catalogue, bool is_language, const code_set *set) {
    code_set *sets = is_language ? catalogue->language_sets : catalogue->region_sets;
    _Atomic uint32_t *count =
        is_language ? &catalogue->language_sets_count : &catalogue->region_sets_count;
    uint32_t known = atomic_load_explicit(count, memory_order_relaxed);
    uint32_t limit = is_language ? CSIMD_LANGUAGE_SETS_MAX : CSIMD_REGION_SETS_MAX;
    uint64_t codes_of_last_word = (UINT64_C(1) << CSIMD_CODES_MAX % 64) - 1;
    if (known == limit || (set->words[CODE_WORDS - 1] & ~codes_of_last_word) != 0) {
        return false;
    }
    sets[known] = *set;
    atomic_store_explicit(count, known + 1, memory_order_release);
    return true;
}

csimd_status catalogue_restore_row(catalogue *catalogue, uint32_t slot, uint64_t prefix,
                                   const csimd_item *item, uint32_t region_set,
                                   uint32_t language_set) {
    _Atomic uint32_t *newest = slot_row(catalogue, slot);
    uint32_t row = ROW_NONE;
    if (newest != NULL) {
        row = make_row(catalogue, slot, prefix, item, region_set, language_set);
    }
    if (row == ROW_NONE) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    bool is_held = item->kind == GROUP_HELD;
    publish_row(catalogue, row, newest, 0, is_held ? 0 : ALIVE);
    catalogue->items_count += !is_held;
    return CSIMD_STATUS_OK;
}

void catalogue_free_row(catalogue *catalogue, uint32_t row) {
    uint32_t slot = catalogue_attributes(catalogue, row)->slot;
    uint32_t newer = catalogue_newest(catalogue, slot);
    assert(newer != ROW_NONE && newer != row);
    for (;;) {
        row_chunk *chunk = catalogue_chunk(catalogue, newer);
        _Atomic uint32_t *link = &chunk->previous[newer & (CHUNK_ROWS - 1)];
        uint32_t older = atomic_load_explicit(link, memory_order_relaxed);
        if (older == row) {
            atomic_store_explicit(link, ROW_NONE, memory_order_release);
            break;
        }
        assert(older != ROW_NONE);
        newer = older;
    }
    give_row_back(catalogue, row);
    catalogue->rows_count -= 1;
}

uint32_t catalogue_forget(catalogue *catalogue, uint32_t slot) {
    uint32_t row = catalogue_newest(catalogue, slot);
    if (row != ROW_NONE) {
        atomic_store_explicit(slot_row(catalogue, slot), 0, memory_order_release);
    }
    return row;
}

void catalogue_free_rows(catalogue *catalogue, uint32_t row) {
    while (row != ROW_NONE) {
        row_chunk *chunk = catalogue_chunk(catalogue, row);
        uint32_t older =
            atomic_load_explicit(&chunk->previous[row & (CHUNK_ROWS - 1)], memory_order_relaxed);
        give_row_back(catalogue, row);
        catalogue->rows_count -= 1;
        row = older;
    }
}

bool csimd_store_is_sensitive(const csimd_store *store, uint32_t slot) {
    const catalogue *live = atomic_load_explicit(&store->live, memory_order_relaxed);
    uint32_t row = catalogue_newest(live, slot);
    assert(row != ROW_NONE);
    return (catalogue_attributes(live, row)->flags & CSIMD_ITEM_SENSITIVE) != 0;
}
