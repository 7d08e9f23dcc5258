/* Inside the ranker: what ranker.c (a request's signals), score_block.c (a block of candidates),
 * rank.c (given candidates to results), scan.c (all of them) and leaders.c (the best so far) share.
 */
#ifndef CSIMD_SRC_RANKER_H
#define CSIMD_SRC_RANKER_H

#include "csimd_rank.h"
#include "store.h"

#include <assert.h>

enum {
    BLOCK_ROWS = 256, /* candidates that go through the stages together; their lines stay in L2 */
    LEADERS_CAPACITY = 4 * CSIMD_TOP_MAX,
    NUMBER_MAP_ENTRIES = 2048,
    NUMBER_MAP_KEYS_MAX = 1280, /* 640 follows, flagged ones too, make two keys each */
    SEEN_ENTRIES_MAX = 1 << 18,
};

_Static_assert(SEEN_ENTRIES_MAX >= 2 * CSIMD_CANDIDATES_MAX, "the set of seen stays half free");

/* One class of signals against one space. */
typedef struct {
    csimd_affinity_setup setup;
    size_t dimension;
    size_t row_offset; /* of the space within a candidate's row */
    size_t count;
    const int8_t *rows[CSIMD_SIGNALS_MAX];
    csimd_signal_weight raw_weights[CSIMD_SIGNALS_MAX];
    int16_t weights[CSIMD_SIGNALS_MAX];
    uint32_t sources[CSIMD_SIGNALS_MAX];
    double scale; /* of the term: weight * 2^-exponent / 127^2 */
    csimd_fold fold;
    csimd_pack pack;
    void *pack_memory;
    csimd_share *shares; /* CSIMD_SIGNALS_MAX, for explanations */
} affinity;

/* A small map from numbers to doubles; key 0 is free. */
typedef struct {
    uint64_t keys[NUMBER_MAP_ENTRIES];
    double values[NUMBER_MAP_ENTRIES];
    size_t count;
} number_map;

/* The best candidates so far, unordered, and the bar for the next one. */
typedef struct {
    uint64_t *keys; /* LEADERS_CAPACITY */
    uint32_t *rows;
    uint32_t *order; /* scratch, as long, like the next two */
    uint32_t *sorted;
    uint32_t *scratch;
    uint64_t *tie_keys; /* for ordering candidates of equal scores */
    uint32_t *tie_order;
    uint32_t *tie_rows;
    size_t count;
    size_t top;
    size_t capacity;
    uint64_t bar; /* a key below it cannot enter */
} leaders;

/* Candidates of one block, stage by stage. */
typedef struct {
    size_t count;
    uint32_t rows[BLOCK_ROWS];
    const row_attributes *attributes[BLOCK_ROWS];
    const int8_t *values[BLOCK_ROWS];  /* the row */
    const int8_t *vectors[BLOCK_ROWS]; /* values + the space's offset */
    int32_t row_sums[BLOCK_ROWS];
    int64_t sums[BLOCK_ROWS];
    double features[BLOCK_ROWS];
    double logits[BLOCK_ROWS];
    double probabilities[BLOCK_ROWS];
    double scores[BLOCK_ROWS];
    uint64_t keys[BLOCK_ROWS]; /* of the scores */
} candidate_block;

struct csimd_ranker {
    csimd_arena *arena;
    csimd_store *store;
    csimd_reader *reader;
    csimd_profile *profile;
    csimd_rank_setup setup;
    bool region_allowed[CSIMD_REGION_SETS_MAX]; /* by set, worked out when a request begins */
    bool language_allowed[CSIMD_LANGUAGE_SETS_MAX];
    affinity affinities[CSIMD_AFFINITIES_MAX];
    size_t lines_from; /* the bytes of a candidate's row that the affinities read */
    size_t lines_to;
    number_map follows;
    number_map fatigue;
    candidate_block block;
    leaders leaders;
    csimd_ranked *ranked; /* CSIMD_TOP_MAX */
    identifier_key *keys; /* BLOCK_ROWS */
    uint32_t *unknown;    /* CSIMD_CANDIDATES_MAX */
    uint32_t *seen;       /* SEEN_ENTRIES_MAX */
    int64_t deadline_ns;
    size_t offered_count;
    size_t covered_count;
    size_t candidates_count;
    size_t eligible_count;
    size_t unknown_count;
};

