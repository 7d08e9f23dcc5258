/* Candidates to results: found by identifier, scored in blocks, the best kept.
 *
 * Given candidates cost cache misses, so every stage of the search for a row runs over a block and
 * prefetches for the next stage: table -> slot -> row number -> attributes -> vectors. A block's
 * lines of one stage fit the nearest cache, those of all stages the next. */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include "ranker.h"

#include <assert.h>
#include <string.h>
#include <time.h>

/* -- Blocks -------------------------------------------------------------------------------------
 */

static void flush_block(csimd_ranker *ranker) {
    candidate_block *block = &ranker->block;
    if (block->count == 0) {
        return;
    }
    block_score(ranker);
    leaders_offer_block(ranker);
    block->count = 0;
}

void results_begin(csimd_ranker *ranker, size_t top) {
    ranker->block.count = 0;
    ranker->candidates_count = 0;
    ranker->eligible_count = 0;
    ranker->unknown_count = 0;
    ranker->offered_count = 0;
    ranker->covered_count = 0;
    leaders_begin(&ranker->leaders, top);
}

csimd_rank_result results_finish(csimd_ranker *ranker) {
    flush_block(ranker);
    return (csimd_rank_result){
        .ranked_count = leaders_finish(ranker),
        .ranked = ranker->ranked,
        .candidates_count = ranker->candidates_count,
        .eligible_count = ranker->eligible_count,
        .offered_count = ranker->offered_count,
        .covered_count = ranker->covered_count,
        .unknown = ranker->unknown,
        .unknown_count = ranker->unknown_count,
    };
}

