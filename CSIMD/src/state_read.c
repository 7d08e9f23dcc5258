/* A state's stream read back: records put together from pieces, items into catalogues that no
 * reader sees until the end. Whatever the bytes say, the worst is a refusal. */
#include "state.h"

enum { SLOTS_CAPACITY_MIN = 1024, PENDING_BYTES = STATE_HEAD_BYTES + CSIMD_STATE_RECORD_MAX };

/* -- Life ---------------------------------------------------------------------------------------
 */

csimd_restoration *csimd_restoration_create(csimd_store *store, csimd_shard *const *shards,
                                            size_t shards_count, csimd_state_limits limits) {
    assert(shards_count > 0 && (shards_count & (shards_count - 1)) == 0);
    assert(limits.kinds_count <= CSIMD_KINDS_MAX && limits.products_count <= CSIMD_PRODUCTS_MAX);
    csimd_arena *arena = csimd_arena_create();
    if (arena == NULL) {
        return NULL;
    }
    csimd_restoration *made = csimd_arena_allocate(arena, sizeof *made, 64);
    csimd_shard **copied = csimd_arena_allocate(arena, shards_count * sizeof *copied, 8);
    uint32_t *slots = csimd_arena_allocate(arena, SLOTS_CAPACITY_MIN * sizeof *slots, 64);
    uint8_t *pending = csimd_arena_allocate(arena, PENDING_BYTES, 64);
    catalogue *live = catalogue_create(store->taste_dimension);
    if (made == NULL || copied == NULL || slots == NULL || pending == NULL || live == NULL) {
        if (live != NULL) {
            catalogue_destroy(live);
        }
        csimd_arena_destroy(arena);
        return NULL;
    }
    memcpy(copied, shards, shards_count * sizeof *copied);
    *made = (csimd_restoration){
        .arena = arena,
        .store = store,
        .shards = copied,
        .shards_count = shards_count,
        .limits = limits,
        .live = live,
        .slots = slots,
        .slots_capacity = SLOTS_CAPACITY_MIN,
        .pending = pending,
    };
    return made;
}

void csimd_restoration_destroy(csimd_restoration *restoration) {
    if (!restoration->is_finished) {
        store_abandon_slots(restoration->store);
        catalogue_destroy(restoration->live);
        if (restoration->staging != NULL) {
            catalogue_destroy(restoration->staging);
        }
        csimd_store_reclaim(restoration->store);
    }
    csimd_arena_destroy(restoration->arena);
}

csimd_state_fault csimd_restoration_fault(const csimd_restoration *restoration) {
    return restoration->fault;
}

csimd_state_counts csimd_restoration_counts(const csimd_restoration *restoration) {
    return restoration->counts;
}

bool csimd_restoration_is_loading(const csimd_restoration *restoration) {
    return restoration->staging != NULL;
}

/* -- Sets ---------------------------------------------------------------------------------------
 */

static csimd_status take_set(csimd_restoration *restoration, state_body *body) {
    uint8_t is_staging = body_u8(body);
    uint8_t which = body_u8(body);
    code_set set = {{0}};
    const uint8_t *bytes = body_bytes(body, sizeof set);
    if (bytes == NULL || is_staging > 1 || which > 1) {
        return restoration_refuse(restoration, "it is no set of regions or languages");
    }
    memcpy(&set, bytes, sizeof set);
    catalogue *catalogue = is_staging == 1 ? restoration->staging : restoration->live;
    if (catalogue == NULL) {
        return restoration_refuse(restoration, "no catalogue is being loaded");
    }
    if (!catalogue_restore_set(catalogue, which == 1, &set)) {
        return restoration_refuse(restoration, "there are too many sets, or one has no such code");
    }
    return CSIMD_STATUS_OK;
}

/* -- Items --------------------------------------------------------------------------------------
 */

bool restoration_is_identifier(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] <= 0x20 || bytes[i] == 0x7F) {
            return false;
        }
    }
    return count > 0 && count <= CSIMD_IDENTIFIER_MAX;
}

bool restoration_is_row(const uint8_t *bytes, size_t count) {
    unsigned lowest = 0;
    for (size_t i = 0; i < count; i++) {
        lowest |= bytes[i] == 0x80;
    }
    return lowest == 0;
}

