/* The state: written by a forked child, read back in pieces of any size into a store and shards
 * that are new, equal in meaning; and whatever is done to the bytes, the worst is a refusal after
 * which nothing is held. */
#include "items.h"

#include "csimd_state.h"

enum { SHARDS_MAX = 8, TASTE = 20, TASTE_BYTES = 64, ITEMS = 120, USERS = 40, TOPICS = 5 };

/* A store with shards of users. */
typedef struct {
    csimd_store *store;
    csimd_shard *shards[SHARDS_MAX];
    size_t shards_count;
} world;

typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
} stream;

static const csimd_state_limits limits = {
    .time_ms_max = 1000000,
    .bid_micros_max = 1000000,
    .kinds_count = 4,
    .topics_count = TOPICS,
    .products_count = 4,
    .ring_limits = {12, 8, 8, 8},
};

static world world_create(size_t shards_count) {
    world made = {.store = need(csimd_store_create(TASTE)), .shards_count = shards_count};
    for (size_t i = 0; i < shards_count; i++) {
        made.shards[i] = need(csimd_shard_create(made.store));
    }
    return made;
}

static void world_destroy(world *world) {
    for (size_t i = 0; i < world->shards_count; i++) {
        csimd_shard_destroy(world->shards[i]);
    }
    csimd_store_destroy(world->store);
}

/* Shards that nobody has used; those that were are gone. */
static void world_clear_users(world *world) {
    for (size_t i = 0; i < world->shards_count; i++) {
        csimd_shard_destroy(world->shards[i]);
        world->shards[i] = need(csimd_shard_create(world->store));
    }
}

/* -- Random content -----------------------------------------------------------------------------
 */

static void put_random_item(world *world, bool staged) {
    char identifier[32];
    int8_t text[CSIMD_TEXT_DIMENSION];
    int8_t taste[TASTE_BYTES] = {0};
    int8_t taste_signal[TASTE_BYTES] = {0};
    uint16_t codes[3] = {(uint16_t)(1 + random_below(3)), (uint16_t)random_below(CSIMD_CODES_MAX),
                         0};
    uint8_t record[40];
    size_t number = random_below(ITEMS);
    snprintf(identifier, sizeof identifier, number % 2 == 0 ? "%zu" : "item-%zu", number);
    fill_row(text, sizeof text);
    fill_row(taste, TASTE);
    fill_row(taste_signal, TASTE);
    fill_row((int8_t *)record, sizeof record);
    csimd_item item = item_named(identifier);
    item.kind = (uint32_t)random_below(4);
    item.flags = (uint32_t)random_below(8);
    item.text = random_below(3) > 0 ? text : NULL;
    item.taste = random_below(3) > 0 ? taste : NULL;
    item.taste_signal = random_below(2) > 0 ? taste_signal : item.taste;
    item.bid_micros = (int64_t)random_below(1000);
    item.created_ms = (int64_t)random_below(1000);
    item.expires_ms = random_below(2) > 0 ? CSIMD_NO_EXPIRY : 900;
    item.author = random_below(3);
    item.prior_logit = (float)random_between(-3, 3);
    item.regions = codes;
    item.regions_count = random_below(3);
    item.languages = codes;
    item.languages_count = random_below(3);
    item.record = record;
    item.record_bytes = random_below(sizeof record);
    if (staged) {
        put_staged(world->store, item);
    } else {
        put(world->store, item);
    }
}

static uint32_t random_live_slot(world *world) {
    for (;;) {
        char identifier[32];
        size_t number = random_below(ITEMS);
        snprintf(identifier, sizeof identifier, number % 2 == 0 ? "%zu" : "item-%zu", number);
        uint32_t slot = slot_named(world->store, identifier);
        if (slot != CSIMD_SLOT_NONE) {
            return slot;
        }
    }
}

static csimd_user *random_user(world *world, csimd_shard **shard) {
    char name[32];
    size_t bytes = (size_t)snprintf(name, sizeof name, "user-%zu", random_below(USERS));
    uint64_t hash = csimd_hash(name, bytes);
    *shard = world->shards[hash & (world->shards_count - 1)];
    return need(csimd_shard_obtain(*shard, hash, (const uint8_t *)name, bytes));
}

