/* Users as bytes: in a stream with items and products by number, and in words that mean the same on
 * every server, for a digest.
 *
 *   identifier length 1 | is configured 1 | regions 1 | suppressed 1 | rings 1 | impressions 1 |
 *   language 2 | links 4, or as many hashes | notice 8 | identifier |
 *   regions: from 8, region 2 | suppressed: topic 2 |
 *   rings: key 1, lost time 8, or class and product's hash; count 2, signals |
 *   impressions: item, earlier count 2, newest count 1, is flagged 1, earlier time 8, showings:
 *   time 8, event 8
 *
 * A signal is `about 1 | type 1 | time 8 | event 8` and its item, its topics (count 1; topic 2,
 * weight 1), or its vector. */
#include "state.h"

enum { NAMES_MAX = CSIMD_PRODUCTS_MAX };

static void sink_slot(state_sink *sink, uint32_t slot, const state_naming *naming) {
    if (naming->numbers != NULL) {
        sink_u32(sink, naming->numbers[slot]);
        return;
    }
    const slot_record *record = directory_slot(&naming->store->directory, slot);
    sink_u8(sink, record->identifier_bytes);
    sink_bytes(sink, record->identifier, record->identifier_bytes);
}

/* -- Settings -----------------------------------------------------------------------------------
 */

/* Puts a value in its place among ascending ones. */
static void insert_sorted(uint64_t *values, size_t count, uint64_t value) {
    size_t place = count;
    while (place > 0 && values[place - 1] > value) {
        values[place] = values[place - 1];
        place -= 1;
    }
    values[place] = value;
}

static void sink_links(state_sink *sink, uint32_t links, const csimd_state_names *names) {
    if (names == NULL) {
        sink_u32(sink, links);
        return;
    }
    uint64_t hashes[NAMES_MAX];
    uint8_t count = 0;
    for (uint32_t product = 0; product < CSIMD_PRODUCTS_MAX; product++) {
        if ((links >> product & 1) != 0) {
            insert_sorted(hashes, count, names->products[product]);
            count += 1;
        }
    }
    sink_u8(sink, count);
    sink_bytes(sink, hashes, count * sizeof *hashes);
}

static void sink_settings(state_sink *sink, const csimd_user *user, const state_naming *naming) {
    sink_u8(sink, user->identifier_bytes);
    sink_u8(sink, user->is_configured);
    sink_u8(sink, user->regions_count);
    sink_u8(sink, user->suppressed_count);
    sink_u8(sink, user->rings_count);
    sink_u8(sink, user->impressions_count);
    sink_u16(sink, user->language);
    sink_links(sink, user->links, naming->names);
    sink_i64(sink, user->notice_ms);
    sink_bytes(sink, user->identifier, user->identifier_bytes);
    for (size_t i = 0; i < user->regions_count; i++) {
        sink_i64(sink, user->regions[i].from_ms);
        sink_u16(sink, user->regions[i].region);
    }
    sink_bytes(sink, user->suppressed, user->suppressed_count * sizeof(uint16_t));
}

/* -- Rings --------------------------------------------------------------------------------------
 */

static void sink_topics(state_sink *sink, const csimd_signal *signal) {
    uint8_t count = 0;
    while (count < CSIMD_SIGNAL_TOPICS && signal->topic_weights[count] != 0) {
        count += 1;
    }
    sink_u8(sink, count);
    for (uint8_t i = 0; i < count; i++) {
        sink_u16(sink, signal->topics[i]);
        sink_u8(sink, signal->topic_weights[i]);
    }
}

static void sink_signal(state_sink *sink, const csimd_user *user, const csimd_signal *signal,
                        const state_naming *naming) {
    sink_u8(sink, signal->about);
    sink_u8(sink, signal->type);
    sink_i64(sink, signal->time_ms);
    sink_u64(sink, signal->event);
    switch ((csimd_about)signal->about) {
    case CSIMD_ABOUT_ITEM:
        sink_slot(sink, signal->subject, naming);
        break;
    case CSIMD_ABOUT_TOPICS:
        sink_topics(sink, signal);
        break;
    case CSIMD_ABOUT_TEXT_VECTOR:
        sink_bytes(sink, user->vectors[signal->subject], CSIMD_TEXT_DIMENSION);
        break;
    case CSIMD_ABOUT_TASTE_VECTOR: /* not asked of a catalogue, which may be on its way out */
        sink_bytes(sink, user->vectors[signal->subject], taste_bytes_of(naming->store));
        break;
    }
}

