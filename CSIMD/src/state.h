/* Inside the state's stream: what its writers (state_write.c, state_users.c) and its readers
 * (state_read.c, state_read_users.c) share: tags, and numbers as bytes. */
#ifndef CSIMD_SRC_STATE_H
#define CSIMD_SRC_STATE_H

#include <assert.h>
#include <string.h>

#include "csimd_state.h"
#include "store.h"
#include "users.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie");
_Static_assert(sizeof CSIMD_STATE_END == CSIMD_STATE_END_BYTES + 1, "the end is 8 bytes");
_Static_assert(CSIMD_USER_SIGNALS_MAX * (32 + CSIMD_IDENTIFIER_MAX + CSIMD_DIMENSION_MAX) +
                       (64 << 10) <
                   CSIMD_STATE_RECORD_MAX,
               "a record holds the largest user");
_Static_assert(CSIMD_ITEM_RECORD_MAX + (64 << 10) < CSIMD_STATE_RECORD_MAX,
               "a record holds the largest item");

enum {
    STATE_HEAD_BYTES = 5, /* tag and length */
    STATE_TAG_SET = 'S',
    STATE_TAG_ITEM = 'I',
    STATE_TAG_USER = 'U',
    STATE_TAG_BEGIN = 'B',
    STATE_TAG_STAGED = 'T',
    STATE_TAG_END = 'E',
};

/* Which vectors an item's record holds: those of zeros are left out. */
enum {
    STATE_HAS_TEXT = 1,
    STATE_HAS_TASTE = 2,
    STATE_HAS_TASTE_SIGNAL = 4,
    STATE_SIGNAL_IS_TASTE = 8, /* the taste as a signal is the taste as a candidate */
};

enum { ITEM_FLAGS = CSIMD_ITEM_SENSITIVE | CSIMD_ITEM_HAS_PRIOR | CSIMD_ITEM_HAS_CREATED };

/* The padded dimension of the taste space, 0 without one. */
static inline size_t taste_bytes_of(const csimd_store *store) {
    return (store->taste_dimension + CSIMD_ROW_ALIGNMENT - 1) / CSIMD_ROW_ALIGNMENT *
           CSIMD_ROW_ALIGNMENT;
}

/* -- Writing ------------------------------------------------------------------------------------
 */

/* Bytes that gather in memory, and go to a descriptor when it is full. */
typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t capacity; /* room for one record at least */
    int descriptor;  /* -1 when they stay in memory */
    bool has_failed; /* the descriptor takes no more */
} state_sink;

static inline void sink_bytes(state_sink *sink, const void *bytes, size_t count) {
    assert(sink->count + count <= sink->capacity);
    if (count > 0) {
        memcpy(sink->bytes + sink->count, bytes, count);
        sink->count += count;
    }
}

static inline void sink_u8(state_sink *sink, uint8_t value) {
    sink_bytes(sink, &value, sizeof value);
}

static inline void sink_u16(state_sink *sink, uint16_t value) {
    sink_bytes(sink, &value, sizeof value);
}

static inline void sink_u32(state_sink *sink, uint32_t value) {
    sink_bytes(sink, &value, sizeof value);
}

static inline void sink_u64(state_sink *sink, uint64_t value) {
    sink_bytes(sink, &value, sizeof value);
}

static inline void sink_i64(state_sink *sink, int64_t value) {
    sink_bytes(sink, &value, sizeof value);
}

/* How items and products are named: in a stream by numbers, in what is said of their meaning by
 * identifiers and hashes. */
typedef struct {
    const csimd_store *store;
    const uint32_t *numbers;        /* by slot; NULL names items by identifier */
    const csimd_state_names *names; /* NULL names kinds and products by number */
} state_naming;

void sink_user(state_sink *sink, const csimd_user *user, const state_naming *naming,
               csimd_state_counts *counts);

/* The item's newest row in the catalogue. */
void sink_item(state_sink *sink, const catalogue *catalogue, uint32_t slot,
               const state_naming *naming);

/* -- Reading ------------------------------------------------------------------------------------
 */

/* A record's body; what is read past its end is zero, and `is_short` from then on. */
typedef struct {
    const uint8_t *cursor;
    const uint8_t *end;
    bool is_short;
} state_body;

/* The next bytes, where they lie; NULL past the end. */
static inline const uint8_t *body_bytes(state_body *body, size_t count) {
    if ((size_t)(body->end - body->cursor) < count) {
        body->is_short = true;
        body->cursor = body->end;
        return NULL;
    }
    const uint8_t *bytes = body->cursor;
    body->cursor += count;
    return bytes;
}

static inline uint64_t body_number(state_body *body, size_t count) {
    uint64_t value = 0;
    const uint8_t *bytes = body_bytes(body, count);
    if (bytes != NULL) {
        memcpy(&value, bytes, count);
    }
    return value;
}

static inline uint8_t body_u8(state_body *body) {
    return (uint8_t)body_number(body, 1);
}

static inline uint16_t body_u16(state_body *body) {
    return (uint16_t)body_number(body, 2);
}

static inline uint32_t body_u32(state_body *body) {
    return (uint32_t)body_number(body, 4);
}

static inline uint64_t body_u64(state_body *body) {
    return body_number(body, 8);
}

static inline int64_t body_i64(state_body *body) {
    return (int64_t)body_number(body, 8);
}

struct csimd_restoration {
    csimd_arena *arena; /* of the restoration itself, and of what it keeps meanwhile */
    csimd_store *store;
    csimd_shard *const *shards;
    size_t shards_count;
    csimd_state_limits limits;
    catalogue *live;
    catalogue *staging; /* NULL unless one is being loaded */
    uint32_t *slots;    /* by an item's number */
    size_t slots_count;
    size_t slots_capacity;
    uint8_t *pending; /* of a record whose end has not come yet */
    size_t pending_count;
    uint64_t offset; /* bytes of whole records */
    csimd_state_counts counts;
    csimd_state_fault fault;
    bool has_ended;
    bool is_finished;
};

/* Notes why the stream is refused. */
static inline csimd_status restoration_refuse(csimd_restoration *restoration, const char *reason) {
    if (restoration->fault.reason == NULL) {
        restoration->fault.reason = reason;
    }
    return CSIMD_STATUS_DAMAGED;
}

static inline bool restoration_is_time(const csimd_restoration *restoration, int64_t time_ms) {
    return time_ms >= 0 && time_ms <= restoration->limits.time_ms_max;
}

/* An identifier has neither spaces nor control characters. */
bool restoration_is_identifier(const uint8_t *bytes, size_t count);

/* Each value is one of an int8 row: never -128. */
bool restoration_is_row(const uint8_t *bytes, size_t count);

csimd_status restoration_take_user(csimd_restoration *restoration, state_body *body);

#endif