static void add_random_signal(world *world) {
    static const uint8_t types[4] = {0, 6, 8, 10}; /* like, view, report, chat */
    static const uint32_t keys[] = {CSIMD_RING_BEHAVIOUR, CSIMD_RING_VIEWS, CSIMD_RING_NEGATIVE,
                                    CSIMD_RING_CHAT, CSIMD_RING_CHAT + 3};
    csimd_shard *shard;
    csimd_user *user = random_user(world, &shard);
    uint32_t key = keys[random_below(5)];
    size_t class = key < CSIMD_RING_CHAT ? key : CSIMD_RING_CHAT;
    int8_t vector[CSIMD_TEXT_DIMENSION] = {0};
    csimd_signal signal = {
        .time_ms = (int64_t)random_below(50), .event = random_u64(), .type = types[class]};
    signal.about = class == CSIMD_RING_CHAT ? CSIMD_ABOUT_TOPICS : (uint8_t)random_below(4);
    size_t dimension = 0;
    if (signal.about == CSIMD_ABOUT_ITEM) {
        signal.subject = random_live_slot(world);
    } else if (signal.about == CSIMD_ABOUT_TOPICS) {
        for (size_t i = 0; i < 1 + random_below(CSIMD_SIGNAL_TOPICS); i++) {
            signal.topics[i] = (uint16_t)random_below(TOPICS);
            signal.topic_weights[i] = (uint8_t)(1 + random_below(255));
        }
    } else {
        dimension = signal.about == CSIMD_ABOUT_TEXT_VECTOR ? CSIMD_TEXT_DIMENSION : TASTE_BYTES;
        fill_row(vector, signal.about == CSIMD_ABOUT_TEXT_VECTOR ? CSIMD_TEXT_DIMENSION : TASTE);
    }
    csimd_signal dropped;
    bool has_dropped;
    csimd_user_add(shard, user, key, limits.ring_limits[class], &signal,
                   dimension > 0 ? vector : NULL, dimension, &dropped, &has_dropped);
    if (signal.about == CSIMD_ABOUT_ITEM) {
        csimd_store_retain(world->store, signal.subject);
    }
    if (has_dropped && dropped.about == CSIMD_ABOUT_ITEM) {
        csimd_store_release(world->store, dropped.subject);
    }
}

static void add_random_impression(world *world) {
    csimd_shard *shard;
    csimd_user *user = random_user(world, &shard);
    uint32_t slot = random_live_slot(world);
    bool is_new;
    uint32_t dropped;
    csimd_user_add_impression(shard, user, slot, (int64_t)random_below(20), random_u64(), &is_new,
                              &dropped);
    if (is_new) {
        csimd_store_retain(world->store, slot);
    }
    if (dropped != CSIMD_SLOT_NONE) {
        csimd_store_release(world->store, dropped);
    }
}

static void configure_random_user(world *world) {
    csimd_shard *shard;
    csimd_user *user = random_user(world, &shard);
    csimd_user_settings settings = {
        .notice_ms = random_below(2) > 0 ? CSIMD_NO_NOTICE : (int64_t)random_below(100),
        .links = (uint32_t)random_below(8) << 1,
        .language = (uint16_t)random_below(CSIMD_CODES_MAX),
        .regions_count = (uint16_t)random_below(CSIMD_REGION_HISTORY_MAX + 1),
        .suppressed_count = (uint16_t)random_below(TOPICS),
        .is_configured = true,
    };
    for (size_t i = 0; i < settings.regions_count; i++) {
        settings.regions[i] = (csimd_region_period){(int64_t)(i * 10), (uint16_t)random_below(600)};
    }
    for (size_t i = 0; i < settings.suppressed_count; i++) {
        settings.suppressed[i] = (uint16_t)i;
    }
    csimd_user_configure(shard, user, &settings);
}

