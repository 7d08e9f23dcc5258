/* Rings: the signals of a user, class by class, and the vectors that some of them are about.
 *
 * A ring is an array sorted by time that grows by size class up to its limit, so that a user costs
 * what its signals cost. What a ring holds depends on the set of its signals and their order of
 * arrival at equal times, on nothing else.
 *
 * Behind the signals that a ring shows it holds a reserve of older ones. So a signal that is taken
 * out of a full ring leaves what would be there without it: the newest of the reserve moves up.
 * That is exact for as many as the reserve holds, and each signal that comes later makes up for
 * one: until the visible ones run short, what is held are the newest signals without a gap.
 * Only a signal that is older than one which is gone could not be put in its place; it is taken for
 * gone too. */
#include "users.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(csimd_signal) == 32, "an entry is 32 bytes");

/* -- Finding ------------------------------------------------------------------------------------
 */

static signal_ring *find_ring(const csimd_user *user, uint32_t key) {
    for (size_t i = 0; i < user->rings_count; i++) {
        if (user->rings[i].key == key) {
            return &user->rings[i];
        }
    }
    return NULL;
}

/* Where the signal of an event lies. */
typedef struct {
    signal_ring *ring; /* NULL when there is none */
    size_t place;
} signal_place;

static signal_place find_event(const csimd_user *user, uint64_t event) {
    for (size_t i = 0; i < user->rings_count; i++) {
        signal_ring *ring = &user->rings[i];
        for (size_t j = ring->count; j-- > 0;) {
            if (ring->signals[j].event == event) {
                return (signal_place){ring, j};
            }
        }
    }
    return (signal_place){NULL, 0};
}

bool rings_know(const csimd_user *user, uint64_t event) {
    return find_event(user, event).ring != NULL;
}

/* -- Vectors ------------------------------------------------------------------------------------
 */

