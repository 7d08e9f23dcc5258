/* Impressions: how often a user was shown an item.
 *
 * A counter keeps its newest showings one by one, so that each of them can be told again and taken
 * back; of those before it knows only how many there were, and the latest time. Counters lie in the
 * order of slots, whichever of them came first. */
#include "store.h"
#include "users.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(csimd_impression) == 64, "a counter is one cache line");
_Static_assert(CSIMD_IMPRESSIONS_MAX <= UINT8_MAX, "counters are counted in 8 bits");

uint32_t csimd_impression_count(const csimd_impression *impression) {
    return (uint32_t)impression->earlier_count + impression->newest_count;
}

int64_t csimd_impression_last_ms(const csimd_impression *impression) {
    int64_t last_ms = impression->earlier_ms;
    for (size_t i = 0; i < impression->newest_count; i++) {
        int64_t time_ms = impression->newest[i].time_ms;
        last_ms = time_ms > last_ms ? time_ms : last_ms;
    }
    return last_ms;
}

/* -- Counting -----------------------------------------------------------------------------------
 */

/* Showings lie in the order in which they came, the first of them first. */
static void add_showing(csimd_impression *impression, csimd_showing showing) {
    if (impression->newest_count == CSIMD_IMPRESSION_SHOWINGS) {
        int64_t time_ms = impression->newest[0].time_ms;
        impression->earlier_ms =
            time_ms > impression->earlier_ms ? time_ms : impression->earlier_ms;
        impression->earlier_count += impression->earlier_count < UINT16_MAX;
        memmove(&impression->newest[0], &impression->newest[1],
                (CSIMD_IMPRESSION_SHOWINGS - 1) * sizeof(csimd_showing));
        impression->newest_count -= 1;
    }
    impression->newest[impression->newest_count] = showing;
    impression->newest_count += 1;
}