/* What an item's record says, with the numbers of its sets. */
typedef struct {
    csimd_item item;
    uint32_t region_set;
    uint32_t language_set;
} item_row;

/* The vectors that the record has; NULL is all zero. False when one has a value that rows have not.
 */
static bool read_vectors(state_body *body, uint8_t vectors, size_t taste_bytes, csimd_item *item) {
    const uint8_t *text = NULL;
    const uint8_t *taste = NULL;
    const uint8_t *taste_signal = NULL;
    if ((vectors & STATE_HAS_TEXT) != 0) {
        text = body_bytes(body, CSIMD_TEXT_DIMENSION);
    }
    if ((vectors & STATE_HAS_TASTE) != 0) {
        taste = body_bytes(body, taste_bytes);
    }
    if ((vectors & STATE_HAS_TASTE_SIGNAL) != 0) {
        taste_signal = body_bytes(body, taste_bytes);
    }
    if (body->is_short) {
        return false;
    }
    item->text = (const int8_t *)text;
    item->taste = (const int8_t *)taste;
    item->taste_signal =
        (const int8_t *)((vectors & STATE_SIGNAL_IS_TASTE) != 0 ? taste : taste_signal);
    return (text == NULL || restoration_is_row(text, CSIMD_TEXT_DIMENSION)) &&
           (taste == NULL || restoration_is_row(taste, taste_bytes)) &&
           (taste_signal == NULL || restoration_is_row(taste_signal, taste_bytes));
}

static const char *read_item(const csimd_restoration *restoration, const catalogue *catalogue,
                             state_body *body, item_row *row) {
    csimd_item *item = &row->item;
    item->kind = body_u8(body);
    row->region_set = body_u16(body);
    row->language_set = body_u8(body);
    item->flags = body_u8(body);
    uint8_t vectors = body_u8(body);
    uint32_t prior_bits = body_u32(body);
    memcpy(&item->prior_logit, &prior_bits, sizeof prior_bits);
    item->bid_micros = body_i64(body);
    item->created_ms = body_i64(body);
    item->expires_ms = body_i64(body);
    item->author = body_u64(body);
    item->record_bytes = body_u32(body);
    item->identifier_bytes = body_u8(body);
    item->identifier = body_bytes(body, item->identifier_bytes);
    item->record = body_bytes(body, item->record_bytes);
    if (body->is_short || item->record_bytes > CSIMD_ITEM_RECORD_MAX) {
        return "it is shorter than what it says";
    }
    uint8_t taste_vectors = STATE_HAS_TASTE | STATE_HAS_TASTE_SIGNAL | STATE_SIGNAL_IS_TASTE;
    uint8_t known = STATE_HAS_TEXT | (catalogue->taste_bytes > 0 ? taste_vectors : 0);
    if (!restoration_is_identifier(item->identifier, item->identifier_bytes)) {
        return "an item's identifier is none";
    }
    if ((item->flags & ~(uint32_t)ITEM_FLAGS) != 0 || (vectors & ~known) != 0 ||
        !read_vectors(body, vectors, catalogue->taste_bytes, item)) {
        return "an item's vectors are none";
    }
    bool is_held = item->kind == GROUP_HELD && catalogue == restoration->live;
    if (!is_held && item->kind >= restoration->limits.kinds_count) {
        return "an item is of an unknown kind";
    }
    if (row->region_set >= atomic_load(&catalogue->region_sets_count) ||
        row->language_set >= atomic_load(&catalogue->language_sets_count)) {
        return "an item names regions or languages that have not come";
    }
    if (!restoration_is_time(restoration, item->created_ms) ||
        (item->expires_ms != CSIMD_NO_EXPIRY &&
         !restoration_is_time(restoration, item->expires_ms))) {
        return "an item's time is out of range";
    }
    if (item->bid_micros < 0 || item->bid_micros > restoration->limits.bid_micros_max ||
        item->prior_logit - item->prior_logit != 0) {
        return "an item's bid or prior is out of range";
    }
    return NULL;
}

