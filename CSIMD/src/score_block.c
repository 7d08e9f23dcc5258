/* A block of candidates through the stages of a score, column by column.
 *
 * Sums of integers are exact; the doubles are multiplied and added one at a time in the order of
 * the terms, so a candidate's logit does not depend on its neighbours or on the instruction set. */
#include "ranker.h"

#include <assert.h>

#pragma STDC FP_CONTRACT OFF

/* Stands in for the row of an item that the affinity may not serve: its sum is 0. */
static const int8_t zero_row[CSIMD_TEXT_DIMENSION + CSIMD_DIMENSION_MAX]
    __attribute__((aligned(64)));

const int8_t *block_vector(const csimd_ranker *ranker, size_t index, const affinity *affinity) {
    bool is_sensitive = (ranker->block.attributes[index]->flags & CSIMD_ITEM_SENSITIVE) != 0;
    bool is_barred = is_sensitive && !affinity->setup.spans_sensitive;
    return (is_barred ? zero_row : ranker->block.values[index]) + affinity->row_offset;
}

static void add_plain_terms(csimd_ranker *ranker) {
    candidate_block *block = &ranker->block;
    for (size_t term = 0; term < CSIMD_PLAIN_TERMS; term++) {
        double weight = plain_weight(ranker, term);
        if (weight == 0 || plain_is_nought(ranker, term)) {
            continue;
        }
        for (size_t i = 0; i < block->count; i++) {
            block->features[i] = plain_feature(ranker, term, block->attributes[i]);
        }
        csimd_logits_add(block->logits, block->features, weight, block->count);
    }
}

/* Sums of one affinity for the whole block, into block->sums. */
static void sum_affinity(csimd_ranker *ranker, const affinity *affinity) {
    candidate_block *block = &ranker->block;
    for (size_t i = 0; i < block->count; i++) {
        block->vectors[i] = block_vector(ranker, i, affinity);
    }
    if (affinity->setup.shape == CSIMD_SHAPE_LINEAR) {
        csimd_fold_sums(&affinity->fold, block->vectors, block->count, block->sums);
        return;
    }
    bool is_text = affinity->setup.space == CSIMD_SPACE_TEXT;
    for (size_t i = 0; i < block->count; i++) {
        const row_attributes *attributes = block->attributes[i];
        int32_t sum = is_text ? attributes->text_sum : attributes->taste_sum;
        bool is_barred = block->vectors[i] == zero_row + affinity->row_offset;
        block->row_sums[i] = is_barred ? 0 : sum;
    }
    csimd_pack_sums(&affinity->pack, block->vectors, block->row_sums, block->count, block->sums);
}

void block_score(csimd_ranker *ranker) {
    candidate_block *block = &ranker->block;
    for (size_t i = 0; i < block->count; i++) {
        block->logits[i] = ranker->setup.bias;
    }
    add_plain_terms(ranker);
    for (size_t i = 0; i < ranker->setup.affinities_count; i++) {
        const affinity *affinity = &ranker->affinities[i];
        if (affinity->count > 0) {
            sum_affinity(ranker, affinity);
            csimd_logits_add_sums(block->logits, block->sums, affinity->scale, block->count);
        }
    }
    csimd_logistic(block->probabilities, block->logits, block->count);
    for (size_t i = 0; i < block->count; i++) {
        double bid = (double)block->attributes[i]->bid_micros;
        block->scores[i] = (ranker->setup.is_ads ? bid : 1) * block->probabilities[i];
    }
}
