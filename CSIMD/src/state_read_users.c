/* Users read back from a state's stream: rings are made at once in the size that adding their
 * signals one by one would have left. state_users.c draws the layout. */
#include "state.h"

enum {
    TYPE_VIEW = 6, /* Domain's SignalType, which is stored and never changes its meaning */
    TYPE_HIDE = 7,
    TYPE_REPORT = 8,
    TYPE_CHAT = 10,
};

/* The user whose record is being read. */
typedef struct {
    csimd_restoration *restoration;
    state_body *body;
    csimd_shard *shard;
    csimd_user *user;
    uint32_t vectors_count;
} user_reader;

static csimd_status refuse(user_reader *reader, const char *reason) {
    return restoration_refuse(reader->restoration, reason);
}

/* The slot of the item whose number comes next, now named once more; CSIMD_SLOT_NONE when no item
 * has the number. */
static uint32_t take_slot(user_reader *reader) {
    csimd_restoration *restoration = reader->restoration;
    uint32_t number = body_u32(reader->body);
    if (reader->body->is_short || number >= restoration->slots_count) {
        return CSIMD_SLOT_NONE;
    }
    uint32_t slot = restoration->slots[number];
    csimd_store_retain(restoration->store, slot);
    return slot;
}

/* -- Settings -----------------------------------------------------------------------------------
 */

typedef struct {
    uint8_t identifier_bytes;
    uint8_t is_configured;
    uint8_t regions_count;
    uint8_t suppressed_count;
    uint8_t rings_count;
    uint8_t impressions_count;
} user_head;

static csimd_status read_regions(user_reader *reader, csimd_user_settings *settings) {
    for (size_t i = 0; i < settings->regions_count; i++) {
        csimd_region_period *period = &settings->regions[i];
        period->from_ms = body_i64(reader->body);
        period->region = body_u16(reader->body);
        bool ascends = i == 0 || period->from_ms > settings->regions[i - 1].from_ms;
        if (!ascends || !restoration_is_time(reader->restoration, period->from_ms) ||
            period->region >= CSIMD_CODES_MAX) {
            return refuse(reader, "a user's regions are none");
        }
    }
    return CSIMD_STATUS_OK;
}

static csimd_status read_suppressed(user_reader *reader, csimd_user_settings *settings) {
    for (size_t i = 0; i < settings->suppressed_count; i++) {
        uint16_t topic = body_u16(reader->body);
        bool ascends = i == 0 || topic > settings->suppressed[i - 1];
        if (!ascends || topic >= reader->restoration->limits.topics_count) {
            return refuse(reader, "a user's suppressed topics are none");
        }
        settings->suppressed[i] = topic;
    }
    return CSIMD_STATUS_OK;
}