/* Items come and go, and users with them. */
static void live_on(world *world, size_t turns) {
    for (size_t turn = 0; turn < turns; turn++) {
        char identifier[32];
        switch (random_below(8)) {
        case 0:
        case 1:
            put_random_item(world, false);
            break;
        case 2:
            snprintf(identifier, sizeof identifier, "item-%zu", random_below(ITEMS));
            drop(world->store, identifier, false);
            break;
        case 3:
            configure_random_user(world);
            break;
        case 4:
            add_random_impression(world);
            break;
        default:
            add_random_signal(world);
        }
        csimd_store_advance(world->store);
        csimd_store_reclaim(world->store);
    }
}

static world random_world(size_t shards_count, size_t turns, bool is_loading) {
    world made = world_create(shards_count);
    for (size_t i = 0; i < ITEMS; i++) {
        put_random_item(&made, false);
    }
    live_on(&made, turns);
    csimd_store_begin(made.store);
    for (size_t i = 0; i < ITEMS / 2; i++) {
        put_random_item(&made, true);
    }
    csimd_store_commit(made.store); /* what profiles name is held over */
    csimd_store_reclaim(made.store);
    live_on(&made, turns);
    if (is_loading) {
        csimd_store_begin(made.store);
        for (size_t i = 0; i < ITEMS / 2; i++) {
            put_random_item(&made, true);
        }
        drop(made.store, "0", true);
    }
    return made;
}

/* -- Copies -------------------------------------------------------------------------------------
 */

static csimd_state_child fork_of(const world *world) {
    csimd_state_child child;
    csimd_state_source source = {world->store, (const csimd_shard *const *)world->shards,
                                 world->shards_count};
    if (csimd_state_fork(&source, &child) != CSIMD_STATUS_OK) {
        need(NULL);
    }
    return child;
}

static stream read_child(csimd_state_child *child, bool *is_whole) {
    stream read = {.bytes = need(malloc(1 << 20)), .capacity = 1 << 20};
    for (;;) {
        if (read.capacity - read.count < 1 << 16) {
            read.capacity *= 2;
            read.bytes = need(realloc(read.bytes, read.capacity));
        }
        ptrdiff_t count = csimd_state_child_read(child, read.bytes + read.count, 1 << 16);
        if (count <= 0) {
            *is_whole = csimd_state_child_end(child) && count == 0;
            return read;
        }
        read.count += (size_t)count;
    }
}

static stream copy_of(const world *world) {
    bool is_whole;
    csimd_state_child child = fork_of(world);
    stream read = read_child(&child, &is_whole);
    if (!is_whole) {
        need(NULL);
    }
    return read;
}

/* The bytes into an empty world, in pieces of up to `piece_max` bytes. */
static csimd_status restore(world *world, const uint8_t *bytes, size_t count, size_t piece_max,
                            csimd_state_fault *fault, csimd_state_counts *counts) {
    csimd_restoration *restoration =
        need(csimd_restoration_create(world->store, world->shards, world->shards_count, limits));
    csimd_status status = CSIMD_STATUS_OK;
    for (size_t at = 0; at < count && status == CSIMD_STATUS_OK;) {
        size_t piece = 1 + random_below(piece_max);
        piece = piece < count - at ? piece : count - at;
        /* A copy of its own, so that a sanitizer sees what is read beside it. */
        uint8_t *copy = need(malloc(piece));
        memcpy(copy, bytes + at, piece);
        status = csimd_restoration_take(restoration, copy, piece);
        free(copy);
        at += piece;
    }
    if (status == CSIMD_STATUS_OK) {
        status = csimd_restoration_finish(restoration, 77);
    }
    *fault = csimd_restoration_fault(restoration);
    *counts = csimd_restoration_counts(restoration);
    csimd_restoration_destroy(restoration);
    if (status != CSIMD_STATUS_OK) {
        world_clear_users(world);
    }
    return status;
}

/* -- Meaning ------------------------------------------------------------------------------------
 */

