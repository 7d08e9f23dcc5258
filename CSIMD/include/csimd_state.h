/* The whole state as a stream of bytes: written by a forked child, which sees one moment and holds
 * up nobody; read back into an empty store and empty shards; and one by one, as bytes that say what
 * an item or a user means, for a digest.
 *
 * A stream is a sequence of records, little-endian, each `tag 1 | length 4 | body`:
 *
 *   'S'  a set of regions or languages of the catalogue, or of the one that is being loaded
 *   'I'  an item, live or only named by profiles; items are numbered from 0 as they come
 *   'U'  a user; signals and impressions name items by their number
 *   'B'  a catalogue is being loaded
 *   'T'  an item of that one
 *   'E'  the end, with counts; its last bytes are CSIMD_STATE_END
 *
 * Surfaces, kinds, products, topics and the policy are the caller's: the stream knows their
 * numbers.
 */
#ifndef CSIMD_STATE_H
#define CSIMD_STATE_H

#include "csimd_users.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CSIMD_STATE_RECORD_MAX = 2 << 20, /* the body of one record, in bytes */
    CSIMD_STATE_END_BYTES = 8,
};

#define CSIMD_STATE_END "cairnend" /* CSIMD_STATE_END_BYTES of it */

/* -- Writing ----------------------------------------------------------------------------------- */

/* What a state lies in. */
typedef struct {
    const csimd_store *store;
    const csimd_shard *const *shards;
    size_t shards_count;
} csimd_state_source;

/* A process that writes a state into a pipe. */
typedef struct {
    int pid;
    int descriptor; /* the pipe's end to read from; -1 when it is closed */
    int error;      /* errno of the call that failed */
} csimd_state_child;

/* Forks a child that writes the state as it is now. The caller holds the writer's lock: then
 * nothing changes, and that others may be reading matters to nobody. The child closes every
 * descriptor but its pipe, allocates nothing, takes no lock and runs no handler of a signal; it
 * ends by itself, also when nobody reads. CSIMD_STATUS_SYSTEM tells in `error` why there is no
 * child. */
csimd_status csimd_state_fork(const csimd_state_source *source, csimd_state_child *child);

/* The next bytes, at least one and at most `capacity`; 0 at the end, -1 with `error` on a failure.
 */
ptrdiff_t csimd_state_child_read(csimd_state_child *child, uint8_t *bytes, size_t capacity);

/* Closes the pipe and waits for the child, which is ended if it is still writing. True when it had
 * written everything. */
bool csimd_state_child_end(csimd_state_child *child);

/* -- Reading ----------------------------------------------------------------------------------- */

/* What a stream may say, besides what the core itself bounds. */
typedef struct {
    int64_t time_ms_max;
    int64_t bid_micros_max;
    uint32_t kinds_count;
    uint32_t topics_count;
    uint32_t products_count; /* numbers below it are known; 0 names no product */
    /* By key, the last that of each product's chats. */
    csimd_ring_room ring_rooms[CSIMD_RING_CHAT + 1];
} csimd_state_limits;

typedef struct {
    uint64_t items;  /* live ones */
    uint64_t held;   /* which only profiles name */
    uint64_t staged; /* of the catalogue that is being loaded */
    uint64_t users;
    uint64_t signals;
    uint64_t impressions;
} csimd_state_counts;

/* Why a stream was refused. */
typedef struct {
    const char *reason;
    uint64_t offset; /* of the record in the stream, in bytes */
    char tag;        /* of the record; 0 when it is the stream as a whole */
} csimd_state_fault;

typedef struct csimd_restoration csimd_restoration;

/* Begins to fill an empty store and empty shards (a power of two), which nobody else uses. The
 * writer's lock is held around this and every later call. What has been read is seen by no reader
 * until csimd_restoration_finish. NULL when memory runs out. */
csimd_restoration *csimd_restoration_create(csimd_store *store, csimd_shard *const *shards,
                                            size_t shards_count, csimd_state_limits limits);

/* Takes the next bytes, of any number. After another status than OK only the fault may be asked
 * for, and the restoration destroyed: CSIMD_STATUS_DAMAGED, _FULL or _NO_MEMORY. */
csimd_status csimd_restoration_take(csimd_restoration *restoration, const uint8_t *bytes,
                                    size_t count);

/* After the last bytes: checks that nothing is missing, and shows the items to readers in one step.
 * The store's sequence goes on from `sequence`. */
csimd_status csimd_restoration_finish(csimd_restoration *restoration, uint64_t sequence);

csimd_state_fault csimd_restoration_fault(const csimd_restoration *restoration);
csimd_state_counts csimd_restoration_counts(const csimd_restoration *restoration);

/* True when the stream had a catalogue that was being loaded. */
bool csimd_restoration_is_loading(const csimd_restoration *restoration);

/* Without a finish before, the store is as empty as it was; the shards' users are the caller's to
 * throw away. */
void csimd_restoration_destroy(csimd_restoration *restoration);

/* -- Meaning ----------------------------------------------------------------------------------- */

/* Names of what has numbers, as hashes, by number. */
typedef struct {
    const uint64_t *kinds;
    const uint64_t *products;
} csimd_state_names;

/* Slots that have been made, some of them free: csimd_state_item_bytes takes those below. */
uint32_t csimd_state_slots_count(const csimd_store *store);

typedef enum {
    CSIMD_STATE_ITEM_NONE,
    CSIMD_STATE_ITEM_LIVE,
    CSIMD_STATE_ITEM_HELD, /* gone, but a profile names it */
    CSIMD_STATE_ITEM_STAGED,
} csimd_state_item;

/* Writes what the slot's item means: equal for equal items whatever their numbers and whatever came
 * before. `bytes` has room for CSIMD_STATE_RECORD_MAX; the writer's lock is held. */
csimd_state_item csimd_state_item_bytes(const csimd_store *store, uint32_t slot, bool staged,
                                        const csimd_state_names *names, uint8_t *bytes,
                                        size_t *count);

/* Writes what is held about the user, items and products by name; returns the number of bytes, 0
 * when nothing is held. The lock of the user's shard is held. Adds to `counts`. */
size_t csimd_state_user_bytes(const csimd_store *store, const csimd_user *user,
                              const csimd_state_names *names, uint8_t *bytes,
                              csimd_state_counts *counts);

#ifdef __cplusplus
}
#endif

#endif
