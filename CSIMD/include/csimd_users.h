/* Users: a profile is a bounded set of that user's signals, and a few settings.
 *
 * Users live in shards, each with an arena of its own; the caller holds the shard's lock around
 * every call. A request copies a profile out under that lock and works on the copy.
 */
#ifndef CSIMD_USERS_H
#define CSIMD_USERS_H

#include "csimd_store.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CSIMD_PRODUCTS_MAX = 32,
    CSIMD_REGION_HISTORY_MAX = 8,
    CSIMD_SIGNAL_TOPICS = 3,
    CSIMD_PLAIN_IMPRESSIONS_MAX = 64,
    CSIMD_FLAGGED_IMPRESSIONS_MAX = 16, /* of items on a sensitive matter */
    CSIMD_IMPRESSIONS_MAX = CSIMD_PLAIN_IMPRESSIONS_MAX + CSIMD_FLAGGED_IMPRESSIONS_MAX,
    CSIMD_IMPRESSION_SHOWINGS = 3, /* that a counter keeps one by one */
    CSIMD_SUPPRESSED_MAX = 64,
    CSIMD_RING_BEHAVIOUR = 0,
    CSIMD_RING_VIEWS = 1,
    CSIMD_RING_NEGATIVE = 2,
    CSIMD_RING_FLAGGED = 3, /* plus one of those before: about items on a sensitive matter */
    CSIMD_RING_CHAT = 6,    /* plus the number of the product */
    CSIMD_RINGS_MAX = CSIMD_RING_CHAT + CSIMD_PRODUCTS_MAX,
    CSIMD_RING_HELD_MAX = 640,     /* visible or in reserve, of one ring */
    CSIMD_USER_SIGNALS_MAX = 4352, /* all rings of one user together */
    CSIMD_USER_SLOTS_MAX = CSIMD_USER_SIGNALS_MAX + CSIMD_IMPRESSIONS_MAX,
};

/* How many signals a ring shows, its newest, and how many older ones it keeps behind them: nobody
 * reads those, but when a visible one is retracted the newest of them takes its place. */
typedef struct {
    uint16_t visible;
    uint16_t reserve;
} csimd_ring_room;

#define CSIMD_NO_NOTICE INT64_MAX

/* What a signal is about. */
typedef enum {
    CSIMD_ABOUT_ITEM = 0,
    CSIMD_ABOUT_TOPICS = 1,
    CSIMD_ABOUT_TEXT_VECTOR = 2,
    CSIMD_ABOUT_TASTE_VECTOR = 3,
} csimd_about;

/* One entry of a ring: 32 bytes.
 *
 *   time 8 | event 8 | subject 4 | topics 3 x 2 | topic weights 3 x 1 | type 1 | about 1 |
 *   unused 1
 */
typedef struct {
    int64_t time_ms;
    uint64_t event;   /* csimd_hash of the event's identifier; 0 when it has none */
    uint32_t subject; /* the item's slot; in a copied profile, where the vector lies, in rows */
    uint16_t topics[CSIMD_SIGNAL_TOPICS];
    uint8_t topic_weights[CSIMD_SIGNAL_TOPICS]; /* 255 is certain; 0 ends the list */
    uint8_t type;                               /* Domain's SignalType */
    uint8_t about;                              /* csimd_about */
    uint8_t unused;
} csimd_signal;

/* One time that a user was shown an item. */
typedef struct {
    int64_t time_ms;
    uint64_t event; /* so that a repeated delivery counts once; 0 when it has none */
} csimd_showing;

/* How often a user was shown an item: 64 bytes. The newest showings are kept one by one, in the
 * order in which they came; of those before them the number (65,535 stands for more) and the latest
 * time are left. */
typedef struct {
    uint32_t slot;
    uint16_t earlier_count;
    uint8_t newest_count;
    uint8_t is_flagged; /* as the item was when it was shown first */
    int64_t earlier_ms;
    csimd_showing newest[CSIMD_IMPRESSION_SHOWINGS];
} csimd_impression;

uint32_t csimd_impression_count(const csimd_impression *impression);
int64_t csimd_impression_last_ms(const csimd_impression *impression);

typedef struct {
    int64_t from_ms;
    uint16_t region;
} csimd_region_period;

typedef struct {
    int64_t notice_ms; /* CSIMD_NO_NOTICE when none is recorded */
    uint32_t links;    /* one bit for each product whose accounts are linked */
    uint16_t language;
    uint16_t regions_count;
    csimd_region_period regions[CSIMD_REGION_HISTORY_MAX]; /* ascending by from_ms */
    uint16_t suppressed_count;
    uint16_t suppressed[CSIMD_SUPPRESSED_MAX]; /* topics that ads must not use, ascending */
    bool is_configured; /* someone has set something, were it to what it is without */
} csimd_user_settings;

typedef struct {
    uint32_t ring;
    uint32_t first; /* index of the ring's oldest visible signal */
    uint32_t count;
    uint32_t reserved; /* signals before the first, of a copy with reserves */
} csimd_ring_range;

