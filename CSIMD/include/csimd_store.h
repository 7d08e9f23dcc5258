/* What the core stores: items, by identifier and by row.
 *
 * Three layers, each in a file of its own:
 *
 *   directory.c   identifier -> slot. A slot is an item's stable number; it outlives updates and
 *                 whole catalogues for as long as the item lives or a profile names it.
 *   catalogue.c   slot -> row. Rows are written once and carry [born, died) in the change sequence:
 *                 an update writes a new row. Rows of one kind lie together, in chunks.
 *   store.c       the change sequence, readers' pins, and what waits to be reclaimed.
 *
 * Writers come one at a time (the caller holds a lock); readers take no lock. A reader pins the
 * sequence, sees exactly the catalogue of that instant until it unpins, and nothing that it can
 * look at is reclaimed meanwhile.
 */
#ifndef CSIMD_STORE_H
#define CSIMD_STORE_H

#include "csimd.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CSIMD_KINDS_MAX = 32,
    CSIMD_IDENTIFIER_MAX = 128,    /* bytes */
    CSIMD_READERS_MAX = 256,       /* threads that rank */
    CSIMD_CODES_MAX = 677,         /* region and language codes: 0 unknown, 1 + 26 a + b */
    CSIMD_REGION_SETS_MAX = 4096,  /* distinct region lists in one catalogue */
    CSIMD_LANGUAGE_SETS_MAX = 256, /* distinct language lists in one catalogue */
    CSIMD_ITEMS_MAX = 1 << 28,
    CSIMD_ITEM_RECORD_MAX = 1 << 20, /* the cold part of an item, in bytes */
};

#define CSIMD_SLOT_NONE UINT32_MAX
#define CSIMD_NO_EXPIRY INT64_MAX

typedef struct csimd_store csimd_store;
typedef struct csimd_reader csimd_reader;

/* Properties of an item, as bits. */
enum {
    CSIMD_ITEM_SENSITIVE = 1, /* its text is sensitive: no interest serves it or is learned by it */
    CSIMD_ITEM_HAS_PRIOR = 2,
    CSIMD_ITEM_HAS_CREATED = 4,
};

/* An item to be written; everything is copied. Vectors are dimension values in [-127, 127]. */
typedef struct {
    const uint8_t *identifier;
    size_t identifier_bytes;
    uint32_t kind; /* < CSIMD_KINDS_MAX */
    uint32_t flags;
    const int8_t *text;         /* CSIMD_TEXT_DIMENSION; NULL is all zero */
    const int8_t *taste;        /* the taste dimension; NULL is all zero */
    const int8_t *taste_signal; /* likewise; NULL is all zero */
    int64_t bid_micros;
    int64_t created_ms;
    int64_t expires_ms; /* CSIMD_NO_EXPIRY for none */
    uint64_t author;    /* a hash; 0 for none */
    float prior_logit;
    const uint16_t *regions; /* codes; none is everywhere */
    size_t regions_count;
    const uint16_t *languages;
    size_t languages_count;
    const void *record; /* the cold part: opaque bytes that come back from csimd_item_view */
    size_t record_bytes;
} csimd_item;

/* What a reader sees of an item; pointers hold until it unpins. */
typedef struct {
    const uint8_t *identifier;
    size_t identifier_bytes;
    uint32_t slot;
    uint32_t kind;
    uint32_t flags;
    bool live; /* may be a candidate; a dead row serves as a signal only */
    int64_t bid_micros;
    int64_t created_ms;
    int64_t expires_ms;
    uint64_t author;
    const int8_t *text;
    const int8_t *taste;
    const int8_t *taste_signal;
    const void *record;
    size_t record_bytes;
} csimd_item_view;

typedef struct {
    uint64_t sequence;
    uint64_t items_count; /* live ones */
    uint64_t slots_count; /* identifiers known, dead ones that profiles name among them */
    uint64_t rows_count;  /* rows in use, dead ones that wait among them */
    uint64_t retired_count;
    csimd_memory directory;
    csimd_memory catalogue;
    csimd_memory staging;
} csimd_store_state;

/* -- Life ------------------------------------------------------------------------------------- */

/* `taste_dimension` 0 (no taste space) or up to CSIMD_DIMENSION_MAX. NULL when memory runs out. */
csimd_store *csimd_store_create(size_t taste_dimension);
void csimd_store_destroy(csimd_store *store);

csimd_store_state csimd_store_state_of(const csimd_store *store);

/* -- Writers: one at a time ---------------------------------------------------------------------
 */

/* Whether a catalogue has room for an item's lists of regions and languages. */
typedef enum csimd_room {
    CSIMD_ROOM_NONE,
    CSIMD_ROOM_TAKEN, /* others have the same lists */
    CSIMD_ROOM_FREE,  /* the item would be the first with one of them */
} csimd_room;

/* Of the staging catalogue when `staged`. */
csimd_room csimd_store_room(const csimd_store *store, const csimd_item *item, bool staged);

/* Adds or replaces an item, in the staging catalogue when `staged`. */
csimd_status csimd_store_put(csimd_store *store, const csimd_item *item, bool staged);

/* True when there was such an item. */
bool csimd_store_remove(csimd_store *store, const uint8_t *identifier, size_t identifier_bytes,
                        bool staged);

/* Begins an empty staging catalogue; there is none yet. */
csimd_status csimd_store_begin(csimd_store *store);

/* The staging catalogue becomes the catalogue, in one step. */
csimd_status csimd_store_commit(csimd_store *store);

void csimd_store_abort(csimd_store *store);

/* The slot of a live item, or CSIMD_SLOT_NONE. */
uint32_t csimd_store_slot(csimd_store *store, const uint8_t *identifier, size_t identifier_bytes);

/* Whether the item of the slot, a live one's, is flagged CSIMD_ITEM_SENSITIVE. */
bool csimd_store_is_sensitive(const csimd_store *store, uint32_t slot);

/* A profile's entry begins or ceases to name the slot. */
void csimd_store_retain(csimd_store *store, uint32_t slot);
void csimd_store_release(csimd_store *store, uint32_t slot);

/* Counts one change that is not about items, so that every change has its number. */
uint64_t csimd_store_advance(csimd_store *store);

/* Frees what no reader can see any more; writers call it after their change. */
void csimd_store_reclaim(csimd_store *store);

/* -- Readers: no lock ---------------------------------------------------------------------------
 */

/* One for each thread that ranks; NULL when there are CSIMD_READERS_MAX. */
csimd_reader *csimd_reader_create(csimd_store *store);
void csimd_reader_destroy(csimd_reader *reader);

/* Between pin and unpin the reader sees one catalogue. Returns the pinned sequence. */
uint64_t csimd_reader_pin(csimd_reader *reader);
void csimd_reader_unpin(csimd_reader *reader);

/* False when the slot has no row the reader can see. */
bool csimd_reader_item(const csimd_reader *reader, uint32_t slot, csimd_item_view *view);

/* CSIMD_SLOT_NONE when no item, live or dead, has the identifier. */
uint32_t csimd_reader_find(const csimd_reader *reader, const uint8_t *identifier,
                           size_t identifier_bytes);

/* A hash of bytes, the same on every machine; never 0. */
uint64_t csimd_hash(const void *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
