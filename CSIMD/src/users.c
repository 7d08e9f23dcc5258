/* Shards of users, and the rings of signals that are their profiles.
 *
 * A ring is an array sorted by time that grows by size class up to its limit, so that a user costs
 * what its signals cost. What a ring holds depends on the set of its signals and their order of
 * arrival at equal times, on nothing else. */
#include "csimd_users.h"

#include <assert.h>
#include <string.h>

enum {
    TABLE_ENTRIES_MIN = 64,
    RING_CAPACITY_MIN = 4,
    IMPRESSIONS_CAPACITY_MIN = 4,
};

_Static_assert(sizeof(csimd_signal) == 32, "an entry is 32 bytes");
_Static_assert(sizeof(csimd_impression) == 24, "a counter is 24 bytes");

typedef struct {
    csimd_signal *signals;
    uint16_t count;
    uint16_t capacity;
    uint32_t key;
} signal_ring;

struct csimd_user {
    uint64_t hash;
    int64_t notice_ms;
    csimd_region_period *regions;
    signal_ring *rings;
    csimd_impression *impressions;
    int8_t **vectors; /* by a signal's subject; NULL is free */
    uint32_t links;
    uint16_t language;
    uint16_t vectors_capacity;
    uint8_t regions_count;
    uint8_t rings_count;
    uint8_t impressions_count;
    uint8_t impressions_capacity;
    uint8_t identifier_bytes;
    uint8_t identifier[];
};

struct csimd_shard {
    csimd_arena *arena;
    csimd_user **table; /* open addressing by hash */
    uint64_t mask;
    uint64_t users_count;
};

/* -- Shards -------------------------------------------------------------------------------------
 */

csimd_shard *csimd_shard_create(void) {
    csimd_arena *arena = csimd_arena_create();
    if (arena == NULL) {
        return NULL;
    }
    csimd_shard *shard = csimd_arena_allocate(arena, sizeof(csimd_shard), 64);
    csimd_user **table = csimd_arena_allocate(arena, TABLE_ENTRIES_MIN * sizeof(csimd_user *), 64);
    if (shard == NULL || table == NULL) {
        csimd_arena_destroy(arena);
        return NULL;
    }
    *shard = (csimd_shard){.arena = arena, .table = table, .mask = TABLE_ENTRIES_MIN - 1};
    return shard;
}

void csimd_shard_destroy(csimd_shard *shard) {
    csimd_arena_destroy(shard->arena);
}

csimd_memory csimd_shard_memory(const csimd_shard *shard) {
    return csimd_arena_memory(shard->arena);
}

uint64_t csimd_shard_users_count(const csimd_shard *shard) {
    return shard->users_count;
}

uint64_t csimd_shard_entries_count(const csimd_shard *shard) {
    return shard->mask + 1;
}

const csimd_user *csimd_shard_user(const csimd_shard *shard, uint64_t entry) {
    assert(entry <= shard->mask);
    return shard->table[entry];
}

/* The index of the user, or of the free entry where it would go. */
static uint64_t table_index(const csimd_shard *shard, uint64_t hash, const uint8_t *identifier,
                            size_t identifier_bytes) {
    for (uint64_t index = hash & shard->mask;; index = (index + 1) & shard->mask) {
        const csimd_user *user = shard->table[index];
        if (user == NULL || (user->hash == hash && user->identifier_bytes == identifier_bytes &&
                             memcmp(user->identifier, identifier, identifier_bytes) == 0)) {
            return index;
        }
    }
}

csimd_user *csimd_shard_find(const csimd_shard *shard, uint64_t hash, const uint8_t *identifier,
                             size_t identifier_bytes) {
    return shard->table[table_index(shard, hash, identifier, identifier_bytes)];
}