bool results_late(const csimd_ranker *ranker) {
    if (ranker->deadline_ns == CSIMD_NO_DEADLINE || ranker->covered_count == 0) {
        return false;
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec > ranker->deadline_ns;
}

void results_offer(csimd_ranker *ranker, const row_chunk *chunk, uint32_t row) {
    block_add(ranker, chunk, row);
    if (ranker->block.count == BLOCK_ROWS) {
        flush_block(ranker);
    }
}

/* -- Given candidates ---------------------------------------------------------------------------
 */

/* The set of slots seen in this request; slot + 1, 0 is free. */
static size_t seen_begin(csimd_ranker *ranker, size_t candidates_count) {
    size_t entries_count = 64;
    while (entries_count < 2 * candidates_count) {
        entries_count *= 2;
    }
    memset(ranker->seen, 0, entries_count * sizeof(uint32_t));
    return entries_count - 1;
}

/* False when the slot was there already. */
static bool seen_insert(csimd_ranker *ranker, size_t mask, uint32_t slot) {
    size_t index = (slot * UINT32_C(0x9E3779B1)) & mask;
    while (ranker->seen[index] != 0) {
        if (ranker->seen[index] == slot + 1) {
            return false;
        }
        index = (index + 1) & mask;
    }
    ranker->seen[index] = slot + 1;
    return true;
}

/* Offers the candidates whose keys are in ranker->keys, at most BLOCK_ROWS; `first` is the first
 * one's index among the given. */
static void offer_keys(csimd_ranker *ranker, size_t first, size_t count, size_t seen_mask) {
    const catalogue *catalogue = ranker->reader->catalogue;
    uint32_t slots[BLOCK_ROWS];
    uint32_t rows[BLOCK_ROWS];
    directory_find_all(&ranker->store->directory, ranker->keys, count, slots);
    catalogue_rows(catalogue, slots, count, ranker->reader->sequence, rows);
    for (size_t i = 0; i < count; i++) {
        const row_chunk *chunk = NULL;
        csimd_filter filter = CSIMD_FILTER_UNKNOWN;
        if (rows[i] != ROW_NONE) {
            chunk = catalogue_chunk(catalogue, rows[i]);
            filter = block_filter(ranker, chunk, rows[i]);
        }
        if (filter == CSIMD_FILTER_UNKNOWN) {
            ranker->unknown[ranker->unknown_count++] = (uint32_t)(first + i);
        } else if (seen_insert(ranker, seen_mask, slots[i])) {
            ranker->candidates_count += 1;
            if (filter == CSIMD_ELIGIBLE) {
                ranker->eligible_count += 1;
                results_offer(ranker, chunk, rows[i]);
            }
        }
    }
}

csimd_rank_result csimd_rank_identifiers(csimd_ranker *ranker, const uint8_t *bytes,
                                         const csimd_range *ranges, size_t count, size_t top) {
    assert(count <= CSIMD_CANDIDATES_MAX);
    results_begin(ranker, top);
    size_t seen_mask = seen_begin(ranker, count);
    ranker->offered_count = count;
    for (size_t first = 0; first < count && !results_late(ranker); first += BLOCK_ROWS) {
        size_t block_count = count - first < BLOCK_ROWS ? count - first : BLOCK_ROWS;
        for (size_t i = 0; i < block_count; i++) {
            csimd_range range = ranges[first + i];
            ranker->keys[i] = identifier_key_of_bytes(bytes + range.offset, range.count);
        }
        offer_keys(ranker, first, block_count, seen_mask);
        ranker->covered_count += block_count;
    }
    return results_finish(ranker);
}

csimd_rank_result csimd_rank_numbers(csimd_ranker *ranker, const uint8_t *numbers, size_t count,
                                     size_t top) {
    assert(count <= CSIMD_CANDIDATES_MAX);
    results_begin(ranker, top);
    size_t seen_mask = seen_begin(ranker, count);
    ranker->offered_count = count;
    for (size_t first = 0; first < count && !results_late(ranker); first += BLOCK_ROWS) {
        size_t block_count = count - first < BLOCK_ROWS ? count - first : BLOCK_ROWS;
        for (size_t i = 0; i < block_count; i++) {
            uint64_t number;
            memcpy(&number, numbers + (first + i) * sizeof number, sizeof number);
            ranker->keys[i] = identifier_key_of_number(number);
        }
        offer_keys(ranker, first, block_count, seen_mask);
        ranker->covered_count += block_count;
    }
    return results_finish(ranker);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "packed numbers are read in place");

/* -- One item, explained ------------------------------------------------------------------------
 */

/* The shares of one affinity's signals in the block's only candidate. */
static void explain_affinity(csimd_ranker *ranker, size_t number, csimd_explanation *explanation) {
    const affinity *affinity = &ranker->affinities[number];
    const int8_t *vector = block_vector(ranker, 0, affinity);
    int64_t sum = 0;
    for (size_t i = 0; i < affinity->count; i++) {
        int64_t dot = csimd_dot(vector, affinity->rows[i], affinity->dimension);
        if (affinity->setup.shape == CSIMD_SHAPE_POSITIVE && dot < 0) {
            dot = 0;
        }
        affinity->shares[i] = (csimd_share){
            .source = affinity->sources[i],
            .weight = affinity->weights[i],
            .share = dot * affinity->weights[i],
        };
        sum += affinity->shares[i].share;
    }
    explanation->shares[number] = affinity->shares;
    explanation->shares_count[number] = affinity->count;
    explanation->scales[number] = affinity->count > 0 ? affinity->scale : 0;
    if (affinity->count > 0) {
        csimd_logits_add_sums(&explanation->affinities[number], &sum, affinity->scale, 1);
    }
}

csimd_explanation csimd_rank_explain(csimd_ranker *ranker, uint32_t slot) {
    csimd_explanation explanation = {.filter = CSIMD_FILTER_UNKNOWN};
    uint32_t row = slot == CSIMD_SLOT_NONE
                       ? ROW_NONE
                       : catalogue_row(ranker->reader->catalogue, slot, ranker->reader->sequence);
    if (row == ROW_NONE) {
        return explanation;
    }
    const row_chunk *chunk = catalogue_chunk(ranker->reader->catalogue, row);
    explanation.filter = block_filter(ranker, chunk, row);
    if (explanation.filter == CSIMD_FILTER_UNKNOWN) {
        return explanation;
    }
    results_begin(ranker, 1);
    block_add(ranker, chunk, row);
    block_score(ranker);
    const row_attributes *attributes = ranker->block.attributes[0];
    explanation.score = ranker->block.scores[0];
    explanation.probability = ranker->block.probabilities[0];
    explanation.logit = ranker->block.logits[0];
    explanation.bid_micros = attributes->bid_micros;
    for (size_t term = 0; term < CSIMD_PLAIN_TERMS; term++) {
        double weight = plain_weight(ranker, term);
        if (weight != 0) {
            double feature = plain_feature(ranker, term, attributes);
            csimd_logits_add(&explanation.plain[term], &feature, weight, 1);
        }
    }
    for (size_t i = 0; i < ranker->setup.affinities_count; i++) {
        explain_affinity(ranker, i, &explanation);
    }
    if (explanation.filter == CSIMD_ELIGIBLE && explanation.score < ranker->setup.floor) {
        explanation.filter = CSIMD_FILTER_FLOOR;
    }
    ranker->block.count = 0;
    return explanation;
}