/* A number for what all items and users mean, in whatever order they lie. */
static uint64_t meaning_of(const world *world, csimd_state_counts *counts) {
    static uint8_t bytes[CSIMD_STATE_RECORD_MAX];
    static const uint64_t kinds[CSIMD_KINDS_MAX + 1] = {11, 12, 13, 14};
    static const uint64_t products[CSIMD_PRODUCTS_MAX] = {0, 21, 22, 20};
    csimd_state_names names = {kinds, products};
    uint64_t sum = 0;
    *counts = (csimd_state_counts){0};
    for (uint32_t slot = 0; slot < csimd_state_slots_count(world->store); slot++) {
        for (int staged = 0; staged < 2; staged++) {
            size_t count;
            csimd_state_item item =
                csimd_state_item_bytes(world->store, slot, staged == 1, &names, bytes, &count);
            counts->items += item == CSIMD_STATE_ITEM_LIVE;
            counts->held += item == CSIMD_STATE_ITEM_HELD;
            counts->staged += item == CSIMD_STATE_ITEM_STAGED;
            sum += item == CSIMD_STATE_ITEM_NONE ? 0 : csimd_hash(bytes, count);
        }
    }
    for (size_t i = 0; i < world->shards_count; i++) {
        for (uint64_t j = 0; j < csimd_shard_entries_count(world->shards[i]); j++) {
            const csimd_user *user = csimd_shard_user(world->shards[i], j);
            size_t count = 0;
            if (user != NULL) {
                count = csimd_state_user_bytes(world->store, user, &names, bytes, counts);
            }
            sum += count == 0 ? 0 : csimd_hash(bytes, count);
        }
    }
    return sum;
}

static bool is_empty(const world *world) {
    csimd_store_state state = csimd_store_state_of(world->store);
    csimd_state_counts counts;
    return state.items_count == 0 && state.slots_count == 0 && meaning_of(world, &counts) == 0;
}

/* -- Tests --------------------------------------------------------------------------------------
 */

static void test_round_trip(void) {
    bool same = true;
    bool counted = true;
    bool has_all = true;
    bool goes_on = true;
    for (size_t round = 0; round < small_or(2, 12); round++) {
        world original = random_world(1u << round % 4, 100 << round % 4, round % 2 == 1);
        world restored = world_create(1u << (round + 2) % 4);
        stream copy = copy_of(&original);
        csimd_state_fault fault;
        csimd_state_counts counts;
        csimd_state_counts expected;
        csimd_state_counts found;
        same = same && restore(&restored, copy.bytes, copy.count, round % 3 == 0 ? 3 : 100000,
                               &fault, &counts) == CSIMD_STATUS_OK;
        uint64_t meaning = meaning_of(&original, &expected);
        same = same && meaning == meaning_of(&restored, &found);
        counted = counted && memcmp(&expected, &counts, sizeof counts) == 0 &&
                  memcmp(&found, &counts, sizeof counts) == 0;
        has_all = has_all && counts.items > 0 && counts.users > 0 && counts.signals > 0 &&
                  counts.impressions > 0 && counts.held > 0 && (counts.staged > 0) == (round % 2);
        /* What comes later has the same effect, also on what was full. */
        uint64_t state = random_state;
        live_on(&original, 300);
        random_state = state;
        live_on(&restored, 300);
        goes_on = goes_on && meaning_of(&original, &expected) == meaning_of(&restored, &found);
        free(copy.bytes);
        world_destroy(&original);
        world_destroy(&restored);
    }
    check("what was copied and read back means the same, whatever the shards and pieces", same);
    check("a stream, its reader and the digest count alike", counted);
    check("the streams of this test have everything in them", has_all);
    check("what comes later has the same effect", goes_on);
}

static void test_moment(void) {
    world original = random_world(2, 300, true);
    csimd_state_counts counts;
    uint64_t meaning = meaning_of(&original, &counts);
    csimd_state_child child = fork_of(&original);
    live_on(&original, 500);
    bool is_whole;
    stream copy = read_child(&child, &is_whole);
    world restored = world_create(4);
    csimd_state_fault fault;
    bool same =
        restore(&restored, copy.bytes, copy.count, 4096, &fault, &counts) == CSIMD_STATUS_OK;
    check("a copy stands for the moment of its fork, whatever comes while it is read",
          is_whole && same && meaning_of(&restored, &counts) == meaning &&
              meaning_of(&original, &counts) != meaning);
    check("readers go on from the sequence of the copy",
          csimd_store_state_of(restored.store).sequence >= 77);
    free(copy.bytes);
    world_destroy(&original);
    world_destroy(&restored);
}

