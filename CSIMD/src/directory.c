/* Identifier -> slot: an open-addressing table over chunks of slot records that never move.
 *
 * Readers look up without a lock while the one writer inserts: an entry is published
 * by its slot number, after its slot record; a grown table is published whole, and the one it
 * replaces is left to the caller to retire. A slot goes in two steps, because a reader may have
 * found its entry just before: it is unlinked, and freed when every reader from before has gone. */
#include "store.h"

#include <assert.h>
#include <string.h>

enum {
    TABLE_ENTRIES_MIN = 1024,
    DECIMAL_DIGITS_MAX = 20,
};

#define ENTRY_FREE UINT32_C(0)
#define ENTRY_REMOVED UINT32_MAX

/* -- Keys ---------------------------------------------------------------------------------------
 */

/* Both halves of a 128-bit product, folded: every input bit reaches every output bit. */
static inline uint64_t mix(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t csimd_hash(const void *bytes, size_t count) {
    const uint8_t *cursor = bytes;
    uint64_t hash = mix(count + 1, HASH_MULTIPLIER);
    for (; count >= 8; count -= 8, cursor += 8) {
        uint64_t word;
        memcpy(&word, cursor, 8);
        hash = mix(hash ^ word, HASH_MULTIPLIER);
    }
    uint64_t tail = 0;
    if (count > 0) {
        memcpy(&tail, cursor, count);
    }
    hash = mix(hash ^ tail, HASH_MULTIPLIER ^ UINT64_C(0xA5A5A5A5A5A5A5A5));
    return hash | (hash == 0);
}

static bool parse_decimal(const uint8_t *bytes, size_t count, uint64_t *number) {
    if (count == 0 || count > DECIMAL_DIGITS_MAX || (bytes[0] == '0' && count > 1)) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t digit = (uint64_t)bytes[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

identifier_key identifier_key_of_bytes(const uint8_t *bytes, size_t count) {
    uint64_t number;
    if (parse_decimal(bytes, count, &number)) {
        identifier_key key = identifier_key_of_number(number);
        key.bytes = bytes;
        key.bytes_count = (uint32_t)count;
        return key;
    }
    return (identifier_key){
        .hash = csimd_hash(bytes, count), .bytes = bytes, .bytes_count = (uint32_t)count};
}

uint64_t identifier_prefix(const uint8_t *bytes, size_t count) {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++) {
        prefix = prefix << 8 | (i < count ? bytes[i] : 0);
    }
    return prefix;
}

int slot_compare(const slot_record *a, const slot_record *b) {
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix ? -1 : 1;
    }
    size_t shorter =
        a->identifier_bytes < b->identifier_bytes ? a->identifier_bytes : b->identifier_bytes;
    int order = memcmp(a->identifier, b->identifier, shorter);
    return order != 0 ? order : (int)a->identifier_bytes - (int)b->identifier_bytes;
}

/* -- Table --------------------------------------------------------------------------------------
 */

static identifier_table *table_create(csimd_arena *arena, uint64_t entries_count) {
    size_t bytes = sizeof(identifier_table) + entries_count * sizeof(identifier_entry);
    identifier_table *table = csimd_arena_allocate(arena, bytes, 64);
    if (table != NULL) {
        table->mask = entries_count - 1;
    }
    return table;
}

static inline uint32_t entry_slot(const identifier_entry *entry) {
    return atomic_load_explicit(&entry->slot, memory_order_acquire);
}

static void table_insert(identifier_table *table, const identifier_key *key, uint32_t slot) {
    uint64_t index = key->hash & table->mask;
    while (entry_slot(&table->entries[index]) != ENTRY_FREE) {
        index = (index + 1) & table->mask;
    }
    identifier_entry *entry = &table->entries[index];
    entry->hash = key->hash;
    entry->is_number = key->is_number;
    atomic_store_explicit(&entry->slot, slot + 1, memory_order_release);
}

static inline bool names(const directory *directory, const identifier_entry *entry, uint32_t slot,
                         const identifier_key *key) {
    if (entry->hash != key->hash || entry->is_number != key->is_number) {
        return false;
    }
    if (key->is_number) {
        return true;
    }
    const slot_record *record = directory_slot(directory, slot);
    return record->identifier_bytes == key->bytes_count &&
           memcmp(record->identifier, key->bytes, key->bytes_count) == 0;
}

static inline uint32_t find_in(const directory *directory, const identifier_table *table,
                               const identifier_key *key, uint64_t *found_index) {
    for (uint64_t index = key->hash & table->mask;; index = (index + 1) & table->mask) {
        const identifier_entry *entry = &table->entries[index];
        uint32_t slot = entry_slot(entry);
        if (slot == ENTRY_FREE) {
            return CSIMD_SLOT_NONE;
        }
        if (slot != ENTRY_REMOVED && names(directory, entry, slot - 1, key)) {
            *found_index = index;
            return slot - 1;
        }
    }
}

static identifier_key key_of_slot(const slot_record *slot) {
    return slot->is_number ? identifier_key_of_number(slot->number)
                           : identifier_key_of_bytes(slot->identifier, slot->identifier_bytes);
}

/* Room for one more entry with at least a third of the table free. */
static csimd_status reserve_entry(directory *directory, identifier_table **replaced) {
    identifier_table *table = atomic_load_explicit(&directory->table, memory_order_relaxed);
    if ((directory->entries_used + 1) * 3 <= (table->mask + 1) * 2) {
        return CSIMD_STATUS_OK;
    }
    uint64_t entries_count = table->mask + 1;
    while ((uint64_t)(directory->slots_count + 1) * 3 > entries_count) {
        entries_count *= 2;
    }
    identifier_table *grown = table_create(directory->arena, entries_count);
    if (grown == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    for (uint64_t index = 0; index <= table->mask; index++) {
        uint32_t slot = entry_slot(&table->entries[index]);
        if (slot != ENTRY_FREE && slot != ENTRY_REMOVED) {
            identifier_key key = key_of_slot(directory_slot(directory, slot - 1));
            table_insert(grown, &key, slot - 1);
        }
    }
    directory->entries_used = directory->slots_count;
    atomic_store_explicit(&directory->table, grown, memory_order_release);
    *replaced = table;
    return CSIMD_STATUS_OK;
}

/* -- Directory ----------------------------------------------------------------------------------
 */

csimd_status directory_open(directory *directory) {
    directory->arena = csimd_arena_create();
    if (directory->arena == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    identifier_table *table = table_create(directory->arena, TABLE_ENTRIES_MIN);
    if (table == NULL) {
        csimd_arena_destroy(directory->arena);
        return CSIMD_STATUS_NO_MEMORY;
    }
    atomic_store_explicit(&directory->table, table, memory_order_release);
    return CSIMD_STATUS_OK;
}

void directory_close(directory *directory) {
    csimd_arena_destroy(directory->arena);
}

uint32_t directory_find(const directory *directory, const identifier_key *key) {
    uint64_t index;
    return find_in(directory, atomic_load_explicit(&directory->table, memory_order_acquire), key,
                   &index);
}

/* Numbers are told apart by their hashes alone; names are read from their records. */
static void prefetch_records(const directory *directory, const identifier_table *table,
                             const identifier_key *keys, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = entry_slot(&table->entries[keys[i].hash & table->mask]);
        if (!keys[i].is_number && slot != ENTRY_FREE && slot != ENTRY_REMOVED) {
            __builtin_prefetch(directory_slot(directory, slot - 1));
        }
    }
}

void directory_find_all(const directory *directory, const identifier_key *keys, size_t count,
                        uint32_t *slots) {
    const identifier_table *table = atomic_load_explicit(&directory->table, memory_order_acquire);
    bool has_names = false;
    for (size_t i = 0; i < count; i++) {
        __builtin_prefetch((const void *)&table->entries[keys[i].hash & table->mask]);
        has_names |= !keys[i].is_number;
    }
    if (has_names) {
        prefetch_records(directory, table, keys, count);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t index;
        slots[i] = find_in(directory, table, &keys[i], &index);
    }
}

static uint32_t take_slot_number(directory *directory) {
    if (directory->free_head != 0) {
        uint32_t slot = directory->free_head - 1;
        directory->free_head = (uint32_t)directory_slot(directory, slot)->number;
        return slot;
    }
    if (directory->slots_made == CSIMD_ITEMS_MAX) {
        return CSIMD_SLOT_NONE;
    }
    uint32_t slot = directory->slots_made;
    if ((slot & (SLOT_CHUNK_SLOTS - 1)) == 0) {
        slot_record *chunk =
            csimd_arena_allocate(directory->arena, SLOT_CHUNK_SLOTS * sizeof(slot_record), 64);
        if (chunk == NULL) {
            return CSIMD_SLOT_NONE;
        }
        atomic_store_explicit(&directory->chunks[slot >> SLOT_CHUNK_SHIFT], chunk,
                              memory_order_release);
    }
    directory->slots_made += 1;
    return slot;
}

csimd_status directory_obtain(directory *directory, const identifier_key *key, uint32_t *slot,
                              identifier_table **replaced) {
    assert(key->bytes != NULL && key->bytes_count <= CSIMD_IDENTIFIER_MAX);
    *replaced = NULL;
    *slot = directory_find(directory, key);
    if (*slot != CSIMD_SLOT_NONE) {
        return CSIMD_STATUS_OK;
    }
    csimd_status status = reserve_entry(directory, replaced);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    uint8_t *identifier = csimd_arena_allocate(directory->arena, key->bytes_count, 1);
    if (identifier == NULL) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    *slot = take_slot_number(directory);
    if (*slot == CSIMD_SLOT_NONE) {
        csimd_arena_release(directory->arena, identifier);
        return directory->slots_made == CSIMD_ITEMS_MAX ? CSIMD_STATUS_FULL
                                                        : CSIMD_STATUS_NO_MEMORY;
    }
    memcpy(identifier, key->bytes, key->bytes_count);
    *directory_slot(directory, *slot) = (slot_record){
        .number = key->number,
        .identifier = identifier,
        .prefix = identifier_prefix(identifier, key->bytes_count),
        .identifier_bytes = (uint8_t)key->bytes_count,
        .is_number = key->is_number,
        .state = SLOT_USED,
    };
    directory->slots_count += 1;
    directory->entries_used += 1;
    table_insert(atomic_load_explicit(&directory->table, memory_order_relaxed), key, *slot);
    return CSIMD_STATUS_OK;
}

void directory_unlink(directory *directory, uint32_t slot) {
    slot_record *record = directory_slot(directory, slot);
    assert(record->references_count == 0);
    identifier_key key = key_of_slot(record);
    identifier_table *table = atomic_load_explicit(&directory->table, memory_order_relaxed);
    uint64_t index = 0;
    uint32_t found = find_in(directory, table, &key, &index);
    assert(found == slot);
    (void)found;
    atomic_store_explicit(&table->entries[index].slot, ENTRY_REMOVED, memory_order_release);
    record->state = SLOT_UNLINKED;
    directory->slots_count -= 1;
}

void directory_free(directory *directory, uint32_t slot) {
    slot_record *record = directory_slot(directory, slot);
    assert(record->state == SLOT_UNLINKED);
    csimd_arena_release(directory->arena, (void *)record->identifier);
    *record = (slot_record){.number = directory->free_head};
    directory->free_head = slot + 1;
}
