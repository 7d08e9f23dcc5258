/* Inside the users: what shard.c (the table of users), users.c (settings and copies), rings.c
 * (signals) and impressions.c (counters) share.
 *
 * Every array grows by size class and shrinks back when something is taken out, so that what a user
 * costs depends on what is held and not on what once was. */
#ifndef CSIMD_SRC_USERS_H
#define CSIMD_SRC_USERS_H

#include "csimd_users.h"

/* The newest signals of a class, in the order of time:
 *
 *   | reserved: nobody reads them | visible: at most as many as the ring shows |
 *
 * It holds every signal that came, but for those that had no room: they were all older, and the
 * newest of them is remembered by its time. */
typedef struct {
    csimd_signal *signals;
    int64_t lost_ms; /* LOST_NOTHING when all that came is held */
    uint16_t count;  /* of all */
    uint16_t capacity;
    uint16_t reserved;
    uint16_t key;
} signal_ring;

enum { LOST_NOTHING = -1 };

struct csimd_user {
    uint64_t hash;
    int64_t notice_ms;
    csimd_region_period *regions;
    uint16_t *suppressed;
    signal_ring *rings;            /* ascending by key, none of them empty */
    csimd_impression *impressions; /* ascending by slot */
    int8_t **vectors;              /* by a signal's subject; NULL is free */
    uint32_t links;
    uint16_t language;
    uint16_t vectors_capacity;
    uint8_t regions_count;
    uint8_t suppressed_count;
    uint8_t rings_count;
    uint8_t impressions_count;
    uint8_t impressions_capacity;
    bool is_configured;
    uint8_t identifier_bytes;
    uint8_t identifier[];
};

struct csimd_shard {
    csimd_arena *arena;
    const csimd_store *store;
    csimd_user **table; /* open addressing by hash */
    uint64_t mask;
    uint64_t users_count;
};

/* True when the signal is about a vector of its own, and `subject` is the vector's number. */
static inline bool signal_has_vector(const csimd_signal *signal) {
    return signal->about == CSIMD_ABOUT_TEXT_VECTOR || signal->about == CSIMD_ABOUT_TASTE_VECTOR;
}

/* The smallest size class that holds `count`: 4, 8, 16 ... */
static inline size_t size_class(size_t count) {
    size_t capacity = 4;
    while (capacity < count) {
        capacity *= 2;
    }
    return capacity;
}

/* A block of another size with the first `used_bytes` of the old one, which is released; NULL, and
 * the old one stays, when memory runs out. */
void *block_resize(csimd_arena *arena, void *block, size_t used_bytes, size_t bytes,
                   size_t alignment);

/* Keeps a row-sized copy of the vector under the number, which is free. */
csimd_status vectors_put(csimd_shard *shard, csimd_user *user, uint32_t number,
                         const int8_t *vector, size_t dimension);

/* Frees all signals, vectors and rings. */
void rings_release(csimd_shard *shard, csimd_user *user);

/* True when a signal in a ring came with the event. */
bool rings_know(const csimd_user *user, uint64_t event);

/* Takes the signal of the event out of its ring; false when there is none. `*removed` is a copy. */
bool rings_retract(csimd_shard *shard, csimd_user *user, uint64_t event, csimd_signal *removed);

bool impressions_know(const csimd_user *user, uint64_t event);

/* Counts the showing of the event no more; false when no counter tells of it. `*slot` is the item's
 * when that was its last showing, and CSIMD_SLOT_NONE else. */
bool impressions_retract(csimd_shard *shard, csimd_user *user, uint64_t event, uint32_t *slot);

#endif
