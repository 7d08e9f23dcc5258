/* Inside the store: what directory.c, catalogue.c, store.c and rank.c share.
 *
 * Fields that a reader may read while the writer writes are atomic; everything else is either
 * immutable once published or the writer's alone.
 */
#ifndef CSIMD_SRC_STORE_H
#define CSIMD_SRC_STORE_H

#include <stdatomic.h>

#include "csimd_store.h"

/* -- Directory ----------------------------------------------------------------------------------
 */

enum {
    SLOT_CHUNK_SHIFT = 16,
    SLOT_CHUNK_SLOTS = 1 << SLOT_CHUNK_SHIFT,
    SLOT_CHUNKS_MAX = CSIMD_ITEMS_MAX >> SLOT_CHUNK_SHIFT,
};

/* An identifier, ready to be looked up. A canonical decimal below 2^64 ("0", "17", no leading
 * zeros) is a number: packed candidates find it without ever being text. */
typedef struct {
    uint64_t hash;
    uint64_t number;
    const uint8_t *bytes; /* NULL for a number that came as one */
    uint32_t bytes_count;
    bool is_number;
} identifier_key;

/* A slot's life. It is in the queue of the retired once at most: what happens meanwhile is noted,
 * and it is queued again. */
typedef enum {
    SLOT_FREE,
    SLOT_USED,
    SLOT_RETIRED,       /* perhaps nothing holds it: it is queued to be looked at */
    SLOT_RETIRED_AGAIN, /* and something happened since */
    SLOT_UNLINKED,      /* nothing leads to it any more: it is queued to be freed */
} slot_state;

typedef struct {
    uint64_t number;
    const uint8_t *identifier;
    uint64_t prefix;           /* see identifier_prefix */
    uint32_t references_count; /* profile entries that name the slot; the writer's */
    uint8_t identifier_bytes;
    bool is_number;
    uint8_t state; /* slot_state; the writer's */
} slot_record;

_Static_assert(sizeof(slot_record) == 32, "two slots a cache line");

_Static_assert(CSIMD_IDENTIFIER_MAX <= UINT8_MAX, "identifier_bytes is one byte");

/* Written once, `slot` last: an entry that has been removed is not used again. */
typedef struct {
    uint64_t hash;
    _Atomic uint32_t slot; /* slot + 1; 0 is free, UINT32_MAX is removed */
    bool is_number;
} identifier_entry;

_Static_assert(sizeof(identifier_entry) == 16, "four entries a cache line");

/* Open addressing by hash. Numbers are told apart by their hash alone, so a packed candidate costs
 * one cache miss here and never reads a slot record. */
typedef struct {
    uint64_t mask;
    _Alignas(64) identifier_entry entries[]; /* none crosses a cache line */
} identifier_table;

typedef struct {
    csimd_arena *arena;
    _Atomic(identifier_table *) table;
    uint64_t entries_used; /* removed ones among them */
    _Atomic(slot_record *) chunks[SLOT_CHUNKS_MAX];
    uint32_t slots_made;
    uint32_t slots_count; /* those in the table */
    uint32_t free_head;   /* slot + 1 of a list through `number`; 0 is none */
} directory;

identifier_key identifier_key_of_bytes(const uint8_t *bytes, size_t bytes_count);

#define HASH_MULTIPLIER UINT64_C(0x9E3779B97F4A7C15) /* 2^64 / golden ratio */

/* Each number has a hash of its own (the finaliser of splitmix64 is a bijection), so that equal
 * hashes of numbers mean equal numbers. */
static inline identifier_key identifier_key_of_number(uint64_t number) {
    uint64_t hash = number + HASH_MULTIPLIER;
    hash = (hash ^ hash >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94D049BB133111EB);
    hash ^= hash >> 31;
    return (identifier_key){.hash = hash, .number = number, .is_number = true};
}

/* The first eight bytes as a big-endian number: orders as the bytes do, unless equal. */
uint64_t identifier_prefix(const uint8_t *bytes, size_t bytes_count);

