/* Users: rings in the order of time, what goes when they are full, vectors, impressions, copies,
 * and that what is retracted or forgotten leaves nothing behind. */
#include "items.h"

static csimd_arena *arena;
static csimd_store *store;
static csimd_shard *shard;
static csimd_profile *profile;

/* Slots up to 1000 have identifiers in the order of their numbers; these two, the first and the
 * last of all. */
enum { FIRST_SLOT = 1001, LAST_SLOT = 1002 };

static void fill_store(void) {
    for (unsigned i = 0; i <= LAST_SLOT; i++) {
        char identifier[32];
        snprintf(identifier, sizeof identifier, "item-%04u", i);
        const char *name = i == FIRST_SLOT ? "first" : i == LAST_SLOT ? "last" : identifier;
        put(store, item_named(name));
    }
}

static csimd_user *user_named(const char *name) {
    return csimd_shard_obtain(shard, csimd_hash(name, strlen(name)), (const uint8_t *)name,
                              strlen(name));
}

static csimd_signal signal_at(int64_t time, uint32_t subject, uint64_t event) {
    return (csimd_signal){.time_ms = time, .subject = subject, .event = event};
}

/* -- Order --------------------------------------------------------------------------------------
 */

enum { RING_LIMIT = 24 };

static const csimd_ring_room plain_room = {RING_LIMIT, 0};

/* The same, written down plainly: sorted by time, equal times in order of arrival, the oldest out.
 */
static size_t plain_add(csimd_signal *ring, size_t count, csimd_signal added) {
    size_t place = count;
    while (place > 0 && ring[place - 1].time_ms > added.time_ms) {
        ring[place] = ring[place - 1];
        place -= 1;
    }
    ring[place] = added;
    if (count < RING_LIMIT) {
        return count + 1;
    }
    memmove(ring, ring + 1, RING_LIMIT * sizeof *ring);
    return RING_LIMIT;
}

static void test_order(void) {
    csimd_user *user = need(user_named("order"));
    csimd_signal plain[RING_LIMIT + 1];
    size_t count = 0;
    bool dropped_oldest = true;
    bool ordered = true;
    for (uint32_t i = 0; i < small_or(300, 3000); i++) {
        csimd_signal added = signal_at((int64_t)random_below(40), i, i + 1);
        csimd_signal oldest =
            count == RING_LIMIT && plain[0].time_ms <= added.time_ms ? plain[0] : added;
        csimd_signal dropped;
        bool has_dropped;
        csimd_user_add(shard, user, CSIMD_RING_BEHAVIOUR, plain_room, &added, NULL, 0, &dropped,
                       &has_dropped);
        dropped_oldest = dropped_oldest && has_dropped == (count == RING_LIMIT) &&
                         (!has_dropped || dropped.subject == oldest.subject);
        count = plain_add(plain, count, added);
        csimd_profile_copy(profile, user);
        ordered = ordered && profile->rings_count == 1 && profile->signals_count == count &&
                  memcmp(profile->signals, plain, count * sizeof *plain) == 0;
    }
    check("a ring is in the order of time, equal times in the order of arrival", ordered);
    check("a full ring drops its oldest signal, which may be the new one", dropped_oldest);
}

static void test_rings_apart(void) {
    static const uint32_t keys[] = {CSIMD_RING_CHAT + 31, CSIMD_RING_VIEWS, CSIMD_RING_CHAT,
                                    CSIMD_RING_BEHAVIOUR};
    csimd_user *user = need(user_named("rings"));
    csimd_signal dropped;
    bool has_dropped;
    for (uint32_t i = 0; i < 4 * 20; i++) {
        csimd_signal added = signal_at(i, keys[i % 4], i + 1);
        csimd_user_add(shard, user, keys[i % 4], (csimd_ring_room){(uint16_t)(5 + i % 4), 0},
                       &added, NULL, 0, &dropped, &has_dropped);
    }
    csimd_profile_copy(profile, user);
    bool apart = profile->rings_count == 4 && profile->signals_count == 5 + 6 + 7 + 8;
    uint32_t last_key = 0;
    for (size_t i = 0; apart && i < 4; i++) {
        csimd_ring_range range = profile->rings[i];
        apart = apart && (i == 0 || range.ring > last_key);
        last_key = range.ring;
        for (uint32_t j = 0; j < range.count; j++) {
            apart = apart && profile->signals[range.first + j].subject == range.ring;
        }
    }
    check("signals of one ring never displace those of another, and rings lie by key", apart);
}