static csimd_status vectors_reserve(csimd_shard *shard, csimd_user *user, size_t count) {
    if (count <= user->vectors_capacity) {
        return CSIMD_STATUS_OK;
    }
    size_t capacity = size_class(count);
    int8_t **vectors =
        block_resize(shard->arena, user->vectors, user->vectors_capacity * sizeof(int8_t *),
                     capacity * sizeof(int8_t *), 8);
    if (vectors == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    user->vectors = vectors;
    user->vectors_capacity = (uint16_t)capacity;
    return CSIMD_STATUS_OK;
}

csimd_status vectors_put(csimd_shard *shard, csimd_user *user, uint32_t number,
                         const int8_t *vector, size_t dimension) {
    assert(dimension <= CSIMD_DIMENSION_MAX);
    if (vectors_reserve(shard, user, (size_t)number + 1) != CSIMD_STATUS_OK) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    assert(user->vectors[number] == NULL);
    int8_t *copy = csimd_arena_allocate(shard->arena, CSIMD_DIMENSION_MAX, 64);
    if (copy == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    memcpy(copy, vector, dimension);
    user->vectors[number] = copy;
    return CSIMD_STATUS_OK;
}

/* Stores the vector under the least free number, which is returned; UINT32_MAX when memory runs
 * out. */
static uint32_t store_vector(csimd_shard *shard, csimd_user *user, const int8_t *vector,
                             size_t dimension) {
    uint32_t number = 0;
    while (number < user->vectors_capacity && user->vectors[number] != NULL) {
        number += 1;
    }
    csimd_status status = vectors_put(shard, user, number, vector, dimension);
    return status == CSIMD_STATUS_OK ? number : UINT32_MAX;
}

static void drop_vector(csimd_shard *shard, csimd_user *user, const csimd_signal *signal) {
    if (signal_has_vector(signal)) {
        csimd_arena_release(shard->arena, user->vectors[signal->subject]);
        user->vectors[signal->subject] = NULL;
    }
}

/* Numbers the vectors anew, ring by ring, and gives back the room that is not needed. */
static void vectors_compact(csimd_shard *shard, csimd_user *user) {
    size_t count = 0;
    for (size_t i = 0; i < user->vectors_capacity; i++) {
        count += user->vectors[i] != NULL;
    }
    if (count == 0) {
        csimd_arena_release(shard->arena, user->vectors);
        user->vectors = NULL;
        user->vectors_capacity = 0;
        return;
    }
    size_t capacity = size_class(count);
    int8_t **vectors = csimd_arena_allocate(shard->arena, capacity * sizeof(int8_t *), 8);
    if (vectors == NULL) {
        return; /* the larger table serves as well */
    }
    uint32_t number = 0;
    for (size_t i = 0; i < user->rings_count; i++) {
        for (size_t j = 0; j < user->rings[i].count; j++) {
            csimd_signal *signal = &user->rings[i].signals[j];
            if (signal_has_vector(signal)) {
                vectors[number] = user->vectors[signal->subject];
                signal->subject = number;
                number += 1;
            }
        }
    }
    assert(number == count);
    csimd_arena_release(shard->arena, user->vectors);
    user->vectors = vectors;
    user->vectors_capacity = (uint16_t)capacity;
}

/* -- Adding -------------------------------------------------------------------------------------
 */

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
    rings[place] = (signal_ring){.key = (uint16_t)key, .lost_ms = LOST_NOTHING};
    if (place < count) {
        memcpy(&rings[place + 1], &user->rings[place], (count - place) * sizeof(signal_ring));
    }
    csimd_arena_release(shard->arena, user->rings);
    user->rings = rings;
    user->rings_count = (uint8_t)(count + 1);
    return &user->rings[place];
}

static csimd_status ring_resize(csimd_shard *shard, signal_ring *ring, size_t capacity) {
    if (capacity == ring->capacity) {
        return CSIMD_STATUS_OK;
    }
    csimd_signal *signals =
        block_resize(shard->arena, ring->signals, ring->count * sizeof(csimd_signal),
                     capacity * sizeof(csimd_signal), 32);
    if (signals == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    ring->signals = signals;
    ring->capacity = (uint16_t)capacity;
    return CSIMD_STATUS_OK;
}

static csimd_status ring_reserve(csimd_shard *shard, signal_ring *ring, size_t limit) {
    size_t capacity = size_class(ring->count + 1u);
    return ring_resize(shard, ring, capacity > limit ? limit : capacity);
}

static void lose(signal_ring *ring, const csimd_signal *signal) {
    if (signal->time_ms > ring->lost_ms) {
        ring->lost_ms = signal->time_ms;
    }
}

csimd_status csimd_user_add(csimd_shard *shard, csimd_user *user, uint32_t key,
                            csimd_ring_room room, const csimd_signal *signal, const int8_t *vector,
                            size_t dimension, csimd_signal *dropped, bool *has_dropped) {
    size_t limit = (size_t)room.visible + room.reserve;
    assert(key < CSIMD_RINGS_MAX && room.visible > 0 && limit <= CSIMD_RING_HELD_MAX);
    assert(signal_has_vector(signal) == (vector != NULL));
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
    if (signal->time_ms < ring->lost_ms || (is_full && place == 0)) {
        *dropped = *signal;
        *has_dropped = true;
        lose(ring, signal);
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
        lose(ring, dropped);
        place -= 1;
        memmove(&ring->signals[0], &ring->signals[1], place * sizeof(csimd_signal));
    } else {
        memmove(&ring->signals[place + 1], &ring->signals[place],
                (ring->count - place) * sizeof(csimd_signal));
        ring->count += 1;
        ring->reserved = (uint16_t)(ring->count > room.visible ? ring->count - room.visible : 0);
    }
    ring->signals[place] = entry;
    return CSIMD_STATUS_OK;
}

/* -- Taking out ---------------------------------------------------------------------------------
 */

/* Takes an empty ring out of the user's. */
static void drop_ring(csimd_shard *shard, csimd_user *user, signal_ring *ring) {
    assert(ring->count == 0);
    csimd_arena_release(shard->arena, ring->signals);
    size_t behind = (size_t)(user->rings + user->rings_count - ring) - 1;
    memmove(ring, ring + 1, behind * sizeof(signal_ring));
    user->rings_count -= 1;
    if (user->rings_count == 0) {
        csimd_arena_release(shard->arena, user->rings);
        user->rings = NULL;
        return;
    }
    size_t bytes = user->rings_count * sizeof(signal_ring);
    signal_ring *rings = block_resize(shard->arena, user->rings, bytes, bytes, 8);
    if (rings != NULL) {
        user->rings = rings;
    }
}

bool rings_retract(csimd_shard *shard, csimd_user *user, uint64_t event, csimd_signal *removed) {
    signal_place found = find_event(user, event);
    signal_ring *ring = found.ring;
    if (ring == NULL) {
        return false;
    }
    *removed = ring->signals[found.place];
    drop_vector(shard, user, removed);
    memmove(&ring->signals[found.place], &ring->signals[found.place + 1],
            (ring->count - found.place - 1) * sizeof(csimd_signal));
    ring->count -= 1;
    ring->reserved -= ring->reserved > 0;
    if (ring->count == 0) {
        drop_ring(shard, user, ring);
    } else if (size_class(ring->count) < ring->capacity) {
        (void)ring_resize(shard, ring, size_class(ring->count)); /* or it stays larger */
    }
    if (signal_has_vector(removed)) {
        vectors_compact(shard, user);
    }
    return true;
}

void rings_release(csimd_shard *shard, csimd_user *user) {
    for (size_t i = 0; i < user->rings_count; i++) {
        csimd_arena_release(shard->arena, user->rings[i].signals);
    }
    for (size_t i = 0; i < user->vectors_capacity; i++) {
        csimd_arena_release(shard->arena, user->vectors[i]);
    }
    csimd_arena_release(shard->arena, user->rings);
    csimd_arena_release(shard->arena, user->vectors);
}