/* The hash of a chat ring's product, which orders rings whatever the products' numbers. */
static uint64_t ring_name(const signal_ring *ring, const csimd_state_names *names) {
    return ring->key < CSIMD_RING_CHAT ? 0 : names->products[ring->key - CSIMD_RING_CHAT];
}

static void sink_ring(state_sink *sink, const csimd_user *user, const signal_ring *ring,
                      const state_naming *naming) {
    if (naming->names == NULL) {
        sink_u8(sink, (uint8_t)ring->key);
        sink_i64(sink, ring->lost_ms);
    } else {
        sink_u8(sink, (uint8_t)(ring->key < CSIMD_RING_CHAT ? ring->key : CSIMD_RING_CHAT));
        sink_u64(sink, ring_name(ring, naming->names));
    }
    sink_u16(sink, ring->count);
    for (size_t i = 0; i < ring->count; i++) {
        sink_signal(sink, user, &ring->signals[i], naming);
    }
}

static bool ring_precedes(const signal_ring *a, const signal_ring *b,
                          const csimd_state_names *names) {
    if (a->key < CSIMD_RING_CHAT || b->key < CSIMD_RING_CHAT) {
        return a->key < b->key;
    }
    return ring_name(a, names) < ring_name(b, names);
}

static void sink_rings(state_sink *sink, const csimd_user *user, const state_naming *naming) {
    const signal_ring *rings[CSIMD_RINGS_MAX];
    for (size_t i = 0; i < user->rings_count; i++) {
        size_t place = i;
        while (naming->names != NULL && place > 0 &&
               ring_precedes(&user->rings[i], rings[place - 1], naming->names)) {
            rings[place] = rings[place - 1];
            place -= 1;
        }
        rings[place] = &user->rings[i];
    }
    for (size_t i = 0; i < user->rings_count; i++) {
        sink_ring(sink, user, rings[i], naming);
    }
}

/* -- Impressions --------------------------------------------------------------------------------
 */

static void sink_impression(state_sink *sink, const csimd_impression *impression,
                            const state_naming *naming) {
    sink_slot(sink, impression->slot, naming);
    sink_u16(sink, impression->earlier_count);
    sink_u8(sink, impression->newest_count);
    sink_u8(sink, impression->is_flagged);
    sink_i64(sink, impression->earlier_ms);
    for (size_t i = 0; i < impression->newest_count; i++) {
        sink_i64(sink, impression->newest[i].time_ms);
        sink_u64(sink, impression->newest[i].event);
    }
}

/* By slot in a stream; by identifier where slots mean nothing. */
static void sink_impressions(state_sink *sink, const csimd_user *user, const state_naming *naming) {
    const csimd_impression *impressions[CSIMD_IMPRESSIONS_MAX];
    const directory *directory = &naming->store->directory;
    for (size_t i = 0; i < user->impressions_count; i++) {
        const slot_record *record = directory_slot(directory, user->impressions[i].slot);
        size_t place = i;
        while (naming->numbers == NULL && place > 0 &&
               slot_compare(record, directory_slot(directory, impressions[place - 1]->slot)) < 0) {
            impressions[place] = impressions[place - 1];
            place -= 1;
        }
        impressions[place] = &user->impressions[i];
    }
    for (size_t i = 0; i < user->impressions_count; i++) {
        sink_impression(sink, impressions[i], naming);
    }
}

/* -- The whole ----------------------------------------------------------------------------------
 */

void sink_user(state_sink *sink, const csimd_user *user, const state_naming *naming,
               csimd_state_counts *counts) {
    sink_settings(sink, user, naming);
    sink_rings(sink, user, naming);
    sink_impressions(sink, user, naming);
    counts->users += 1;
    counts->impressions += user->impressions_count;
    for (size_t i = 0; i < user->rings_count; i++) {
        counts->signals += user->rings[i].count;
    }
}

size_t csimd_state_user_bytes(const csimd_store *store, const csimd_user *user,
                              const csimd_state_names *names, uint8_t *bytes,
                              csimd_state_counts *counts) {
    if (csimd_user_is_empty(user)) {
        return 0;
    }
    state_naming naming = {.store = store, .names = names};
    state_sink sink = {.bytes = bytes, .capacity = CSIMD_STATE_RECORD_MAX, .descriptor = -1};
    sink_user(&sink, user, &naming, counts);
    return sink.count;
}