/* -- Events -------------------------------------------------------------------------------------
 */

static void test_events(void) {
    csimd_user *user = need(user_named("events"));
    csimd_signal dropped;
    bool has_dropped;
    bool is_new;
    uint32_t dropped_slot;
    for (uint64_t event = 1; event <= 4; event++) {
        csimd_signal added = signal_at((int64_t)event, 0, event);
        csimd_user_add(shard, user, CSIMD_RING_VIEWS, (csimd_ring_room){3, 0}, &added, NULL, 0,
                       &dropped, &has_dropped);
    }
    csimd_user_add_impression(shard, user, 9, 9, 99, false, &is_new, &dropped_slot);
    check("an event is known while its signal is held",
          csimd_user_knows(user, 2) && csimd_user_knows(user, 4) && csimd_user_knows(user, 99));
    check("an event is forgotten with its signal",
          !csimd_user_knows(user, 1) && !csimd_user_knows(user, 5));
}

/* -- Vectors ------------------------------------------------------------------------------------
 */

static void test_vectors(void) {
    csimd_user *user = need(user_named("vectors"));
    uint64_t before = csimd_shard_memory(shard).allocated_bytes;
    bool right = true;
    for (int64_t i = 0; i < 60; i++) {
        int8_t vector[64];
        memset(vector, (int)(i + 1), sizeof vector);
        csimd_signal added = signal_at(i, 0, 0);
        added.about = i % 3 == 0 ? CSIMD_ABOUT_ITEM : CSIMD_ABOUT_TASTE_VECTOR;
        csimd_signal dropped;
        bool has_dropped;
        csimd_user_add(shard, user, CSIMD_RING_BEHAVIOUR, (csimd_ring_room){10, 0}, &added,
                       i % 3 == 0 ? NULL : vector, i % 3 == 0 ? 0 : 64, &dropped, &has_dropped);
        csimd_profile_copy(profile, user);
        for (size_t j = 0; j < profile->signals_count; j++) {
            const csimd_signal *held = &profile->signals[j];
            const int8_t *row = &profile->vectors[held->subject * CSIMD_DIMENSION_MAX];
            if (held->about == CSIMD_ABOUT_TASTE_VECTOR) {
                right = right && held->subject < profile->vectors_count &&
                        row[0] == held->time_ms + 1 && row[63] == row[0] && row[64] == 0 &&
                        row[CSIMD_DIMENSION_MAX - 1] == 0;
            }
        }
    }
    check("a signal keeps its own vector, padded with zeros", right);
    check("vectors go with their signals",
          csimd_shard_memory(shard).allocated_bytes < before + 16 * CSIMD_DIMENSION_MAX);
}

/* -- Impressions --------------------------------------------------------------------------------
 */

static void test_impressions(void) {
    csimd_user *user = need(user_named("impressions"));
    bool is_new;
    uint32_t dropped;
    bool counted = true;
    for (uint32_t turn = 0; turn < 3; turn++) {
        for (uint32_t slot = 0; slot < CSIMD_PLAIN_IMPRESSIONS_MAX; slot++) {
            int64_t time = 100 + slot - 10 * turn; /* later deliveries of earlier impressions */
            csimd_user_add_impression(shard, user, slot, time, turn + 1, false, &is_new, &dropped);
            counted = counted && is_new == (turn == 0) && dropped == CSIMD_SLOT_NONE;
        }
    }
    csimd_profile_copy(profile, user);
    for (size_t i = 0; i < profile->impressions_count; i++) {
        const csimd_impression *impression = &profile->impressions[i];
        counted = counted && impression->slot == i && csimd_impression_count(impression) == 3 &&
                  csimd_impression_last_ms(impression) == 100 + impression->slot;
    }
    check("impressions are counted by item, with the latest time", counted);
    csimd_user_add_impression(shard, user, 1000, 50, 0, false, &is_new, &dropped);
    check("an impression older than all that are counted is not",
          !is_new && dropped == CSIMD_SLOT_NONE);
    csimd_user_add_impression(shard, user, FIRST_SLOT, 100, 0, false, &is_new, &dropped);
    bool was_older = !is_new && dropped == CSIMD_SLOT_NONE;
    csimd_user_add_impression(shard, user, LAST_SLOT, 100, 0, false, &is_new, &dropped);
    check("of the same time, the item goes whose identifier orders first, whatever the slots",
          was_older && is_new && dropped == 0);
    csimd_user_add_impression(shard, user, 1000, 500, 0, false, &is_new, &dropped);
    check("the item shown longest ago goes", is_new && dropped == LAST_SLOT);
}