static csimd_status number_slot(csimd_restoration *restoration, uint32_t slot) {
    if (restoration->slots_count == restoration->slots_capacity) {
        size_t bytes = restoration->slots_capacity * sizeof(uint32_t);
        uint32_t *grown =
            block_resize(restoration->arena, restoration->slots, bytes, 2 * bytes, 64);
        if (grown == NULL) {
            return CSIMD_STATUS_NO_MEMORY;
        }
        restoration->slots = grown;
        restoration->slots_capacity *= 2;
    }
    restoration->slots[restoration->slots_count] = slot;
    restoration->slots_count += 1;
    return CSIMD_STATUS_OK;
}

static csimd_status take_item(csimd_restoration *restoration, state_body *body, bool is_staged) {
    catalogue *catalogue = is_staged ? restoration->staging : restoration->live;
    if (catalogue == NULL) {
        return restoration_refuse(restoration, "no catalogue is being loaded");
    }
    item_row row = {{0}, 0, 0};
    const char *reason = read_item(restoration, catalogue, body, &row);
    if (reason != NULL) {
        return restoration_refuse(restoration, reason);
    }
    identifier_key key = identifier_key_of_bytes(row.item.identifier, row.item.identifier_bytes);
    uint32_t slot;
    csimd_status status = store_obtain_slot(restoration->store, &key, &slot);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    if (catalogue_newest(catalogue, slot) != ROW_NONE) {
        return restoration_refuse(restoration, "an item comes twice");
    }
    status = catalogue_restore_row(catalogue, slot,
                                   directory_slot(&restoration->store->directory, slot)->prefix,
                                   &row.item, row.region_set, row.language_set);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    if (is_staged) {
        restoration->counts.staged += 1;
        return CSIMD_STATUS_OK;
    }
    bool is_held = row.item.kind == GROUP_HELD;
    restoration->counts.items += !is_held;
    restoration->counts.held += is_held;
    return number_slot(restoration, slot);
}

/* -- The beginning of a catalogue, and the end --------------------------------------------------
 */

static csimd_status take_begin(csimd_restoration *restoration) {
    if (restoration->staging != NULL) {
        return restoration_refuse(restoration, "two catalogues are being loaded");
    }
    restoration->staging = catalogue_create(restoration->store->taste_dimension);
    return restoration->staging == NULL ? CSIMD_STATUS_NO_MEMORY : CSIMD_STATUS_OK;
}

static csimd_status take_end(csimd_restoration *restoration, state_body *body) {
    const csimd_state_counts *counts = &restoration->counts;
    bool is_right = body_u64(body) == counts->items;
    is_right &= body_u64(body) == counts->held;
    is_right &= body_u64(body) == counts->staged;
    is_right &= body_u64(body) == counts->users;
    is_right &= body_u64(body) == counts->signals;
    is_right &= body_u64(body) == counts->impressions;
    const uint8_t *mark = body_bytes(body, CSIMD_STATE_END_BYTES);
    if (mark == NULL || memcmp(mark, CSIMD_STATE_END, CSIMD_STATE_END_BYTES) != 0 || !is_right) {
        return restoration_refuse(restoration, "it counts other items and users than came");
    }
    restoration->has_ended = true;
    return CSIMD_STATUS_OK;
}

/* -- Records ------------------------------------------------------------------------------------
 */

static csimd_status take_body(csimd_restoration *restoration, uint8_t tag, state_body *body) {
    switch (tag) {
    case STATE_TAG_SET:
        return take_set(restoration, body);
    case STATE_TAG_ITEM:
        return take_item(restoration, body, false);
    case STATE_TAG_USER:
        return restoration_take_user(restoration, body);
    case STATE_TAG_BEGIN:
        return take_begin(restoration);
    case STATE_TAG_STAGED:
        return take_item(restoration, body, true);
    case STATE_TAG_END:
        return take_end(restoration, body);
    default:
        return restoration_refuse(restoration, "there is no such record");
    }
}