static csimd_status read_settings(user_reader *reader, const user_head *head) {
    csimd_restoration *restoration = reader->restoration;
    state_body *body = reader->body;
    csimd_user_settings settings = {
        .is_configured = head->is_configured,
        .regions_count = head->regions_count,
        .suppressed_count = head->suppressed_count,
    };
    settings.language = body_u16(body);
    settings.links = body_u32(body);
    settings.notice_ms = body_i64(body);
    const uint8_t *identifier = body_bytes(body, head->identifier_bytes);
    if (identifier == NULL || !restoration_is_identifier(identifier, head->identifier_bytes)) {
        return refuse(reader, "a user's identifier is none");
    }
    uint32_t products_count = restoration->limits.products_count;
    uint32_t known_links =
        (uint32_t)((UINT64_C(1) << products_count) - 1) & ~UINT32_C(1); /* 0 names no product */
    if (settings.language >= CSIMD_CODES_MAX || (settings.links & ~known_links) != 0 ||
        (settings.notice_ms != CSIMD_NO_NOTICE &&
         !restoration_is_time(restoration, settings.notice_ms))) {
        return refuse(reader, "a user's language, links or notice are none");
    }
    csimd_status status = read_regions(reader, &settings);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    status = read_suppressed(reader, &settings);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    uint64_t hash = csimd_hash(identifier, head->identifier_bytes);
    reader->shard = restoration->shards[hash & (restoration->shards_count - 1)];
    uint64_t before = csimd_shard_users_count(reader->shard);
    reader->user = csimd_shard_obtain(reader->shard, hash, identifier, head->identifier_bytes);
    if (reader->user == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    if (csimd_shard_users_count(reader->shard) == before) {
        return refuse(reader, "a user comes twice");
    }
    return csimd_user_configure(reader->shard, reader->user, &settings);
}

/* -- Rings --------------------------------------------------------------------------------------
 */

static bool belongs(uint8_t type, uint32_t ring) {
    switch (ring >= CSIMD_RING_FLAGGED && ring < CSIMD_RING_CHAT ? ring - CSIMD_RING_FLAGGED
                                                                 : ring) {
    case CSIMD_RING_BEHAVIOUR:
        return type < TYPE_VIEW;
    case CSIMD_RING_VIEWS:
        return type == TYPE_VIEW;
    case CSIMD_RING_NEGATIVE:
        return type == TYPE_HIDE || type == TYPE_REPORT;
    default:
        return type == TYPE_CHAT;
    }
}

static csimd_status read_topics(user_reader *reader, csimd_signal *signal) {
    uint8_t count = body_u8(reader->body);
    if (count > CSIMD_SIGNAL_TOPICS) {
        return refuse(reader, "a signal has too many topics");
    }
    for (uint8_t i = 0; i < count; i++) {
        signal->topics[i] = body_u16(reader->body);
        signal->topic_weights[i] = body_u8(reader->body);
        if (signal->topics[i] >= reader->restoration->limits.topics_count ||
            signal->topic_weights[i] == 0) {
            return refuse(reader, "a signal's topics are none");
        }
    }
    return CSIMD_STATUS_OK;
}

static csimd_status read_vector(user_reader *reader, csimd_signal *signal, size_t dimension) {
    const uint8_t *values = body_bytes(reader->body, dimension);
    if (dimension == 0 || values == NULL || !restoration_is_row(values, dimension)) {
        return refuse(reader, "a signal's vector is none");
    }
    signal->subject = reader->vectors_count;
    reader->vectors_count += 1;
    return vectors_put(reader->shard, reader->user, signal->subject, (const int8_t *)values,
                       dimension);
}

static csimd_status read_signal(user_reader *reader, uint32_t ring, csimd_signal *signal) {
    signal->about = body_u8(reader->body);
    signal->type = body_u8(reader->body);
    signal->time_ms = body_i64(reader->body);
    signal->event = body_u64(reader->body);
    bool is_chat = ring >= CSIMD_RING_CHAT;
    bool is_flagged = !is_chat && ring >= CSIMD_RING_FLAGGED;
    if (!belongs(signal->type, ring) || (is_chat && signal->about != CSIMD_ABOUT_TOPICS) ||
        (is_flagged && signal->about != CSIMD_ABOUT_ITEM)) {
        return refuse(reader, "a signal lies in another class's ring");
    }
    if (!restoration_is_time(reader->restoration, signal->time_ms)) {
        return refuse(reader, "a signal's time is out of range");
    }
    switch (signal->about) {
    case CSIMD_ABOUT_ITEM:
        signal->subject = take_slot(reader);
        return signal->subject != CSIMD_SLOT_NONE
                   ? CSIMD_STATUS_OK
                   : refuse(reader, "a signal names an item that has not come");
    case CSIMD_ABOUT_TOPICS:
        return read_topics(reader, signal);
    case CSIMD_ABOUT_TEXT_VECTOR:
        return read_vector(reader, signal, CSIMD_TEXT_DIMENSION);
    case CSIMD_ABOUT_TASTE_VECTOR:
        return read_vector(reader, signal, reader->restoration->live->taste_bytes);
    default:
        return refuse(reader, "a signal is about nothing that there is");
    }
}

static csimd_status read_ring(user_reader *reader, signal_ring *ring, int64_t last_key) {
    const csimd_state_limits *limits = &reader->restoration->limits;
    uint32_t key = body_u8(reader->body);
    int64_t lost_ms = body_i64(reader->body);
    uint32_t count = body_u16(reader->body);
    if ((int64_t)key <= last_key || key >= CSIMD_RING_CHAT + limits->products_count) {
        return refuse(reader, "a user has a ring that there is not");
    }
    csimd_ring_room room = limits->ring_rooms[key < CSIMD_RING_CHAT ? key : CSIMD_RING_CHAT];
    uint32_t limit = (uint32_t)room.visible + room.reserve;
    if (count == 0 || count > limit) {
        return refuse(reader, "a ring holds none or too many");
    }
    if (lost_ms != LOST_NOTHING && !restoration_is_time(reader->restoration, lost_ms)) {
        return refuse(reader, "a ring has lost something of no time");
    }
    size_t capacity = size_class(count) < limit ? size_class(count) : limit;
    csimd_signal *signals =
        csimd_arena_allocate(reader->shard->arena, capacity * sizeof *signals, 32);
    if (signals == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    *ring = (signal_ring){
        .signals = signals,
        .lost_ms = lost_ms,
        .count = (uint16_t)count,
        .capacity = (uint16_t)capacity,
        .reserved = (uint16_t)(count > room.visible ? count - room.visible : 0),
        .key = (uint16_t)key,
    };
    for (uint32_t i = 0; i < count; i++) {
        csimd_status status = read_signal(reader, key, &signals[i]);
        if (status != CSIMD_STATUS_OK) {
            return status;
        }
        if (i > 0 && signals[i].time_ms < signals[i - 1].time_ms) {
            return refuse(reader, "a ring is not in the order of time");
        }
    }
    if (signals[0].time_ms < lost_ms) {
        return refuse(reader, "a ring holds what is older than what it has lost");
    }
    return CSIMD_STATUS_OK;
}

static csimd_status read_rings(user_reader *reader, size_t count) {
    if (count == 0) {
        return CSIMD_STATUS_OK;
    }
    csimd_user *user = reader->user;
    user->rings = csimd_arena_allocate(reader->shard->arena, count * sizeof(signal_ring), 8);
    if (user->rings == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    int64_t last_key = -1;
    for (size_t i = 0; i < count; i++) {
        csimd_status status = read_ring(reader, &user->rings[i], last_key);
        if (status != CSIMD_STATUS_OK) {
            return status;
        }
        user->rings_count += 1;
        last_key = user->rings[i].key;
        reader->restoration->counts.signals += user->rings[i].count;
    }
    return CSIMD_STATUS_OK;
}

/* -- Impressions --------------------------------------------------------------------------------
 */

static csimd_status read_impression(user_reader *reader, csimd_impression *impression) {
    csimd_restoration *restoration = reader->restoration;
    impression->slot = take_slot(reader);
    if (impression->slot == CSIMD_SLOT_NONE) {
        return refuse(reader, "an impression names an item that has not come");
    }
    impression->earlier_count = body_u16(reader->body);
    impression->newest_count = body_u8(reader->body);
    impression->is_flagged = body_u8(reader->body);
    impression->earlier_ms = body_i64(reader->body);
    if (impression->newest_count > CSIMD_IMPRESSION_SHOWINGS || impression->is_flagged > 1 ||
        csimd_impression_count(impression) == 0 ||
        !restoration_is_time(restoration, impression->earlier_ms)) {
        return refuse(reader, "an impression's showings are none");
    }
    for (size_t i = 0; i < impression->newest_count; i++) {
        impression->newest[i].time_ms = body_i64(reader->body);
        impression->newest[i].event = body_u64(reader->body);
        if (!restoration_is_time(restoration, impression->newest[i].time_ms)) {
            return refuse(reader, "an impression's time is out of range");
        }
    }
    return CSIMD_STATUS_OK;
}

/* Slots are given anew, so counters may have to change places. */
static csimd_status put_in_order(user_reader *reader, const csimd_impression *impression) {
    csimd_user *user = reader->user;
    size_t place = user->impressions_count;
    while (place > 0 && user->impressions[place - 1].slot > impression->slot) {
        user->impressions[place] = user->impressions[place - 1];
        place -= 1;
    }
    if (place > 0 && user->impressions[place - 1].slot == impression->slot) {
        return refuse(reader, "an item's impressions come twice");
    }
    user->impressions[place] = *impression;
    user->impressions_count += 1;
    return CSIMD_STATUS_OK;
}

static csimd_status read_impressions(user_reader *reader, size_t count) {
    if (count == 0) {
        return CSIMD_STATUS_OK;
    }
    csimd_user *user = reader->user;
    user->impressions = csimd_arena_allocate(reader->shard->arena,
                                             size_class(count) * sizeof(csimd_impression), 64);
    if (user->impressions == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    user->impressions_capacity = (uint8_t)size_class(count);
    for (size_t i = 0; i < count; i++) {
        csimd_impression impression = {0};
        csimd_status status = read_impression(reader, &impression);
        if (status != CSIMD_STATUS_OK) {
            return status;
        }
        status = put_in_order(reader, &impression);
        if (status != CSIMD_STATUS_OK) {
            return status;
        }
    }
    size_t flagged_count = 0;
    for (size_t i = 0; i < count; i++) {
        flagged_count += user->impressions[i].is_flagged;
    }
    if (flagged_count > CSIMD_FLAGGED_IMPRESSIONS_MAX ||
        count - flagged_count > CSIMD_PLAIN_IMPRESSIONS_MAX) {
        return refuse(reader, "too many items' impressions are counted");
    }
    reader->restoration->counts.impressions += count;
    return CSIMD_STATUS_OK;
}

/* -- The whole ----------------------------------------------------------------------------------
 */

csimd_status restoration_take_user(csimd_restoration *restoration, state_body *body) {
    user_reader reader = {.restoration = restoration, .body = body};
    user_head head;
    head.identifier_bytes = body_u8(body);
    head.is_configured = body_u8(body);
    head.regions_count = body_u8(body);
    head.suppressed_count = body_u8(body);
    head.rings_count = body_u8(body);
    head.impressions_count = body_u8(body);
    if (head.is_configured > 1 || head.regions_count > CSIMD_REGION_HISTORY_MAX ||
        head.suppressed_count > CSIMD_SUPPRESSED_MAX || head.rings_count > CSIMD_RINGS_MAX ||
        head.impressions_count > CSIMD_IMPRESSIONS_MAX) {
        return refuse(&reader, "a user has more than users have");
    }
    csimd_status status = read_settings(&reader, &head);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    status = read_rings(&reader, head.rings_count);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    status = read_impressions(&reader, head.impressions_count);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    if (csimd_user_is_empty(reader.user)) {
        return refuse(&reader, "nothing is held about a user");
    }
    restoration->counts.users += 1;
    return CSIMD_STATUS_OK;
}