static void test_showings(void) {
    enum { SHOWN = 10 };
    csimd_user *user = need(user_named("showings"));
    bool is_new;
    uint32_t dropped;
    for (uint64_t event = 1; event <= SHOWN; event++) { /* the latest comes first */
        csimd_user_add_impression(shard, user, 4, 100 - (int64_t)event, event, false, &is_new,
                                  &dropped);
    }
    csimd_profile_copy(profile, user);
    const csimd_impression *impression = &profile->impressions[0];
    check("all showings count, the newest to come are kept",
          csimd_impression_count(impression) == SHOWN &&
              csimd_impression_last_ms(impression) == 99 &&
              impression->newest_count == CSIMD_IMPRESSION_SHOWINGS &&
              impression->newest[CSIMD_IMPRESSION_SHOWINGS - 1].event == SHOWN);
    uint32_t slot;
    check("a showing that is only counted can be neither told nor retracted",
          !csimd_user_knows(user, 1) && !csimd_user_retract(shard, user, 1, &slot));
    bool retracted = csimd_user_retract(shard, user, SHOWN - 1, &slot);
    csimd_profile_copy(profile, user);
    check("one that is kept can, and the item is still counted",
          retracted && slot == CSIMD_SLOT_NONE && csimd_impression_count(impression) == SHOWN - 1 &&
              impression->newest_count == CSIMD_IMPRESSION_SHOWINGS - 1 &&
              impression->newest[1].event == SHOWN && !csimd_user_knows(user, SHOWN - 1));
}

/* -- Retracting and forgetting ------------------------------------------------------------------
 */

/* One signal or showing, by its number, of a small mixed history without two at the same time of
 * which one could displace another. */
static void add_numbered(csimd_user *user, uint32_t number) {
    uint64_t event = number + 1;
    if (number % 5 == 0) {
        bool is_new;
        uint32_t dropped_slot;
        csimd_user_add_impression(shard, user, number % 15, (int64_t)(number * 7 % 40), event,
                                  false, &is_new, &dropped_slot);
        return;
    }
    int8_t vector[64];
    memset(vector, (int)number, sizeof vector);
    csimd_signal added = signal_at((int64_t)(number * 11 % 16), number, event);
    bool has_vector = number % 5 == 1;
    added.about = has_vector ? CSIMD_ABOUT_TEXT_VECTOR : CSIMD_ABOUT_ITEM;
    csimd_signal dropped;
    bool has_dropped;
    csimd_user_add(shard, user, number % 4, (csimd_ring_room){64, 0}, &added,
                   has_vector ? vector : NULL, has_vector ? sizeof vector : 0, &dropped,
                   &has_dropped);
}

static bool is_same_profile(const csimd_profile *a, const csimd_profile *b) {
    return a->rings_count == b->rings_count && a->signals_count == b->signals_count &&
           a->vectors_count == b->vectors_count && a->impressions_count == b->impressions_count &&
           memcmp(a->rings, b->rings, a->rings_count * sizeof *a->rings) == 0 &&
           memcmp(a->signals, b->signals, a->signals_count * sizeof *a->signals) == 0 &&
           memcmp(a->vectors, b->vectors, a->vectors_count * CSIMD_DIMENSION_MAX) == 0 &&
           memcmp(a->impressions, b->impressions, a->impressions_count * sizeof *a->impressions) ==
               0;
}

static uint64_t allocated(void) {
    return csimd_shard_memory(shard).allocated_bytes;
}

/* A user who did some things and retracts some, and another who never did those: the same bytes,
 * and the same memory. */
