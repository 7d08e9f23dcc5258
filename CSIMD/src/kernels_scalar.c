/* The specification: what every other kernel file must equal to the bit. Plain on purpose. */
#include "kernels.h"

#include <assert.h>

#pragma STDC FP_CONTRACT OFF

#include "body_fold.h"
#include "body_scan.h"
#include "body_score.h"

static int32_t dot(const int8_t *a, const int8_t *b, size_t dimension) {
    int32_t sum = 0;
    for (size_t i = 0; i < dimension; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

#include "body_row_dots.h"

static int32_t row_sum(const int8_t *row, size_t dimension) {
    int32_t sum = 0;
    for (size_t i = 0; i < dimension; i++) {
        sum += row[i];
    }
    return sum;
}

static void fold_sums(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                      int64_t *sums) {
    for (size_t i = 0; i < rows_count; i++) {
        int64_t sum = 0;
        for (size_t plane = 4; plane-- > 0;) {
            sum = sum * 256 + dot(fold->planes[plane], rows[i], fold->dimension);
        }
        sums[i] = sum;
    }
}

/* The dot of a row and the signal that lies in one lane of a packed group. */
static int32_t dot_packed(const uint8_t *group, size_t lane, const int8_t *row, size_t dimension) {
    int32_t sum = 0;
    for (size_t i = 0; i < dimension; i++) {
        sum += row[i] * (group[i / 4 * 64 + lane * 4 + i % 4] - 128);
    }
    return sum;
}

static void pack_sums(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                      size_t rows_count, int64_t *sums) {
    (void)row_sums; /* others need it to undo the 128 that unsigned bytes add */
    for (size_t i = 0; i < rows_count; i++) {
        assert(row_sums[i] == row_sum(rows[i], pack->dimension));
        int64_t sum = 0;
        for (size_t lane = 0; lane < pack->groups_count * CSIMD_PACK_GROUP; lane++) {
            size_t group = lane / CSIMD_PACK_GROUP;
            const uint8_t *bytes = pack->bytes + group * CSIMD_PACK_GROUP * pack->dimension;
            int32_t x = dot_packed(bytes, lane % CSIMD_PACK_GROUP, rows[i], pack->dimension);
            sum += (int64_t)(x > 0 ? x : 0) * pack->weights[lane];
        }
        sums[i] = sum;
    }
}

static csimd_split split(const uint64_t *keys, size_t count, uint64_t threshold) {
    csimd_split result = {0, UINT64_MAX, 0};
    for (size_t i = 0; i < count; i++) {
        uint64_t key = keys[i];
        bool above = key >= threshold;
        uint64_t above_key = above ? key : UINT64_MAX;
        uint64_t below_key = above ? 0 : key;
        result.above_count += above;
        result.above_min = above_key < result.above_min ? above_key : result.above_min;
        result.below_max = below_key > result.below_max ? below_key : result.below_max;
    }
    return result;
}

static size_t collect(const uint64_t *keys, size_t count, uint64_t threshold, uint32_t *indices) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        indices[found] = (uint32_t)i; /* kept only if the next line counts it */
        found += keys[i] >= threshold;
    }
    return found;
}

static void ranks(const uint64_t *keys, size_t count, uint32_t *ranks) {
    for (size_t i = 0; i < count; i++) {
        uint32_t before = 0;
        for (size_t j = 0; j < count; j++) {
            before += keys[j] > keys[i] || (keys[j] == keys[i] && j < i);
        }
        ranks[i] = before;
    }
}

void csimd_raise_scalar(csimd_kernels *kernels) {
    *kernels = (csimd_kernels){
        .dot = dot,
        .row_sum = row_sum,
        .fold_sums = fold_sums,
        .pack_sums = pack_sums,
        .row_dots = row_dots,
        .logits_add_sums = logits_add_sums,
        .logits_add = logits_add,
        .logistic = logistic,
        .keys_of_doubles = keys_of_doubles,
        .collect = collect,
        .bounds_add_dots = bounds_add_dots,
        .bounds_add_column = bounds_add_column,
        .bounds_add_freshness = bounds_add_freshness,
        .bounds_reach = bounds_reach,
        .fold_add = fold_add,
        .split = split,
        .ranks = ranks,
    };
}