static csimd_status take_record(csimd_restoration *restoration, const uint8_t *record,
                                size_t count) {
    restoration->fault.offset = restoration->offset;
    restoration->fault.tag = (char)record[0];
    state_body body = {.cursor = record + STATE_HEAD_BYTES, .end = record + count};
    csimd_status status = take_body(restoration, record[0], &body);
    if (status == CSIMD_STATUS_OK && (body.is_short || body.cursor != body.end)) {
        status = restoration_refuse(restoration, "it has another length than what it says");
    }
    restoration->offset += count;
    return status;
}

/* The bytes of the record that begins with these; 0 when more are needed to tell, and SIZE_MAX when
 * no record is as long. */
static size_t record_bytes(const uint8_t *bytes, size_t count) {
    if (count < STATE_HEAD_BYTES) {
        return 0;
    }
    uint32_t length;
    memcpy(&length, bytes + 1, sizeof length);
    return length <= CSIMD_STATE_RECORD_MAX ? STATE_HEAD_BYTES + (size_t)length : SIZE_MAX;
}

static csimd_status refuse_length(csimd_restoration *restoration, char tag) {
    restoration->fault.offset = restoration->offset;
    restoration->fault.tag = tag;
    return restoration_refuse(restoration, "no record is as long");
}

/* Adds to the record that waits for its end; `*used` bytes of those given. */
static csimd_status take_pending(csimd_restoration *restoration, const uint8_t *bytes, size_t count,
                                 size_t *used) {
    *used = 0;
    for (;;) {
        size_t wanted = record_bytes(restoration->pending, restoration->pending_count);
        if (wanted == SIZE_MAX) {
            return refuse_length(restoration, (char)restoration->pending[0]);
        }
        wanted = wanted == 0 ? STATE_HEAD_BYTES : wanted;
        if (wanted == restoration->pending_count) {
            restoration->pending_count = 0;
            return take_record(restoration, restoration->pending, wanted);
        }
        size_t room = wanted - restoration->pending_count;
        size_t added = count - *used < room ? count - *used : room;
        if (added == 0) {
            return CSIMD_STATUS_OK;
        }
        memcpy(restoration->pending + restoration->pending_count, bytes + *used, added);
        restoration->pending_count += added;
        *used += added;
    }
}

csimd_status csimd_restoration_take(csimd_restoration *restoration, const uint8_t *bytes,
                                    size_t count) {
    assert(!restoration->is_finished);
    csimd_status status = CSIMD_STATUS_OK;
    while (count > 0 && status == CSIMD_STATUS_OK) {
        if (restoration->has_ended) {
            restoration->fault = (csimd_state_fault){.offset = restoration->offset};
            return restoration_refuse(restoration, "it goes on behind its end");
        }
        size_t whole = restoration->pending_count > 0 ? 0 : record_bytes(bytes, count);
        size_t used;
        if (whole == SIZE_MAX) {
            return refuse_length(restoration, (char)bytes[0]);
        }
        if (whole != 0 && whole <= count) {
            used = whole;
            status = take_record(restoration, bytes, whole);
        } else {
            status = take_pending(restoration, bytes, count, &used);
        }
        bytes += used;
        count -= used;
    }
    csimd_store_reclaim(restoration->store);
    return status;
}

/* What only profiles name is named by one. */
static bool held_are_named(const csimd_restoration *restoration) {
    for (size_t i = 0; i < restoration->slots_count; i++) {
        uint32_t slot = restoration->slots[i];
        uint32_t row = catalogue_newest(restoration->live, slot);
        if (catalogue_chunk(restoration->live, row)->group == GROUP_HELD &&
            directory_slot(&restoration->store->directory, slot)->references_count == 0) {
            return false;
        }
    }
    return true;
}

csimd_status csimd_restoration_finish(csimd_restoration *restoration, uint64_t sequence) {
    assert(!restoration->is_finished);
    csimd_store *store = restoration->store;
    restoration->fault = (csimd_state_fault){.offset = restoration->offset};
    if (!restoration->has_ended) {
        return restoration_refuse(restoration, "it ends early");
    }
    if (!held_are_named(restoration)) {
        return restoration_refuse(restoration, "an item is gone, and nobody names it");
    }
    csimd_status status = store_install(store, restoration->live, restoration->staging, sequence);
    if (status == CSIMD_STATUS_OK) {
        restoration->is_finished = true;
        csimd_store_reclaim(store);
    }
    return status;
}
