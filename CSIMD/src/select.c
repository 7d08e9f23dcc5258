/* Selection: the k-th largest key, the keys at or above it, and the order of the few that remain.
 * The passes over keys are kernels; the steps between them are here.
 *
 * Rejected: quickselect with a comparison sort. Its branches are not predictable, and for the top
 * 100 of 1,000 it costs several times the dot products that made the scores.
 */
#include "kernels.h"

#include <assert.h>
#include <string.h>

/* Where the k-th largest key can be: low <= it <= high. Both are keys that exist, once each has
 * been moved. high_count < k <= low_count. */
typedef struct {
    uint64_t low;
    uint64_t high;
    size_t low_count;  /* keys >= low */
    size_t high_count; /* keys > high */
} bounds;

/* Narrows the bounds by one pass over the keys. They move to keys, not to the threshold, so that
 * equal keys, however many, are passed over together. */
static bounds narrow(bounds known, const csimd_kernels *kernels, const uint64_t *keys, size_t count,
                     size_t k, uint64_t threshold) {
    csimd_split split = kernels->split(keys, count, threshold);
    if (split.above_count < k) {
        known.high = split.below_max;
        known.high_count = split.above_count;
        return known;
    }
    known.low = split.above_min;
    known.low_count = split.above_count;
    if (split.above_count == k) {
        known.high = known.low; /* found */
    }
    return known;
}

/* Where the k-th key would be if keys lay evenly between the bounds; above low. Few passes when
 * they nearly do. */
static uint64_t even_guess(bounds known, size_t k) {
    uint64_t step = (known.high - known.low) / (known.low_count - known.high_count);
    uint64_t guess = known.high - step * (k - known.high_count);
    return guess > known.low ? guess : known.low + 1;
}

/* The middle, rounded up; above low. At most 64 passes, however the keys lie. */
static uint64_t middle(bounds known) {
    return known.high - (known.high - known.low) / 2;
}

uint64_t csimd_select_threshold(const uint64_t *keys, size_t count, size_t k) {
    assert(k >= 1);
    assert(k <= count);
    const csimd_kernels *kernels = csimd_kernels_current();
    bounds known = {0, UINT64_MAX, count, 0};
    known = narrow(known, kernels, keys, count, k, UINT64_MAX); /* high: the largest key */
    known = narrow(known, kernels, keys, count, k, known.low);  /* low: the smallest */
    for (size_t turn = 0; known.low < known.high; turn++) {
        uint64_t threshold = turn % 4 != 3 ? even_guess(known, k) : middle(known);
        known = narrow(known, kernels, keys, count, k, threshold);
    }
    return known.low;
}

size_t csimd_collect(const uint64_t *keys, size_t count, uint64_t threshold, uint32_t *indices) {
    assert(count <= UINT32_MAX);
    return csimd_kernels_current()->collect(keys, count, threshold, indices);
}

/* Runs of this many are ordered by rank, longer ones by merging runs: ranks cost count^2 / lanes
 * but have no branches. */
enum { RUN_KEYS = CSIMD_RANKS_MAX };

static void sort_run(const csimd_kernels *kernels, const uint64_t *keys, size_t start, size_t count,
                     uint32_t *order) {
    uint32_t ranks[RUN_KEYS];
    kernels->ranks(keys + start, count, ranks);
    for (size_t i = 0; i < count; i++) {
        order[start + ranks[i]] = (uint32_t)(start + i);
    }
}

/* Merges from[start..<middle] and from[middle..<end] into the same places of `to`. The left one
 * goes first when keys are equal, and its choice is arithmetic, not a branch. */
static void merge(const uint64_t *keys, const uint32_t *from, uint32_t *to, size_t start,
                  size_t middle, size_t end) {
    size_t left = start;
    size_t right = middle;
    size_t at = start;
    while (left < middle && right < end) {
        bool takes_right = keys[from[right]] > keys[from[left]];
        to[at++] = from[takes_right ? right : left];
        right += takes_right;
        left += !takes_right;
    }
    memcpy(to + at, from + left, (middle - left) * sizeof *to);
    memcpy(to + at + (middle - left), from + right, (end - right) * sizeof *to);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

void csimd_sort_descending(const uint64_t *keys, size_t count, uint32_t *order, uint32_t *scratch) {
    assert(count <= UINT32_MAX);
    const csimd_kernels *kernels = csimd_kernels_current();
    for (size_t start = 0; start < count; start += RUN_KEYS) {
        sort_run(kernels, keys, start, smaller(RUN_KEYS, count - start), order);
    }
    uint32_t *from = order;
    uint32_t *to = scratch;
    for (size_t width = RUN_KEYS; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t middle = smaller(start + width, count);
            merge(keys, from, to, start, middle, smaller(middle + width, count));
        }
        uint32_t *merged = to;
        to = from;
        from = merged;
    }
    if (from != order) {
        memcpy(order, from, count * sizeof *order);
    }
}
