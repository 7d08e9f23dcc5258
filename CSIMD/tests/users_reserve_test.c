/* Users: the reserves behind full rings, and that what is about flagged items makes room among
 * itself. */
#include "items.h"

static csimd_arena *arena;
static csimd_store *store;
static csimd_shard *shard;
static csimd_profile *profile;

static csimd_user *user_named(const char *name) {
    return csimd_shard_obtain(shard, csimd_hash(name, strlen(name)), (const uint8_t *)name,
                              strlen(name));
}

static csimd_signal signal_at(int64_t time, uint32_t subject, uint64_t event) {
    return (csimd_signal){.time_ms = time, .subject = subject, .event = event};
}

/* -- Reserves -----------------------------------------------------------------------------------
 */

enum { VISIBLE = 6, RESERVE = 4, HISTORY = 40 };

static const csimd_ring_room small_room = {VISIBLE, RESERVE};

static bool add_event(csimd_user *user, uint64_t event, int64_t time_ms) {
    csimd_signal added = signal_at(time_ms, (uint32_t)event, event);
    csimd_signal dropped;
    bool has_dropped;
    csimd_user_add(shard, user, CSIMD_RING_BEHAVIOUR, small_room, &added, NULL, 0, &dropped,
                   &has_dropped);
    return !(has_dropped && dropped.event == event);
}

/* What a ring shows of a history: the newest of the signals that were not taken back, in the order
 * of time, equal times in the order of arrival. */
static bool shows_newest(const csimd_user *user, const int64_t *times, const bool *is_gone,
                         size_t count) {
    uint64_t events[HISTORY];
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_gone[i]) {
            continue;
        }
        size_t place = kept;
        while (place > 0 && times[events[place - 1] - 1] > times[i]) {
            events[place] = events[place - 1];
            place -= 1;
        }
        events[place] = i + 1;
        kept += 1;
    }
    size_t shown = kept < VISIBLE ? kept : VISIBLE;
    csimd_profile_copy(profile, user);
    if (profile->signals_count != shown) {
        return false;
    }
    for (size_t i = 0; i < shown; i++) {
        if (profile->signals[i].event != events[kept - shown + i]) {
            return false;
        }
    }
    return true;
}

/* Random histories, late signals and retractions among them: while no more are taken back than the
 * reserve holds, beyond those that came since, what is visible is what it is without them. */
static void test_reserve(void) {
    bool exact = true;
    size_t wrapped = 0;
    for (size_t turn = 0; turn < small_or(400, 8000); turn++) {
        csimd_user *user = need(user_named("reserve"));
        int64_t times[HISTORY];
        bool is_gone[HISTORY] = {false};
        size_t room = RESERVE; /* retractions that are still exact, whatever comes */
        for (size_t i = 0; i < HISTORY; i++) {
            times[i] = (int64_t)(random_below(3) > 0 ? i : random_below(i + 1));
            add_event(user, i + 1, times[i]);
            size_t past = random_below(i + 1);
            if (room > 0 && random_below(4) == 0 && !is_gone[past]) {
                uint32_t slot;
                room -= csimd_user_retract(shard, user, past + 1, &slot);
                is_gone[past] = true; /* one that is no longer held changes nothing either */
            }
            exact = exact && shows_newest(user, times, is_gone, i + 1);
            wrapped += i > VISIBLE + RESERVE;
        }
        csimd_shard_forget(shard, user);
    }
    check("retracting from rings that have wrapped leaves what would be visible without",
          exact && wrapped > 0);
}

static void test_reserve_limits(void) {
    csimd_user *user = need(user_named("reserve limits"));
    for (uint64_t event = 1; event <= VISIBLE + RESERVE + 1; event++) {
        add_event(user, event, (int64_t)event);
    }
    uint32_t slots[CSIMD_USER_SLOTS_MAX];
    csimd_profile_copy(profile, user);
    check("a copy shows the newest, the reserve keeps events and slots of older ones",
          profile->signals_count == VISIBLE && profile->signals[0].event == RESERVE + 2 &&
              csimd_user_knows(user, 2) && !csimd_user_knows(user, 1) &&
              csimd_user_slots(user, slots) == VISIBLE + RESERVE);
    csimd_profile_copy_whole(profile, user);
    csimd_ring_range range = profile->rings[0];
    check("a whole copy has the reserve before the ring",
          profile->signals_count == VISIBLE + RESERVE && range.first == RESERVE &&
              range.reserved == RESERVE && range.count == VISIBLE &&
              profile->signals[0].event == 2);
    uint32_t slot;
    bool retracted = csimd_user_retract(shard, user, 5, &slot);
    check("what is older than what is gone is not taken in, however much room there is",
          retracted && !add_event(user, 100, 0) && add_event(user, 101, 1) &&
              csimd_user_slots(user, slots) == VISIBLE + RESERVE);
    csimd_shard_forget(shard, user);
}

/* Counters of flagged items, however many, displace no other. */
static void test_flagged_impressions(void) {
    csimd_user *user = need(user_named("flagged"));
    bool is_new;
    uint32_t dropped;
    bool apart = true;
    for (uint32_t slot = 0; slot < CSIMD_PLAIN_IMPRESSIONS_MAX; slot++) {
        csimd_user_add_impression(shard, user, slot, slot, 0, false, &is_new, &dropped);
        apart = apart && is_new && dropped == CSIMD_SLOT_NONE;
    }
    for (uint32_t i = 0; i < 3 * CSIMD_FLAGGED_IMPRESSIONS_MAX; i++) {
        csimd_user_add_impression(shard, user, 500 + i, 1000 + i, 0, true, &is_new, &dropped);
        apart = apart && is_new &&
                (i < CSIMD_FLAGGED_IMPRESSIONS_MAX
                     ? dropped == CSIMD_SLOT_NONE
                     : dropped == 500 + i - CSIMD_FLAGGED_IMPRESSIONS_MAX);
    }
    csimd_user_add_impression(shard, user, 900, 2000, 0, false, &is_new, &dropped);
    check("showings of flagged items make room among themselves", apart && dropped == 0);
    csimd_shard_forget(shard, user);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    arena = need(csimd_arena_create());
    store = need(csimd_store_create(0));
    for (unsigned i = 0; i <= 1000; i++) {
        char identifier[32];
        snprintf(identifier, sizeof identifier, "item-%04u", i);
        put(store, item_named(identifier));
    }
    shard = need(csimd_shard_create(store));
    profile = need(csimd_profile_create(arena));
    test_reserve();
    test_reserve_limits();
    test_flagged_impressions();
    csimd_shard_destroy(shard);
    csimd_store_destroy(store);
    csimd_arena_destroy(arena);
    return check_end();
}
