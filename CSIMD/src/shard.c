/* Shards: tables of users, found by the hash of their identifier. */
#include "users.h"

#include <assert.h>
#include <string.h>

enum { TABLE_ENTRIES_MIN = 64 };

csimd_shard *csimd_shard_create(const csimd_store *store) {
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
    *shard = (csimd_shard){
        .arena = arena, .store = store, .table = table, .mask = TABLE_ENTRIES_MIN - 1};
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

/* -- The table ----------------------------------------------------------------------------------
 */

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

static csimd_status table_resize(csimd_shard *shard, uint64_t entries_count) {
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

/* Empties an entry, and moves those behind it up that could not be found across the gap. */
static void table_empty(csimd_shard *shard, uint64_t gap) {
    uint64_t mask = shard->mask;
    for (uint64_t index = (gap + 1) & mask; shard->table[index] != NULL;
         index = (index + 1) & mask) {
        uint64_t home = shard->table[index]->hash & mask;
        bool is_home_behind_gap = ((index - home) & mask) < ((index - gap) & mask);
        if (!is_home_behind_gap) {
            shard->table[gap] = shard->table[index];
            gap = index;
        }
    }
    shard->table[gap] = NULL;
}

csimd_user *csimd_shard_find(const csimd_shard *shard, uint64_t hash, const uint8_t *identifier,
                             size_t identifier_bytes) {
    return shard->table[table_index(shard, hash, identifier, identifier_bytes)];
}

csimd_user *csimd_shard_obtain(csimd_shard *shard, uint64_t hash, const uint8_t *identifier,
                               size_t identifier_bytes) {
    assert(identifier_bytes > 0 && identifier_bytes <= CSIMD_IDENTIFIER_MAX);
    csimd_user *user = csimd_shard_find(shard, hash, identifier, identifier_bytes);
    if (user != NULL) {
        return user;
    }
    uint64_t entries_count = shard->mask + 1;
    if ((shard->users_count + 1) * 4 > entries_count * 3 &&
        table_resize(shard, entries_count * 2) != CSIMD_STATUS_OK) {
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

void csimd_shard_forget(csimd_shard *shard, csimd_user *user) {
    uint64_t index = table_index(shard, user->hash, user->identifier, user->identifier_bytes);
    assert(shard->table[index] == user);
    table_empty(shard, index);
    shard->users_count -= 1;
    rings_release(shard, user);
    csimd_arena_release(shard->arena, user->impressions);
    csimd_arena_release(shard->arena, user->regions);
    csimd_arena_release(shard->arena, user->suppressed);
    csimd_arena_release(shard->arena, user);
    /* Not at once when half of it would do: users who come and go must not resize it each time. */
    uint64_t entries_count = shard->mask + 1;
    if (entries_count > TABLE_ENTRIES_MIN && shard->users_count * 4 < entries_count) {
        (void)table_resize(shard, entries_count / 2); /* the larger one serves as well */
    }
}