/* Whether the row may be a candidate of this request, value apart. */
static inline csimd_filter block_filter(const csimd_ranker *ranker, const row_chunk *chunk,
                                        uint32_t row) {
    const row_attributes *attributes = &chunk->attributes[row & (CHUNK_ROWS - 1)];
    uint64_t sequence = ranker->reader->sequence;
    /* In this order: a scan may come by while a dead row is freed and used again, and must not take
     * its old birth together with its new life. */
    uint64_t died = atomic_load_explicit(&attributes->died, memory_order_acquire);
    uint64_t born = atomic_load_explicit(&attributes->born, memory_order_acquire);
    if (died <= sequence || born > sequence) {
        return CSIMD_FILTER_UNKNOWN;
    }
    if (chunk->group == GROUP_HELD || (ranker->setup.kinds >> chunk->group & 1) == 0) {
        return CSIMD_FILTER_KIND;
    }
    if (attributes->created_ms > ranker->setup.clock_ms) {
        return CSIMD_FILTER_CREATED;
    }
    if (attributes->expires_ms <= ranker->setup.clock_ms) {
        return CSIMD_FILTER_EXPIRED;
    }
    if (!ranker->region_allowed[attributes->region_set]) {
        return CSIMD_FILTER_REGION;
    }
    if (!ranker->language_allowed[attributes->language_set]) {
        return CSIMD_FILTER_LANGUAGE;
    }
    return CSIMD_ELIGIBLE;
}

/* Adds a row that block_filter found eligible. */
static inline void block_add(csimd_ranker *ranker, const row_chunk *chunk, uint32_t row) {
    candidate_block *block = &ranker->block;
    assert(block->count < BLOCK_ROWS);
    uint32_t index = row & (CHUNK_ROWS - 1);
    const int8_t *values = chunk->rows + index * ranker->reader->catalogue->row_bytes;
    block->rows[block->count] = row;
    block->attributes[block->count] = &chunk->attributes[index];
    block->values[block->count] = values;
    for (size_t offset = ranker->lines_from; offset < ranker->lines_to; offset += 64) {
        __builtin_prefetch(values + offset, 0, 2);
    }
    block->count += 1;
}

/* The vector that the affinity reads of a candidate: zeros when it may not serve it. */
const int8_t *block_vector(const csimd_ranker *ranker, size_t index, const affinity *affinity);

/* Computes logits, probabilities and scores of the block's candidates. */
void block_score(csimd_ranker *ranker);

/* A plain term's feature, in the order prior, freshness, follow, fatigue. */
double plain_feature(const csimd_ranker *ranker, size_t term, const row_attributes *attributes);
double plain_weight(const csimd_ranker *ranker, size_t term);

/* Whether the term is 0 for every candidate: the user follows nobody, or was shown nothing. */
bool plain_is_nought(const csimd_ranker *ranker, size_t term);

/* Results begin; rows that block_filter found eligible are offered, in any order; then they are
 * finished. Counts are the caller's, as are given candidates that are not known. */
void results_begin(csimd_ranker *ranker, size_t top);
void results_offer(csimd_ranker *ranker, const row_chunk *chunk, uint32_t row);
csimd_rank_result results_finish(csimd_ranker *ranker);

/* Whether the request has no more time, once something was looked at. */
bool results_late(const csimd_ranker *ranker);

void leaders_begin(leaders *leaders, size_t top);

/* Lets the block's candidates in, but those below the floor, or whom `top` better ones keep out. */
void leaders_offer_block(csimd_ranker *ranker);

/* Lets the bar rise to the worst of the best `top`, if enough have come since it last rose. */
void leaders_raise_bar(csimd_ranker *ranker);

/* Puts the best `top`, best first, into ranker->ranked; returns how many there are. */
size_t leaders_finish(csimd_ranker *ranker);

double *number_map_find(number_map *map, uint64_t key);
void number_map_put(number_map *map, uint64_t key, double value);
void number_map_clear(number_map *map);

#endif