/* Negative, 0 or positive as the bytes of a's identifier order before, with or after b's. */
int slot_compare(const slot_record *a, const slot_record *b);

csimd_status directory_open(directory *directory);
void directory_close(directory *directory);
uint32_t directory_find(const directory *directory, const identifier_key *key);

/* As directory_find for each key, in stages that each ask for what the next one reads: one after
 * the other, the lookups' cache misses would add up. */
void directory_find_all(const directory *directory, const identifier_key *keys, size_t count,
                        uint32_t *slots);

/* The slot of the key, made when it is new. `replaced` is the table that a growth left behind, for
 * the caller to retire; NULL else. */
csimd_status directory_obtain(directory *directory, const identifier_key *key, uint32_t *slot,
                              identifier_table **replaced);

/* Takes the slot out of the table; readers that found it before may still look at it. */
void directory_unlink(directory *directory, uint32_t slot);

/* Frees an unlinked slot that no reader can look at. */
void directory_free(directory *directory, uint32_t slot);

static inline slot_record *directory_slot(const directory *directory, uint32_t slot) {
    slot_record *chunk =
        atomic_load_explicit(&directory->chunks[slot >> SLOT_CHUNK_SHIFT], memory_order_acquire);
    return &chunk[slot & (SLOT_CHUNK_SLOTS - 1)];
}

/* -- Catalogue ----------------------------------------------------------------------------------
 */

enum {
    CHUNK_SHIFT = 13,
    CHUNK_ROWS = 1 << CHUNK_SHIFT,
    CHUNKS_MAX = 2 * (CSIMD_ITEMS_MAX >> CHUNK_SHIFT),
    GROUP_HELD = CSIMD_KINDS_MAX, /* rows that serve as signals only */
    GROUPS_COUNT = CSIMD_KINDS_MAX + 1,
    CODE_WORDS = (CSIMD_CODES_MAX + 63) / 64,
};

/* What a row says, in the bits of its flags that CSIMD_ITEM_* leave: a row of zeros says nothing.
 */
enum { ROW_HAS_TEXT = 64, ROW_HAS_TASTE_SIGNAL = 128 };

#define ROW_NONE UINT32_MAX
#define ALIVE UINT64_MAX

/* What the ranking reads of a row besides its vectors: one cache line.
 *
 *   born 8 | died 8 | bid 8 | created 8 | expires 8 | author 8 | prior 4 | slot 4 |
 *   text sum 2 | taste sum 2 | region set 2 | language set 1 | flags 1
 */
typedef struct {
    _Atomic uint64_t born; /* visible to sequences in [born, died) */
    _Atomic uint64_t died;
    int64_t bid_micros;
    int64_t created_ms;
    int64_t expires_ms;
    uint64_t author;
    float prior_logit;
    uint32_t slot;
    int16_t text_sum;  /* csimd_row_sum of the text values: 128 * 127 fits 16 bits */
    int16_t taste_sum; /* and 256 * 127 does */
    uint16_t region_set;
    uint8_t language_set;
    uint8_t flags;
} row_attributes;

_Static_assert(sizeof(row_attributes) == 64, "one cache line a row");
_Static_assert(CSIMD_DIMENSION_MAX * 127 <= INT16_MAX, "a row's sum fits 16 bits");
_Static_assert(CSIMD_REGION_SETS_MAX <= UINT16_MAX + 1 && CSIMD_LANGUAGE_SETS_MAX <= UINT8_MAX + 1,
               "set numbers fit their fields");

typedef struct {
    uint32_t bytes;
    uint8_t content[];
} row_record;

/* What all rows that a chunk has ever held have in common: it only widens, and is widened before a
 * row is published, so a reader knows the bounds of every row that it may see. A chunk all of whose
 * rows may be candidates is then scanned without a look at their attributes. */
typedef struct {
    _Atomic uint64_t born_max;
    _Atomic int64_t created_max;
    _Atomic int64_t expires_min;
    _Atomic uint64_t region_sets;    /* one bit a set; the last stands for all further ones */
    _Atomic uint64_t language_sets;  /* likewise */
    _Atomic uint32_t text_norm2_max; /* sum of squares */
    _Atomic uint32_t taste_norm2_max;
    _Atomic uint32_t published; /* rows, counted after the above */
    _Atomic uint32_t deaths;
    _Atomic bool has_sensitive;
} chunk_bounds;