static csimd_status table_grow(csimd_shard *shard) {
    uint64_t entries_count = (shard->mask + 1) * 2;
    csimd_user **table =
        csimd_arena_allocate(shard->arena, entries_count * sizeof(csimd_user *), 64);
    if (table == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    for (uint64_t i = 0; i <= shard->mask; i++) {
        csimd_user *user = shard->table[i];
        if (user != NULL) {
            uint64_t index = user->hash & (entries_count - 1);
            while (table[index] != NULL) {
                index = (index + 1) & (entries_count - 1);
            }
            table[index] = user;
        }
    }
    csimd_arena_release(shard->arena, shard->table);
    shard->table = table;
    shard->mask = entries_count - 1;
    return CSIMD_STATUS_OK;
}

csimd_user *csimd_shard_obtain(csimd_shard *shard, uint64_t hash, const uint8_t *identifier,
                               size_t identifier_bytes) {
    assert(identifier_bytes > 0 && identifier_bytes <= CSIMD_IDENTIFIER_MAX);
    csimd_user *user = csimd_shard_find(shard, hash, identifier, identifier_bytes);
    if (user != NULL) {
        return user;
    }
    if ((shard->users_count + 1) * 4 > (shard->mask + 1) * 3 &&
        table_grow(shard) != CSIMD_STATUS_OK) {
        return NULL;
    }
    user = csimd_arena_allocate(shard->arena, sizeof(csimd_user) + identifier_bytes, 8);
    if (user == NULL) {
        return NULL;
    }
    user->hash = hash;
    user->notice_ms = CSIMD_NO_NOTICE;
    user->identifier_bytes = (uint8_t)identifier_bytes;
    memcpy(user->identifier, identifier, identifier_bytes);
    shard->table[table_index(shard, hash, identifier, identifier_bytes)] = user;
    shard->users_count += 1;
    return user;
}

/* -- Settings -----------------------------------------------------------------------------------
 */

csimd_user_settings csimd_user_settings_of(const csimd_user *user) {
    csimd_user_settings settings = {
        .notice_ms = user->notice_ms,
        .links = user->links,
        .language = user->language,
        .regions_count = user->regions_count,
    };
    if (user->regions_count > 0) {
        memcpy(settings.regions, user->regions, user->regions_count * sizeof(csimd_region_period));
    }
    return settings;
}

csimd_status csimd_user_configure(csimd_shard *shard, csimd_user *user,
                                  const csimd_user_settings *settings) {
    assert(settings->regions_count <= CSIMD_REGION_HISTORY_MAX);
    if (settings->regions_count != user->regions_count) {
        size_t bytes = settings->regions_count * sizeof(csimd_region_period);
        csimd_region_period *regions = NULL;
        if (bytes > 0) {
            regions = csimd_arena_allocate(shard->arena, bytes, 8);
            if (regions == NULL) {
                return CSIMD_STATUS_NO_MEMORY;
            }
        }
        csimd_arena_release(shard->arena, user->regions);
        user->regions = regions;
        user->regions_count = (uint8_t)settings->regions_count;
    }
    if (settings->regions_count > 0) {
        memcpy(user->regions, settings->regions,
               settings->regions_count * sizeof(csimd_region_period));
    }
    user->notice_ms = settings->notice_ms;
    user->links = settings->links;
    user->language = settings->language;
    return CSIMD_STATUS_OK;
}

/* -- Rings --------------------------------------------------------------------------------------
 */

static signal_ring *find_ring(const csimd_user *user, uint32_t key) {
    for (size_t i = 0; i < user->rings_count; i++) {
        if (user->rings[i].key == key) {
            return &user->rings[i];
        }
    }
    return NULL;
}

/* Rings stay in the order of their keys, so that a profile's layout does not tell which of them
 * came first. */
static signal_ring *obtain_ring(csimd_shard *shard, csimd_user *user, uint32_t key) {
    signal_ring *ring = find_ring(user, key);
    if (ring != NULL) {
        return ring;
    }
    size_t count = user->rings_count;
    signal_ring *rings = csimd_arena_allocate(shard->arena, (count + 1) * sizeof(signal_ring), 8);
    if (rings == NULL) {
        return NULL;
    }
    size_t place = 0;
    while (place < count && user->rings[place].key < key) {
        rings[place] = user->rings[place];
        place += 1;
    }
    rings[place] = (signal_ring){.key = key};
    if (place < count) {
        memcpy(&rings[place + 1], &user->rings[place], (count - place) * sizeof(signal_ring));
    }
    csimd_arena_release(shard->arena, user->rings);
    user->rings = rings;
    user->rings_count = (uint8_t)(count + 1);
    return &user->rings[place];
}

static csimd_status ring_reserve(csimd_shard *shard, signal_ring *ring, size_t limit) {
    if (ring->count < ring->capacity) {
        return CSIMD_STATUS_OK;
    }
    size_t capacity = ring->capacity == 0 ? RING_CAPACITY_MIN : (size_t)ring->capacity * 2;
    capacity = capacity > limit ? limit : capacity;
    csimd_signal *signals = csimd_arena_allocate(shard->arena, capacity * sizeof(csimd_signal), 32);
    if (signals == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    if (ring->count > 0) {
        memcpy(signals, ring->signals, ring->count * sizeof(csimd_signal));
    }
    csimd_arena_release(shard->arena, ring->signals);
    ring->signals = signals;
    ring->capacity = (uint16_t)capacity;
    return CSIMD_STATUS_OK;
}

static bool is_vector(const csimd_signal *signal) {
    return signal->about == CSIMD_ABOUT_TEXT_VECTOR || signal->about == CSIMD_ABOUT_TASTE_VECTOR;
}

/* Stores a row-sized copy of the vector and returns its number; UINT32_MAX when memory runs out. */
static uint32_t store_vector(csimd_shard *shard, csimd_user *user, const int8_t *vector,
                             size_t dimension) {
    assert(dimension <= CSIMD_DIMENSION_MAX);
    uint32_t number = 0;
    while (number < user->vectors_capacity && user->vectors[number] != NULL) {
        number += 1;
    }
    if (number == user->vectors_capacity) {
        size_t capacity = user->vectors_capacity == 0 ? 4 : (size_t)user->vectors_capacity * 2;
        int8_t **vectors = csimd_arena_allocate(shard->arena, capacity * sizeof(int8_t *), 8);
        if (vectors == NULL) {
            return UINT32_MAX;
        }
        if (number > 0) {
            memcpy(vectors, user->vectors, number * sizeof(int8_t *));
        }
        csimd_arena_release(shard->arena, user->vectors);
        user->vectors = vectors;
        user->vectors_capacity = (uint16_t)capacity;
    }
    int8_t *copy = csimd_arena_allocate(shard->arena, CSIMD_DIMENSION_MAX, 64);
    if (copy == NULL) {
        return UINT32_MAX;
    }
    memcpy(copy, vector, dimension);
    user->vectors[number] = copy;
    return number;
}

static void drop_vector(csimd_shard *shard, csimd_user *user, const csimd_signal *signal) {
    if (is_vector(signal)) {
        csimd_arena_release(shard->arena, user->vectors[signal->subject]);
        user->vectors[signal->subject] = NULL;
    }
}

csimd_status csimd_user_add(csimd_shard *shard, csimd_user *user, uint32_t key, size_t limit,
                            const csimd_signal *signal, const int8_t *vector, size_t dimension,
                            csimd_signal *dropped, bool *has_dropped) {
    assert(key < CSIMD_RINGS_MAX && limit > 0 && limit <= CSIMD_RING_ENTRIES_MAX);
    assert(is_vector(signal) == (vector != NULL));
    *has_dropped = false;
    signal_ring *ring = obtain_ring(shard, user, key);
    if (ring == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    size_t place = ring->count;
    while (place > 0 && ring->signals[place - 1].time_ms > signal->time_ms) {
        place -= 1;
    }
    bool is_full = ring->count == limit;
    if (is_full && place == 0) {
        *dropped = *signal;
        *has_dropped = true;
        return CSIMD_STATUS_OK;
    }
    if (!is_full && ring_reserve(shard, ring, limit) != CSIMD_STATUS_OK) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    csimd_signal entry = *signal;
    if (vector != NULL) {
        entry.subject = store_vector(shard, user, vector, dimension);
        if (entry.subject == UINT32_MAX) {
            return CSIMD_STATUS_NO_MEMORY;
        }
    }
    if (is_full) {
        *dropped = ring->signals[0];
        *has_dropped = true;
        drop_vector(shard, user, dropped);
        place -= 1;
        memmove(&ring->signals[0], &ring->signals[1], place * sizeof(csimd_signal));
    } else {
        memmove(&ring->signals[place + 1], &ring->signals[place],
                (ring->count - place) * sizeof(csimd_signal));
        ring->count += 1;
    }
    ring->signals[place] = entry;
    return CSIMD_STATUS_OK;
}

bool csimd_user_knows(const csimd_user *user, uint64_t event) {
    assert(event != 0);
    for (size_t i = 0; i < user->rings_count; i++) {
        const signal_ring *ring = &user->rings[i];
        for (size_t j = ring->count; j-- > 0;) {
            if (ring->signals[j].event == event) {
                return true;
            }
        }
    }
    for (size_t i = 0; i < user->impressions_count; i++) {
        if (user->impressions[i].event == event) {
            return true;
        }
    }
    return false;
}

/* -- Impressions --------------------------------------------------------------------------------
 */

static csimd_status impressions_reserve(csimd_shard *shard, csimd_user *user) {
    if (user->impressions_count < user->impressions_capacity) {
        return CSIMD_STATUS_OK;
    }
    size_t capacity = user->impressions_capacity == 0 ? IMPRESSIONS_CAPACITY_MIN
                                                      : (size_t)user->impressions_capacity * 2;
    csimd_impression *impressions =
        csimd_arena_allocate(shard->arena, capacity * sizeof(csimd_impression), 8);
    if (impressions == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    if (user->impressions_count > 0) {
        memcpy(impressions, user->impressions, user->impressions_count * sizeof(csimd_impression));
    }
    csimd_arena_release(shard->arena, user->impressions);
    user->impressions = impressions;
    user->impressions_capacity = (uint8_t)capacity;
    return CSIMD_STATUS_OK;
}

static bool is_longer_ago(const csimd_impression *a, const csimd_impression *b) {
    return a->last_ms < b->last_ms || (a->last_ms == b->last_ms && a->slot < b->slot);
}

static csimd_impression *longest_ago(csimd_user *user) {
    csimd_impression *oldest = &user->impressions[0];
    for (size_t i = 1; i < user->impressions_count; i++) {
        if (is_longer_ago(&user->impressions[i], oldest)) {
            oldest = &user->impressions[i];
        }
    }
    return oldest;
}

csimd_status csimd_user_add_impression(csimd_shard *shard, csimd_user *user, uint32_t slot,
                                       int64_t time_ms, uint64_t event, bool *is_new,
                                       uint32_t *dropped_slot) {
    *is_new = false;
    *dropped_slot = CSIMD_SLOT_NONE;
    for (size_t i = 0; i < user->impressions_count; i++) {
        csimd_impression *impression = &user->impressions[i];
        if (impression->slot == slot) {
            impression->count += impression->count < UINT32_MAX;
            impression->last_ms = time_ms > impression->last_ms ? time_ms : impression->last_ms;
            impression->event = event;
            return CSIMD_STATUS_OK;
        }
    }
    csimd_impression impression = {.last_ms = time_ms, .event = event, .slot = slot, .count = 1};
    if (user->impressions_count == CSIMD_IMPRESSIONS_MAX) {
        csimd_impression *oldest = longest_ago(user);
        if (!is_longer_ago(&impression, oldest)) {
            *is_new = true;
            *dropped_slot = oldest->slot;
            *oldest = impression;
        }
        return CSIMD_STATUS_OK;
    }
    if (impressions_reserve(shard, user) != CSIMD_STATUS_OK) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    *is_new = true;
    user->impressions[user->impressions_count] = impression;
    user->impressions_count += 1;
    return CSIMD_STATUS_OK;
}

/* -- Copies -------------------------------------------------------------------------------------
 */

csimd_profile *csimd_profile_create(csimd_arena *arena) {
    csimd_profile *profile = csimd_arena_allocate(arena, sizeof(csimd_profile), 64);
    if (profile == NULL) {
        return NULL;
    }
    profile->signals =
        csimd_arena_allocate(arena, CSIMD_PROFILE_SIGNALS_MAX * sizeof(csimd_signal), 64);
    profile->vectors =
        csimd_arena_allocate(arena, CSIMD_PROFILE_SIGNALS_MAX * CSIMD_DIMENSION_MAX, 64);
    return profile->signals != NULL && profile->vectors != NULL ? profile : NULL;
}

static void copy_ring(csimd_profile *profile, const csimd_user *user, const signal_ring *ring) {
    assert(profile->signals_count + ring->count <= CSIMD_PROFILE_SIGNALS_MAX);
    csimd_signal *target = &profile->signals[profile->signals_count];
    if (ring->count > 0) {
        memcpy(target, ring->signals, ring->count * sizeof(csimd_signal));
    }
    for (size_t i = 0; i < ring->count && user->vectors != NULL; i++) {
        if (is_vector(&target[i])) {
            memcpy(&profile->vectors[profile->vectors_count * CSIMD_DIMENSION_MAX],
                   user->vectors[target[i].subject], CSIMD_DIMENSION_MAX);
            target[i].subject = (uint32_t)profile->vectors_count;
            profile->vectors_count += 1;
        }
    }
    profile->rings[profile->rings_count] = (csimd_ring_range){
        .ring = ring->key,
        .first = (uint32_t)profile->signals_count,
        .count = ring->count,
    };
    profile->rings_count += 1;
    profile->signals_count += ring->count;
}

void csimd_profile_copy(csimd_profile *profile, const csimd_user *user) {
    profile->signals_count = 0;
    profile->vectors_count = 0;
    profile->rings_count = 0;
    profile->impressions_count = 0;
    if (user == NULL) {
        profile->settings = (csimd_user_settings){.notice_ms = CSIMD_NO_NOTICE};
        return;
    }
    profile->settings = csimd_user_settings_of(user);
    for (size_t i = 0; i < user->rings_count; i++) {
        copy_ring(profile, user, &user->rings[i]);
    }
    if (user->impressions_count > 0) {
        memcpy(profile->impressions, user->impressions,
               user->impressions_count * sizeof(csimd_impression));
    }
    profile->impressions_count = user->impressions_count;
}