static void test_retract(void) {
    enum { NUMBERS = 44 }; /* of one item no more showings than its counter keeps */
    csimd_profile *other = need(csimd_profile_create(arena));
    bool same = true;
    bool same_memory = true;
    bool once = true;
    for (size_t turn = 0; turn < small_or(40, 400); turn++) {
        bool retracted[NUMBERS];
        uint64_t start = allocated();
        csimd_user *never = need(user_named("retract"));
        for (uint32_t number = 0; number < NUMBERS; number++) {
            retracted[number] = random_below(turn % 4 + 1) != 0;
            if (!retracted[number]) {
                add_numbered(never, number);
            }
        }
        csimd_profile_copy(other, never);
        uint64_t without = allocated() - start;
        csimd_shard_forget(shard, never);
        same_memory = same_memory && allocated() == start;

        csimd_user *user = need(user_named("retract"));
        uint32_t slot;
        for (uint32_t number = 0; number < NUMBERS; number++) {
            add_numbered(user, number);
            uint32_t past = (uint32_t)random_below(number + 1); /* some at once, some later */
            if (retracted[past] && csimd_user_knows(user, past + 1)) {
                once = once && csimd_user_retract(shard, user, past + 1, &slot) &&
                       !csimd_user_retract(shard, user, past + 1, &slot);
            }
        }
        for (uint32_t number = 0; number < NUMBERS; number++) {
            if (retracted[number]) {
                csimd_user_retract(shard, user, number + 1, &slot);
            }
        }
        csimd_profile_copy(profile, user);
        same = same && is_same_profile(profile, other);
        same_memory = same_memory && allocated() - start == without;
        csimd_shard_forget(shard, user);
    }
    check("what is retracted leaves the profile that never had it", same);
    check("and leaves no memory behind", same_memory);
    check("an event is retracted once", once);
}

static void test_slots(void) {
    csimd_user *user = need(user_named("slots"));
    check("a new user is empty, one with a setting is not", csimd_user_is_empty(user));
    add_numbered(user, 2);  /* an item */
    add_numbered(user, 6);  /* a vector */
    add_numbered(user, 10); /* a showing */
    uint32_t slots[CSIMD_USER_SLOTS_MAX];
    check("the slots that a user holds are told",
          csimd_user_slots(user, slots) == 2 && slots[0] == 2 && slots[1] == 10);
    uint32_t slot;
    check("retracting tells the slot that is held no more",
          csimd_user_retract(shard, user, 3, &slot) && slot == 2 &&
              csimd_user_retract(shard, user, 11, &slot) && slot == 10 &&
              csimd_user_retract(shard, user, 7, &slot) && slot == CSIMD_SLOT_NONE);
    check("who has retracted all is empty", csimd_user_is_empty(user));
    csimd_user_settings settings = csimd_user_settings_of(user);
    settings.is_configured = true;
    csimd_user_configure(shard, user, &settings);
    check("a setting keeps a user", !csimd_user_is_empty(user));
    settings = (csimd_user_settings){.notice_ms = CSIMD_NO_NOTICE, .suppressed_count = 1};
    csimd_user_configure(shard, user, &settings);
    check("so does a suppressed topic", !csimd_user_is_empty(user));
}

/* Users come and go in any order; who is there is found, and when all have gone nothing is left. */
static void test_forget(void) {
    enum { USERS = 3000 };
    static bool is_there[USERS];
    csimd_shard *own = need(csimd_shard_create(store));
    uint64_t before = csimd_shard_memory(own).allocated_bytes;
    uint64_t count = 0;
    bool right = true;
    char name[32];
    size_t turns = small_or(20000, 200000);
    for (size_t turn = 0; turn < turns + USERS; turn++) {
        bool is_leaving = turn >= turns;
        size_t number = is_leaving ? turn - turns : random_below(USERS);
        size_t bytes = (size_t)snprintf(name, sizeof name, "user-%zu", number);
        /* Few hashes: long runs in the table, around its end too. */
        uint64_t hash = csimd_hash(name, bytes) % 512 * 0x100000001 - 200;
        csimd_user *user = csimd_shard_find(own, hash, (const uint8_t *)name, bytes);
        right = right && (user != NULL) == is_there[number];
        if (user != NULL) {
            csimd_shard_forget(own, user);
            count -= 1;
        } else if (!is_leaving) {
            csimd_user_settings settings = {
                .regions_count = 1, .suppressed_count = 2, .is_configured = true};
            user = need(csimd_shard_obtain(own, hash, (const uint8_t *)name, bytes));
            csimd_user_configure(own, user, &settings);
            count += 1;
        }
        is_there[number] = user != NULL && !is_leaving && !is_there[number];
        right = right && csimd_shard_users_count(own) == count;
    }
    check("forgotten users are not found, and the others are", right);
    check("when all are forgotten, memory is what it was",
          csimd_shard_memory(own).allocated_bytes == before);
    csimd_shard_destroy(own);
}

