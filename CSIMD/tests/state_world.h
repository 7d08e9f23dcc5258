/* What the tests of the state share: random worlds of items and users, copies of them, and a number
 * for what they mean. */
#ifndef CSIMD_TESTS_STATE_WORLD_H
#define CSIMD_TESTS_STATE_WORLD_H

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
    .ring_rooms = {{12, 4}, {8, 2}, {8, 0}, {6, 2}, {4, 2}, {4, 1}, {8, 3}},
};

static inline world world_create(size_t shards_count) {
    world made = {.store = need(csimd_store_create(TASTE)), .shards_count = shards_count};
    for (size_t i = 0; i < shards_count; i++) {
        made.shards[i] = need(csimd_shard_create(made.store));
    }
    return made;
}

static inline void world_destroy(world *world) {
    for (size_t i = 0; i < world->shards_count; i++) {
        csimd_shard_destroy(world->shards[i]);
    }
    csimd_store_destroy(world->store);
}

/* Shards that nobody has used; those that were are gone. */
static inline void world_clear_users(world *world) {
    for (size_t i = 0; i < world->shards_count; i++) {
        csimd_shard_destroy(world->shards[i]);
        world->shards[i] = need(csimd_shard_create(world->store));
    }
}

/* -- Random content -----------------------------------------------------------------------------
 */

static inline void put_random_item(world *world, bool staged) {
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

static inline uint32_t random_live_slot(world *world) {
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

static inline csimd_user *random_user(world *world, csimd_shard **shard) {
    char name[32];
    size_t bytes = (size_t)snprintf(name, sizeof name, "user-%zu", random_below(USERS));
    uint64_t hash = csimd_hash(name, bytes);
    *shard = world->shards[hash & (world->shards_count - 1)];
    return need(csimd_shard_obtain(*shard, hash, (const uint8_t *)name, bytes));
}

static inline void add_random_signal(world *world) {
    /* like, view, report, the same of flagged items, chat */
    static const uint8_t types[7] = {0, 6, 8, 0, 6, 8, 10};
    static const uint32_t keys[] = {CSIMD_RING_BEHAVIOUR,
                                    CSIMD_RING_VIEWS,
                                    CSIMD_RING_NEGATIVE,
                                    CSIMD_RING_CHAT,
                                    CSIMD_RING_CHAT + 3,
                                    CSIMD_RING_FLAGGED + CSIMD_RING_BEHAVIOUR,
                                    CSIMD_RING_FLAGGED + CSIMD_RING_NEGATIVE};
    csimd_shard *shard;
    csimd_user *user = random_user(world, &shard);
    uint32_t key = keys[random_below(7)];
    size_t class = key < CSIMD_RING_CHAT ? key : CSIMD_RING_CHAT;
    int8_t vector[CSIMD_TEXT_DIMENSION] = {0};
    csimd_signal signal = {
        .time_ms = (int64_t)random_below(50), .event = random_u64(), .type = types[class]};
    signal.about = class == CSIMD_RING_CHAT      ? CSIMD_ABOUT_TOPICS
                   : class >= CSIMD_RING_FLAGGED ? CSIMD_ABOUT_ITEM
                                                 : (uint8_t)random_below(4);
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
    csimd_user_add(shard, user, key, limits.ring_rooms[class], &signal,
                   dimension > 0 ? vector : NULL, dimension, &dropped, &has_dropped);
    if (signal.about == CSIMD_ABOUT_ITEM) {
        csimd_store_retain(world->store, signal.subject);
    }
    if (has_dropped && dropped.about == CSIMD_ABOUT_ITEM) {
        csimd_store_release(world->store, dropped.subject);
    }
}

static inline void add_random_impression(world *world) {
    csimd_shard *shard;
    csimd_user *user = random_user(world, &shard);
    uint32_t slot = random_live_slot(world);
    bool is_flagged = random_below(3) == 0;
    bool is_new;
    uint32_t dropped;
    csimd_user_add_impression(shard, user, slot, (int64_t)random_below(20), random_u64(),
                              is_flagged, &is_new, &dropped);
    if (is_new) {
        csimd_store_retain(world->store, slot);
    }
    if (dropped != CSIMD_SLOT_NONE) {
        csimd_store_release(world->store, dropped);
    }
}

static inline void configure_random_user(world *world) {
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
static inline void live_on(world *world, size_t turns) {
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

static inline world random_world(size_t shards_count, size_t turns, bool is_loading) {
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

static inline csimd_state_child fork_of(const world *world) {
    csimd_state_child child;
    csimd_state_source source = {world->store, (const csimd_shard *const *)world->shards,
                                 world->shards_count};
    if (csimd_state_fork(&source, &child) != CSIMD_STATUS_OK) {
        need(NULL);
    }
    return child;
}

static inline stream read_child(csimd_state_child *child, bool *is_whole) {
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

static inline stream copy_of(const world *world) {
    bool is_whole;
    csimd_state_child child = fork_of(world);
    stream read = read_child(&child, &is_whole);
    if (!is_whole) {
        need(NULL);
    }
    return read;
}

/* The bytes into an empty world, in pieces of up to `piece_max` bytes. */
static inline csimd_status restore(world *world, const uint8_t *bytes, size_t count,
                                   size_t piece_max, csimd_state_fault *fault,
                                   csimd_state_counts *counts) {
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
static inline uint64_t meaning_of(const world *world, csimd_state_counts *counts) {
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

static inline bool is_empty(const world *world) {
    csimd_store_state state = csimd_store_state_of(world->store);
    csimd_state_counts counts;
    return state.items_count == 0 && state.slots_count == 0 && meaning_of(world, &counts) == 0;
}

#endif