/* Rows of one group. A row's vectors lie side by side, [text 128 | taste], so that one gather reads
 * them all; what only signals need lies apart. */
typedef struct {
    int8_t *rows;
    int8_t *signals; /* taste as a signal; NULL without a taste space */
    row_attributes *attributes;
    float *priors;      /* for scans: CSIMD_COLUMN_MISSING without one, no number if sensitive */
    float *bid_logs;    /* likewise: the bid's logarithm, rounded up */
    float *created;     /* likewise: seconds, rounded up; -infinity without a date */
    uint64_t *prefixes; /* identifier_prefix of each row's item */
    _Atomic uint32_t *previous; /* the item's row before this one, or the next free row */
    row_record **records;
    _Atomic uint32_t used;
    uint32_t group;
    chunk_bounds bounds;
} row_chunk;

typedef struct {
    uint32_t open_chunk; /* index, or UINT32_MAX */
    uint32_t free_head;  /* row, or ROW_NONE */
} row_group;

typedef struct {
    uint64_t words[CODE_WORDS];
} code_set;

typedef struct catalogue {
    csimd_arena *arena;
    size_t taste_bytes; /* padded dimension */
    size_t row_bytes;
    _Atomic(row_chunk *) *chunks; /* CHUNKS_MAX */
    _Atomic uint32_t chunks_count;
    row_group groups[GROUPS_COUNT];
    _Atomic(_Atomic uint32_t *) slot_rows[SLOT_CHUNKS_MAX]; /* row + 1; 0 is none */
    code_set *region_sets;                                  /* set 0 is everywhere */
    code_set *language_sets;
    _Atomic uint32_t region_sets_count;
    _Atomic uint32_t language_sets_count;
    uint64_t committed; /* the sequence from which on it is the catalogue */
    uint64_t items_count;
    uint64_t rows_count;
} catalogue;

catalogue *catalogue_create(size_t taste_dimension);
void catalogue_destroy(catalogue *catalogue);

static inline row_chunk *catalogue_chunk(const catalogue *catalogue, uint32_t row) {
    return atomic_load_explicit(&catalogue->chunks[row >> CHUNK_SHIFT], memory_order_acquire);
}

static inline row_attributes *catalogue_attributes(const catalogue *catalogue, uint32_t row) {
    return &catalogue_chunk(catalogue, row)->attributes[row & (CHUNK_ROWS - 1)];
}

/* Writes what scans read of a row whose attributes are written. */
void chunk_write_columns(row_chunk *chunk, uint32_t index);

/* log(value) within 1e-12 of itself; -infinity for what is not positive. For bounds. */
double bound_logarithm(double value);

/* Widens the chunk's bounds by a written row, before it is published. */
void chunk_widen_bounds(const catalogue *catalogue, row_chunk *chunk, uint32_t index,
                        uint64_t born);

/* The bit of a set in chunk_bounds. */
static inline uint64_t set_bit(uint32_t set) {
    return UINT64_C(1) << (set < 63 ? set : 63);
}

/* The newest row of the slot, or ROW_NONE. */
static inline uint32_t catalogue_newest(const catalogue *catalogue, uint32_t slot) {
    _Atomic uint32_t *rows =
        atomic_load_explicit(&catalogue->slot_rows[slot >> SLOT_CHUNK_SHIFT], memory_order_acquire);
    if (rows == NULL) {
        return ROW_NONE;
    }
    uint32_t row = atomic_load_explicit(&rows[slot & (SLOT_CHUNK_SLOTS - 1)], memory_order_acquire);
    return row - 1; /* 0 wraps to ROW_NONE */
}

/* The row of the slot as of `sequence`, dead or alive, or ROW_NONE. */
uint32_t catalogue_row(const catalogue *catalogue, uint32_t slot, uint64_t sequence);