/* A copy of a user, in memory the caller owns; csimd_profile_create makes it. */
typedef struct {
    csimd_user_settings settings;
    csimd_signal *signals; /* ring by ring, oldest first */
    size_t signals_count;
    int8_t *vectors; /* rows of CSIMD_DIMENSION_MAX */
    size_t vectors_count;
    size_t rings_count;
    csimd_ring_range rings[CSIMD_RINGS_MAX];
    size_t impressions_count;
    csimd_impression impressions[CSIMD_IMPRESSIONS_MAX]; /* ascending by slot */
} csimd_profile;

typedef struct csimd_shard csimd_shard;
typedef struct csimd_user csimd_user;

/* `store` has the items that the users' slots name, and outlives the shard. NULL when memory runs
 * out. */
csimd_shard *csimd_shard_create(const csimd_store *store);
void csimd_shard_destroy(csimd_shard *shard);
csimd_memory csimd_shard_memory(const csimd_shard *shard);
uint64_t csimd_shard_users_count(const csimd_shard *shard);

/* Users one by one: entries of the shard's table, of which some are free. When the table grows its
 * users change places, which the count of entries tells. */
uint64_t csimd_shard_entries_count(const csimd_shard *shard);
/* The user of an entry below that count; NULL when it is free. */
const csimd_user *csimd_shard_user(const csimd_shard *shard, uint64_t entry);

/* The user's identifier, where it lies. */
const uint8_t *csimd_user_identifier(const csimd_user *user, size_t *bytes);

/* NULL when there is no such user. `hash` is csimd_hash of the identifier. */
csimd_user *csimd_shard_find(const csimd_shard *shard, uint64_t hash, const uint8_t *identifier,
                             size_t identifier_bytes);

/* The user, made when new; NULL when memory runs out. */
csimd_user *csimd_shard_obtain(csimd_shard *shard, uint64_t hash, const uint8_t *identifier,
                               size_t identifier_bytes);

/* Frees everything about the user, who is no more. The caller has let go of csimd_user_slots. */
void csimd_shard_forget(csimd_shard *shard, csimd_user *user);

/* True when nothing at all is held about the user, who may as well be forgotten. */
bool csimd_user_is_empty(const csimd_user *user);

/* The slots that the user's signals and impressions name, each as often as it is named. There is
 * room for CSIMD_USER_SLOTS_MAX. Returns their number. */
size_t csimd_user_slots(const csimd_user *user, uint32_t *slots);

csimd_user_settings csimd_user_settings_of(const csimd_user *user);
csimd_status csimd_user_configure(csimd_shard *shard, csimd_user *user,
                                  const csimd_user_settings *settings);

/* True when a signal, or a showing that its counter still tells of, came with the event. */
bool csimd_user_knows(const csimd_user *user, uint64_t event);

/* Takes the signal or showing of the event out; false when none is held. What is visible then is
 * what would be had it never come, as long as no more are retracted than the ring's reserve holds,
 * and but for what a counter of impressions has dropped or only counts.
 * `*slot` is the slot that it named and names no more, CSIMD_SLOT_NONE else. */
bool csimd_user_retract(csimd_shard *shard, csimd_user *user, uint64_t event, uint32_t *slot);

/* Puts a signal in its place by time, behind those of the same time. When ring and reserve are full
 * the oldest goes, which may be the new one, as does one that is older than what has gone so
 * before: `*dropped` then names it and `*has_dropped` is true. `vector` (of dimension values) goes
 * with the signal when it is about one. */
csimd_status csimd_user_add(csimd_shard *shard, csimd_user *user, uint32_t ring,
                            csimd_ring_room room, const csimd_signal *signal, const int8_t *vector,
                            size_t dimension, csimd_signal *dropped, bool *has_dropped);

/* Counts an impression. When too many items are counted, of those that are flagged or of the
 * others, the one of them shown longest ago goes, which may be the new one: nothing changes then.
 * A flag that is not the one that the item is counted with changes nothing. Of the same time, it is
 * the one whose identifier's bytes order first; the writer's lock is held, for the store is asked.
 * `*dropped_slot` names the one that went, CSIMD_SLOT_NONE else. `*is_new` tells that the slot was
 * not counted before and is now.
 */
csimd_status csimd_user_add_impression(csimd_shard *shard, csimd_user *user, uint32_t slot,
                                       int64_t time_ms, uint64_t event, bool is_flagged,
                                       bool *is_new, uint32_t *dropped_slot);

/* Room for the largest profile, in the arena; NULL when memory runs out. */
csimd_profile *csimd_profile_create(csimd_arena *arena);

/* Copies what is visible of the user; NULL is a user without signals or settings. */
void csimd_profile_copy(csimd_profile *profile, const csimd_user *user);

/* Copies all that is held about the user: the rings' reserves too, each before its ring. */
void csimd_profile_copy_whole(csimd_profile *profile, const csimd_user *user);

#ifdef __cplusplus
}
#endif

#endif