static void test_child_let_go(void) {
    world original = random_world(1, small_or(300, 3000), false);
    csimd_state_child child = fork_of(&original);
    uint8_t first;
    bool has_begun = csimd_state_child_read(&child, &first, 1) == 1;
    csimd_state_child_end(&child);
    check("a child that nobody reads ends", has_begun && child.descriptor == -1);
    check("and is ended once", !csimd_state_child_end(&child));
    world_destroy(&original);
}

/* Refuses what was cut off, at every place. */
static void test_truncation(const stream *copy) {
    world target = world_create(2);
    bool refused = true;
    bool emptied = true;
    size_t step = copy->count / small_or(40, 400) + 1;
    for (size_t count = 0; count < copy->count; count += count < 64 ? 1 : step) {
        csimd_state_fault fault;
        csimd_state_counts counts;
        csimd_status status = restore(&target, copy->bytes, count, 100000, &fault, &counts);
        refused = refused && status == CSIMD_STATUS_DAMAGED && fault.reason != NULL &&
                  fault.offset <= count;
        emptied = emptied && is_empty(&target);
    }
    check("a stream that was cut off is refused, with the reason and the place", refused);
    check("and nothing of it is held", emptied);
    csimd_state_fault fault;
    csimd_state_counts counts;
    check("then the whole one is taken",
          restore(&target, copy->bytes, copy->count, 1000, &fault, &counts) == CSIMD_STATUS_OK);
    world_destroy(&target);
}

/* What a flipped bit leaves is refused, or is another state that can be held. */
static void test_flips(const stream *copy) {
    world target = world_create(2);
    bool emptied = true;
    bool described = true;
    size_t refusals = 0;
    size_t flips = small_or(60, 1500);
    uint8_t *bytes = need(malloc(copy->count));
    for (size_t i = 0; i < flips; i++) {
        memcpy(bytes, copy->bytes, copy->count);
        for (size_t j = 0; j < 1 + random_below(3); j++) {
            bytes[random_below(copy->count)] ^= (uint8_t)(1u << random_below(8));
        }
        csimd_state_fault fault;
        csimd_state_counts counts;
        if (restore(&target, bytes, copy->count, 100000, &fault, &counts) == CSIMD_STATUS_OK) {
            (void)meaning_of(&target, &counts);
            live_on(&target, 20);
            world_destroy(&target);
            target = world_create(2);
        } else {
            refusals += 1;
            described = described && fault.reason != NULL;
            emptied = emptied && is_empty(&target);
        }
    }
    check("flipped bits are refused with a reason, or make a state that can be lived in",
          described && refusals > flips / 10);
    check("a refused one leaves nothing", emptied);
    free(bytes);
    world_destroy(&target);
}

static void test_rubbish(const stream *copy) {
    world target = world_create(1);
    csimd_state_fault fault;
    csimd_state_counts counts;
    bool refused = true;
    uint8_t *bytes = need(malloc(copy->count + 5));
    for (size_t i = 0; i < small_or(20, 300); i++) {
        size_t count = 1 + random_below(4000);
        fill_row((int8_t *)bytes, count);
        bytes[0] = (uint8_t)"SIUBTE"[random_below(6)];
        memset(bytes + 2, 0, count > 5 ? 3 : 0); /* a length that is there */
        refused = refused &&
                  restore(&target, bytes, count, 1000, &fault, &counts) == CSIMD_STATUS_DAMAGED;
    }
    check("rubbish is refused", refused && is_empty(&target));
    memcpy(bytes, copy->bytes, copy->count);
    memset(bytes + copy->count, 0, 5);
    check("so is what goes on behind the end",
          restore(&target, bytes, copy->count + 5, 1000, &fault, &counts) == CSIMD_STATUS_DAMAGED &&
              fault.offset == copy->count);
    free(bytes);
    world_destroy(&target);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    test_round_trip();
    test_moment();
    test_child_let_go();
    world original = random_world(2, 150, true);
    stream copy = copy_of(&original);
    test_truncation(&copy);
    test_flips(&copy);
    test_rubbish(&copy);
    free(copy.bytes);
    world_destroy(&original);
    return check_end();
}
