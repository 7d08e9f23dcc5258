/* What the tests of the store and of the ranking share: items that are quick to write down, and a
 * store to put them in. A test that needs more of an item changes the fields after item_named. */
#ifndef CSIMD_TESTS_ITEMS_H
#define CSIMD_TESTS_ITEMS_H

#include "check.h"
#include "csimd_rank.h"

static inline size_t small_or(size_t small, size_t full) {
    return check_is_small ? small : full;
}

/* An item of kind 0 that may always be shown. The identifier is not copied. */
static inline csimd_item item_named(const char *identifier) {
    return (csimd_item){
        .identifier = (const uint8_t *)identifier,
        .identifier_bytes = strlen(identifier),
        .expires_ms = CSIMD_NO_EXPIRY,
    };
}

static inline csimd_status put(csimd_store *store, csimd_item item) {
    csimd_status status = csimd_store_put(store, &item, false);
    csimd_store_reclaim(store);
    return status;
}

static inline csimd_status put_staged(csimd_store *store, csimd_item item) {
    csimd_status status = csimd_store_put(store, &item, true);
    csimd_store_reclaim(store);
    return status;
}

static inline bool drop(csimd_store *store, const char *identifier, bool staged) {
    bool found = csimd_store_remove(store, (const uint8_t *)identifier, strlen(identifier), staged);
    csimd_store_reclaim(store);
    return found;
}

static inline uint32_t slot_named(csimd_store *store, const char *identifier) {
    return csimd_store_slot(store, (const uint8_t *)identifier, strlen(identifier));
}

static inline uint32_t find_named(const csimd_reader *reader, const char *identifier) {
    return csimd_reader_find(reader, (const uint8_t *)identifier, strlen(identifier));
}

/* A request that ranks kind 0 by bid x 1/2, so that scores are easy to choose. */
static inline csimd_rank_setup setup_by_bid(void) {
    return (csimd_rank_setup){
        .kinds = 1, .is_ads = true, .freshness_half_life_ms = 1, .fatigue_half_life_ms = 1};
}

static inline void fill_row(int8_t *row, size_t count) {
    for (size_t i = 0; i < count; i++) {
        row[i] = random_byte();
    }
}

#endif
