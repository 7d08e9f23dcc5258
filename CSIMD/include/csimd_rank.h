/* Ranking: one ranker for each thread, with everything a request needs reserved beforehand.
 *
 * A request goes
 *
 *     csimd_ranker_pin                   pin the catalogue
 *     csimd_profile_copy                 the user, who cannot name what was reclaimed before
 *     csimd_ranker_begin                 take the surface's numbers
 *     csimd_ranker_add_signal ...        what the user did and said, class by class
 *     csimd_ranker_add_follow ...
 *     csimd_ranker_add_impression ...
 *     csimd_ranker_prepare               weights to fixed point, signals folded or packed
 *     csimd_rank_identifiers | csimd_rank_numbers | csimd_rank_all | csimd_rank_explain
 *     (the results are read)
 *     csimd_ranker_end                   unpin
 *
 * and allocates nothing. Every candidate's value is
 *
 *     logit = bias + prior + freshness + follow + fatigue + affinity terms, in the order of terms
 *     value = p(logit) on the content lane, bid x p(logit) on the ads lane
 *
 * whatever else is in the batch; ties order by the bytes of the identifier.
 */
#ifndef CSIMD_RANK_H
#define CSIMD_RANK_H

#include "csimd_users.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CSIMD_AFFINITIES_MAX = 9,      /* class and space pairs */
    CSIMD_CANDIDATES_MAX = 100000, /* that one request may name */
    CSIMD_TOP_MAX = 10000,
    CSIMD_PLAIN_TERMS = 4, /* prior, freshness, follow, fatigue: before the affinities */
};

typedef enum { CSIMD_SPACE_TEXT, CSIMD_SPACE_TASTE } csimd_space;
typedef enum { CSIMD_SHAPE_LINEAR, CSIMD_SHAPE_POSITIVE } csimd_shape;

/* Why an item is no candidate. */
typedef enum {
    CSIMD_ELIGIBLE = 0,
    CSIMD_FILTER_UNKNOWN, /* no such item, or it was deleted */
    CSIMD_FILTER_KIND,    /* the surface ranks other kinds */
    CSIMD_FILTER_CREATED, /* it is created after the request's clock */
    CSIMD_FILTER_EXPIRED,
    CSIMD_FILTER_REGION,   /* it is for other regions, or the request's is unknown */
    CSIMD_FILTER_LANGUAGE, /* it is in other languages than the user's */
    CSIMD_FILTER_FLOOR,    /* its value is below the surface's floor */
} csimd_filter;

typedef struct {
    csimd_space space;
    csimd_shape shape;
    double weight;        /* of the term; 0 leaves it out */
    bool spans_sensitive; /* whether items whose text is sensitive take part, on either side */
} csimd_affinity_setup;

typedef struct {
    int64_t clock_ms;
    uint32_t kinds; /* one bit for each kind the surface ranks */
    uint16_t region;
    uint16_t language; /* 0: unknown, sees every language */
    bool is_ads;
    double bias;
    double prior_weight;
    double prior_logit; /* of items without a prior of their own */
    double freshness_weight;
    int64_t freshness_half_life_ms;
    double follow_weight;
    double fatigue_weight;
    int64_t fatigue_half_life_ms;
    double floor;
    size_t affinities_count;
    csimd_affinity_setup affinities[CSIMD_AFFINITIES_MAX];
} csimd_rank_setup;

/* Where an identifier lies in the bytes of its command. */
typedef struct {
    uint32_t offset;
    uint32_t count;
} csimd_range;

typedef struct {
    double score;
    const uint8_t *identifier;
    uint32_t identifier_bytes;
    uint32_t slot;
} csimd_ranked;

typedef struct {
    const csimd_ranked *ranked;
    size_t ranked_count;
    size_t candidates_count; /* given or scanned, each once */
    size_t eligible_count;
    size_t offered_count;    /* given candidates, or rows to look at */
    size_t covered_count;    /* of these looked at before the deadline; all without one */
    const uint32_t *unknown; /* indices of the given candidates that name no live item */
    size_t unknown_count;
} csimd_rank_result;

/* One signal's part in an affinity term. */
typedef struct {
    uint32_t source; /* what csimd_ranker_add_signal was told */
    int32_t weight;  /* fixed point */
    int64_t share;   /* weight * shape(dot); share * scale adds up to the term */
} csimd_share;