/* -- Settings and many users --------------------------------------------------------------------
 */

static void test_settings(void) {
    csimd_user *user = need(user_named("settings"));
    csimd_user_settings settings = csimd_user_settings_of(user);
    check("a new user has no settings", settings.notice_ms == CSIMD_NO_NOTICE &&
                                            settings.links == 0 && settings.regions_count == 0);
    bool as_set = true;
    for (uint16_t count = CSIMD_REGION_HISTORY_MAX + 1; count-- > 0;) {
        settings = (csimd_user_settings){.notice_ms = 5,
                                         .links = 3,
                                         .language = 7,
                                         .regions_count = count,
                                         .suppressed_count = (uint16_t)(count * 8)};
        for (uint16_t i = 0; i < count; i++) {
            settings.regions[i] = (csimd_region_period){.from_ms = i, .region = i};
        }
        for (uint16_t i = 0; i < count * 8; i++) {
            settings.suppressed[i] = i;
        }
        csimd_user_configure(shard, user, &settings);
        csimd_profile_copy(profile, user);
        csimd_user_settings held = profile->settings;
        as_set = as_set && held.regions_count == count && held.notice_ms == 5 && held.links == 3 &&
                 held.language == 7 &&
                 (count == 0 || held.regions[count - 1].region == count - 1) &&
                 held.suppressed_count == count * 8 &&
                 (count == 0 || held.suppressed[count * 8 - 1] == count * 8 - 1);
    }
    check("settings come back as they were set", as_set);
    csimd_profile_copy(profile, NULL);
    check("nobody is a user without signals or settings",
          profile->signals_count == 0 && profile->rings_count == 0 &&
              profile->impressions_count == 0 && profile->settings.notice_ms == CSIMD_NO_NOTICE);
}

static void test_many_users(void) {
    size_t count = small_or(2000, 50000);
    uint64_t before = csimd_shard_users_count(shard);
    char name[32];
    bool made = true;
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "user-%zu", i);
        csimd_user_settings settings = {.links = (uint32_t)i};
        made = made && csimd_user_configure(shard, user_named(name), &settings) == CSIMD_STATUS_OK;
    }
    bool found = csimd_shard_users_count(shard) == before + count;
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "user-%zu", i);
        const csimd_user *user = csimd_shard_find(shard, csimd_hash(name, strlen(name)),
                                                  (const uint8_t *)name, strlen(name));
        found = found && user != NULL && csimd_user_settings_of(user).links == (uint32_t)i;
    }
    check("many users are made, and each is found again", made && found);
    uint64_t seen = 0;
    for (uint64_t entry = 0; entry < csimd_shard_entries_count(shard); entry++) {
        seen += csimd_shard_user(shard, entry) != NULL;
    }
    check("entry by entry, each is met once", seen == before + count);
    check("who was never made is not found",
          csimd_shard_find(shard, csimd_hash("nobody", 6), (const uint8_t *)"nobody", 6) == NULL);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    arena = need(csimd_arena_create());
    store = need(csimd_store_create(0));
    fill_store();
    shard = need(csimd_shard_create(store));
    profile = need(csimd_profile_create(arena));
    test_order();
    test_rings_apart();
    test_events();
    test_vectors();
    test_impressions();
    test_showings();
    test_retract();
    test_slots();
    test_forget();
    test_settings();
    test_many_users();
    csimd_shard_destroy(shard);
    csimd_store_destroy(store);
    csimd_arena_destroy(arena);
    return check_end();
}