/* As catalogue_row for each slot, ROW_NONE for CSIMD_SLOT_NONE, in stages as above; the rows'
 * attributes have been read. */
void catalogue_rows(const catalogue *catalogue, const uint32_t *slots, size_t count,
                    uint64_t sequence, uint32_t *rows);

csimd_room catalogue_room(const catalogue *catalogue, const csimd_item *item);

/* Writes a row for the slot, born at `born`; `*replaced` is the row that died of it, or ROW_NONE.
 */
csimd_status catalogue_put(catalogue *catalogue, uint32_t slot, uint64_t prefix,
                           const csimd_item *item, uint64_t born, uint32_t *replaced);

/* The slot's row dies at `sequence` but stays as a signal. False when there is no live row. */
bool catalogue_kill(catalogue *catalogue, uint32_t slot, uint64_t sequence);

/* Copies the slot's newest row, from another catalogue, as a row that serves as a signal only. */
csimd_status catalogue_hold(catalogue *catalogue, uint32_t slot, const struct catalogue *from);

/* Takes the next set of the regions, or of the languages, as it has been given its number; false
 * when there is no room, or no such code. */
bool catalogue_restore_set(catalogue *catalogue, bool is_language, const code_set *set);

/* Writes a row for a slot that has none, with sets that are there; of kind GROUP_HELD, one that
 * only serves as a signal. */
csimd_status catalogue_restore_row(catalogue *catalogue, uint32_t slot, uint64_t prefix,
                                   const csimd_item *item, uint32_t region_set,
                                   uint32_t language_set);

/* Takes a dead row, and every older one of its item, out of the slot's history. */
void catalogue_free_row(catalogue *catalogue, uint32_t row);

/* Forgets the slot; its rows, the newest of which is returned, stay for readers on their way. */
uint32_t catalogue_forget(catalogue *catalogue, uint32_t slot);

/* Frees a forgotten slot's rows, from the newest on; `row` may be ROW_NONE. */
void catalogue_free_rows(catalogue *catalogue, uint32_t row);

/* -- Store --------------------------------------------------------------------------------------
 */

typedef enum {
    RETIRED_ROW,      /* an item's row that a newer one replaced */
    RETIRED_SLOT,     /* perhaps nothing holds it */
    RETIRED_UNLINKED, /* a slot that nothing leads to, and its rows */
    RETIRED_CATALOGUE,
    RETIRED_TABLE,
} retired_kind;

/* Something that readers pinned before `epoch` may still look at. */
typedef struct {
    uint64_t epoch;
    void *object; /* the rows' catalogue, or what is to be destroyed */
    retired_kind kind;
    uint32_t slot;
    uint32_t row;
} retired_object;

struct csimd_reader {
    _Alignas(64) _Atomic uint64_t pinned; /* epoch + 1; 0 is unpinned */
    csimd_store *store;
    const catalogue *catalogue;
    uint64_t sequence;
    _Atomic bool is_used;
};

struct csimd_store {
    csimd_arena *arena; /* the store itself, the directory's slots, what is retired */
    directory directory;
    size_t taste_dimension;
    _Atomic(catalogue *) live;
    catalogue *staging;
    _Atomic uint64_t sequence;
    _Atomic uint64_t epoch;  /* counts changes, and the steps of reclaiming between them */
    retired_object *retired; /* a ring */
    size_t retired_capacity; /* a power of two */
    size_t retired_head;
    size_t retired_count;
    struct csimd_reader readers[CSIMD_READERS_MAX];
};

/* -- Restoring: an empty store from outside -----------------------------------------------------
 */

/* The slot of the key, made when it is new. */
csimd_status store_obtain_slot(csimd_store *store, const identifier_key *key, uint32_t *slot);

/* Makes the catalogues, of which `staging` may be NULL, those of a store that holds no item; the
 * sequence goes on from `sequence` at least. */
csimd_status store_install(csimd_store *store, catalogue *live, catalogue *staging,
                           uint64_t sequence);

/* Lets go of all slots of a store that holds no item, whoever named them. */
void store_abandon_slots(csimd_store *store);

#endif