static csimd_status impressions_resize(csimd_shard *shard, csimd_user *user, size_t count) {
    size_t capacity = size_class(count);
    if (capacity == user->impressions_capacity) {
        return CSIMD_STATUS_OK;
    }
    csimd_impression *impressions = block_resize(shard->arena, user->impressions,
                                                 user->impressions_count * sizeof(csimd_impression),
                                                 capacity * sizeof(csimd_impression), 64);
    if (impressions == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    user->impressions = impressions;
    user->impressions_capacity = (uint8_t)capacity;
    return CSIMD_STATUS_OK;
}

/* Where the slot's counter lies, or would lie. */
static size_t find_place(const csimd_user *user, uint32_t slot) {
    size_t place = 0;
    while (place < user->impressions_count && user->impressions[place].slot < slot) {
        place += 1;
    }
    return place;
}

/* Of the same time, the item goes first whose identifier does: numbers of slots are given as items
 * come and go, and tell of what else the server holds. */
static bool was_shown_before(const csimd_shard *shard, const csimd_impression *a,
                             const csimd_impression *b) {
    int64_t a_ms = csimd_impression_last_ms(a);
    int64_t b_ms = csimd_impression_last_ms(b);
    if (a_ms != b_ms) {
        return a_ms < b_ms;
    }
    const directory *directory = &shard->store->directory;
    return slot_compare(directory_slot(directory, a->slot), directory_slot(directory, b->slot)) < 0;
}

/* Counters of flagged items and of others make room among themselves: what somebody was shown about
 * a sensitive matter must not change how tired an ad finds them. */
static bool has_room(const csimd_user *user, bool is_flagged) {
    size_t count = 0;
    for (size_t i = 0; i < user->impressions_count; i++) {
        count += user->impressions[i].is_flagged == is_flagged;
    }
    return count < (is_flagged ? CSIMD_FLAGGED_IMPRESSIONS_MAX : CSIMD_PLAIN_IMPRESSIONS_MAX);
}

/* Among those, of which there are some. */
static size_t place_of_longest_ago(const csimd_shard *shard, const csimd_user *user,
                                   bool is_flagged) {
    size_t oldest = user->impressions_count;
    for (size_t i = 0; i < user->impressions_count; i++) {
        if (user->impressions[i].is_flagged == is_flagged &&
            (oldest == user->impressions_count ||
             was_shown_before(shard, &user->impressions[i], &user->impressions[oldest]))) {
            oldest = i;
        }
    }
    return oldest;
}

static void take_out(csimd_user *user, size_t place) {
    size_t behind = user->impressions_count - place - 1;
    memmove(&user->impressions[place], &user->impressions[place + 1],
            behind * sizeof(csimd_impression));
    user->impressions_count -= 1;
}

static void put_in(csimd_user *user, size_t place, const csimd_impression *impression) {
    size_t behind = user->impressions_count - place;
    memmove(&user->impressions[place + 1], &user->impressions[place],
            behind * sizeof(csimd_impression));
    user->impressions[place] = *impression;
    user->impressions_count += 1;
}

csimd_status csimd_user_add_impression(csimd_shard *shard, csimd_user *user, uint32_t slot,
                                       int64_t time_ms, uint64_t event, bool is_flagged,
                                       bool *is_new, uint32_t *dropped_slot) {
    assert(time_ms >= 0);
    *is_new = false;
    *dropped_slot = CSIMD_SLOT_NONE;
    csimd_showing showing = {.time_ms = time_ms, .event = event};
    size_t place = find_place(user, slot);
    if (place < user->impressions_count && user->impressions[place].slot == slot) {
        add_showing(&user->impressions[place], showing);
        return CSIMD_STATUS_OK;
    }
    csimd_impression impression = {.slot = slot, .is_flagged = is_flagged};
    add_showing(&impression, showing);
    if (!has_room(user, is_flagged)) {
        size_t oldest = place_of_longest_ago(shard, user, is_flagged);
        if (was_shown_before(shard, &impression, &user->impressions[oldest])) {
            return CSIMD_STATUS_OK;
        }
        *dropped_slot = user->impressions[oldest].slot;
        take_out(user, oldest);
        place -= oldest < place;
    } else if (impressions_resize(shard, user, user->impressions_count + 1u) != CSIMD_STATUS_OK) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    *is_new = true;
    put_in(user, place, &impression);
    return CSIMD_STATUS_OK;
}

/* -- Events -------------------------------------------------------------------------------------
 */

/* The index of the event's showing; newest_count when the counter does not tell of it. */
static size_t showing_index(const csimd_impression *impression, uint64_t event) {
    size_t index = 0;
    while (index < impression->newest_count && impression->newest[index].event != event) {
        index += 1;
    }
    return index;
}

bool impressions_know(const csimd_user *user, uint64_t event) {
    for (size_t i = 0; i < user->impressions_count; i++) {
        const csimd_impression *impression = &user->impressions[i];
        if (showing_index(impression, event) < impression->newest_count) {
            return true;
        }
    }
    return false;
}

bool impressions_retract(csimd_shard *shard, csimd_user *user, uint64_t event, uint32_t *slot) {
    *slot = CSIMD_SLOT_NONE;
    for (size_t i = 0; i < user->impressions_count; i++) {
        csimd_impression *impression = &user->impressions[i];
        size_t index = showing_index(impression, event);
        if (index == impression->newest_count) {
            continue;
        }
        impression->newest_count -= 1;
        memmove(&impression->newest[index], &impression->newest[index + 1],
                (impression->newest_count - index) * sizeof(csimd_showing));
        impression->newest[impression->newest_count] = (csimd_showing){0};
        if (csimd_impression_count(impression) > 0) {
            return true;
        }
        *slot = impression->slot;
        take_out(user, i);
        if (user->impressions_count == 0) {
            csimd_arena_release(shard->arena, user->impressions);
            user->impressions = NULL;
            user->impressions_capacity = 0;
        } else {
            (void)impressions_resize(shard, user, user->impressions_count); /* or it stays larger */
        }
        return true;
    }
    return false;
}