typedef struct {
    csimd_filter filter;
    double score;
    double probability;
    double logit;
    int64_t bid_micros;
    double plain[CSIMD_PLAIN_TERMS];
    double affinities[CSIMD_AFFINITIES_MAX];
    double scales[CSIMD_AFFINITIES_MAX];
    const csimd_share *shares[CSIMD_AFFINITIES_MAX];
    size_t shares_count[CSIMD_AFFINITIES_MAX];
} csimd_explanation;

typedef struct csimd_ranker csimd_ranker;

/* NULL when memory or readers run out. */
csimd_ranker *csimd_ranker_create(csimd_store *store);
void csimd_ranker_destroy(csimd_ranker *ranker);
csimd_memory csimd_ranker_memory(const csimd_ranker *ranker);

/* The ranker's own copy of a user, for the caller to fill and read. */
csimd_profile *csimd_ranker_profile(csimd_ranker *ranker);
csimd_reader *csimd_ranker_reader(csimd_ranker *ranker);

/* Every pin has its end. The profile is copied in between: a slot that it names is then kept for
 * the request, even when the user lets go of it meanwhile. */
void csimd_ranker_pin(csimd_ranker *ranker);
void csimd_ranker_begin(csimd_ranker *ranker, const csimd_rank_setup *setup);
void csimd_ranker_end(csimd_ranker *ranker);

/* The rankings of the request stop looking at candidates when the monotonic clock has passed
 * `deadline_ns`; they finish the block in hand, and the first block always. Counts and unknown
 * candidates are those of the part that was looked at. csimd_ranker_begin sets CSIMD_NO_DEADLINE.
 */
#define CSIMD_NO_DEADLINE INT64_MAX
void csimd_ranker_limit(csimd_ranker *ranker, int64_t deadline_ns);

/* A weight before it is made fixed point: significand * 2^-(45 + halvings). */
typedef struct {
    uint64_t significand; /* at most 2^45 */
    uint32_t halvings;
} csimd_signal_weight;

/* unit_weight (in [0, 1], times 2^15) times the decay of the age. */
csimd_signal_weight csimd_signal_weight_of(uint32_t unit_weight, int64_t age_ms,
                                           int64_t half_life_ms);

/* `weight` times part / 255. */
csimd_signal_weight csimd_signal_weight_part(csimd_signal_weight weight, uint8_t part);

/* Adds what liking the item says (its text, or its taste as a signal) to an affinity. False, and
 * nothing is added, when the item has no row or one of zeros, is sensitive where that must not
 * count, or the affinity is full. */
bool csimd_ranker_add_item(csimd_ranker *ranker, size_t affinity, uint32_t slot, uint32_t source,
                           csimd_signal_weight weight);

/* Adds a row of the affinity's padded dimension, which stays in place until the request ends. */
bool csimd_ranker_add_row(csimd_ranker *ranker, size_t affinity, const int8_t *row, uint32_t source,
                          csimd_signal_weight weight);

/* The user follows the item, and its author. On the ads lane nothing is added when the item is
 * sensitive, and no sensitive candidate counts as followed. */
void csimd_ranker_add_follow(csimd_ranker *ranker, uint32_t slot);
void csimd_ranker_add_impression(csimd_ranker *ranker, const csimd_impression *impression);

void csimd_ranker_prepare(csimd_ranker *ranker);

/* `top` is at least 1 and at most CSIMD_TOP_MAX. A candidate given twice is ranked once. */
csimd_rank_result csimd_rank_identifiers(csimd_ranker *ranker, const uint8_t *bytes,
                                         const csimd_range *ranges, size_t count, size_t top);

/* `numbers` are little-endian 64-bit, unaligned: n names the item whose identifier is decimal n. */
csimd_rank_result csimd_rank_numbers(csimd_ranker *ranker, const uint8_t *numbers, size_t count,
                                     size_t top);

/* Every live item of the surface's kinds. */
csimd_rank_result csimd_rank_all(csimd_ranker *ranker, size_t top);

/* How many rows of the kinds the pinned catalogue has: what csimd_rank_all would look at. */
size_t csimd_reader_rows_count(const csimd_reader *reader, uint32_t kinds);

csimd_explanation csimd_rank_explain(csimd_ranker *ranker, uint32_t slot);

#ifdef __cplusplus
}
#endif

#endif
