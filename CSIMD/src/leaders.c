/* The best candidates so far: a buffer that is cut back to the best `top` when it fills.
 *
 * Selection is by a threshold search over the keys; identifiers are only compared among candidates
 * that tie at the threshold, and in the final order among equal scores. */
#include "ranker.h"

#include <assert.h>
#include <string.h>

static const slot_record *slot_of_row(const csimd_ranker *ranker, uint32_t row) {
    uint32_t slot = catalogue_attributes(ranker->reader->catalogue, row)->slot;
    return directory_slot(&ranker->store->directory, slot);
}

static uint64_t prefix_of_row(const csimd_ranker *ranker, uint32_t row) {
    return catalogue_chunk(ranker->reader->catalogue, row)->prefixes[row & (CHUNK_ROWS - 1)];
}

/* Negative when the item of row a orders before that of row b. */
static int compare_rows(const csimd_ranker *ranker, uint32_t a, uint32_t b) {
    uint64_t prefix_a = prefix_of_row(ranker, a);
    uint64_t prefix_b = prefix_of_row(ranker, b);
    if (prefix_a != prefix_b) {
        return prefix_a < prefix_b ? -1 : 1;
    }
    return slot_compare(slot_of_row(ranker, a), slot_of_row(ranker, b));
}

/* Sorts rows whose prefixes are equal by the whole identifier: bottom-up merges. */
static void sort_by_whole_identifier(const csimd_ranker *ranker, uint32_t *rows, size_t count,
                                     uint32_t *scratch) {
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t first = 0; first < count; first += 2 * width) {
            size_t middle = first + width < count ? first + width : count;
            size_t end = first + 2 * width < count ? first + 2 * width : count;
            size_t left = first;
            size_t right = middle;
            for (size_t i = first; i < end; i++) {
                bool takes_left = right == end || (left < middle && compare_rows(ranker, rows[left],
                                                                                 rows[right]) <= 0);
                scratch[i] = takes_left ? rows[left++] : rows[right++];
            }
        }
        memcpy(rows, scratch, count * sizeof(uint32_t));
    }
}

/* Sorts rows by identifier: by prefix as numbers, and only where those are equal by all bytes. Many
 * tie when a user is new, so this is as fast as the order by score. */
static void sort_by_identifier(csimd_ranker *ranker, uint32_t *rows, size_t count) {
    leaders *leaders = &ranker->leaders;
    uint64_t *keys = leaders->tie_keys;
    for (size_t i = 0; i < count; i++) {
        keys[i] = ~prefix_of_row(ranker, rows[i]); /* descending keys are ascending prefixes */
    }
    csimd_sort_descending(keys, count, leaders->tie_order, leaders->scratch);
    memcpy(leaders->tie_rows, rows, count * sizeof(uint32_t));
    for (size_t i = 0; i < count; i++) {
        rows[i] = leaders->tie_rows[leaders->tie_order[i]];
    }
    size_t first = 0;
    while (first < count) {
        size_t end = first + 1;
        while (end < count && keys[leaders->tie_order[end]] == keys[leaders->tie_order[first]]) {
            end += 1;
        }
        sort_by_whole_identifier(ranker, rows + first, end - first, leaders->scratch);
        first = end;
    }
}

void leaders_begin(leaders *leaders, size_t top) {
    assert(top >= 1 && top <= CSIMD_TOP_MAX);
    leaders->count = 0;
    leaders->top = top;
    leaders->capacity = 2 * top + 2048; /* a cut costs about as much as filling it again */
    leaders->bar = 0;
    assert(leaders->capacity <= LEADERS_CAPACITY);
}

/* Keeps the best `top`; the bar rises to the worst of them. */
static void cut(csimd_ranker *ranker) {
    leaders *leaders = &ranker->leaders;
    if (leaders->count <= leaders->top) {
        return;
    }
    uint64_t bar = csimd_select_threshold(leaders->keys, leaders->count, leaders->top);
    size_t kept = 0;
    size_t ties = 0;
    for (size_t i = 0; i < leaders->count; i++) {
        if (leaders->keys[i] == bar) {
            leaders->order[ties++] = leaders->rows[i];
        } else if (leaders->keys[i] > bar) {
            leaders->keys[kept] = leaders->keys[i];
            leaders->rows[kept] = leaders->rows[i];
            kept += 1;
        }
    }
    /* In order even when all of them stay: offer compares with the last. */
    sort_by_identifier(ranker, leaders->order, ties);
    ties = leaders->top - kept;
    for (size_t i = 0; i < ties; i++) {
        leaders->keys[kept] = bar;
        leaders->rows[kept] = leaders->order[i];
        kept += 1;
    }
    leaders->count = kept;
    leaders->bar = bar;
}

/* A cut costs a pass over the keys: worth it for a scan, which passes over what stays below. */
void leaders_raise_bar(csimd_ranker *ranker) {
    leaders *leaders = &ranker->leaders;
    if (leaders->count > leaders->top + (leaders->bar > 0 ? leaders->top : 0)) {
        cut(ranker);
    }
}

static void offer(csimd_ranker *ranker, uint64_t key, uint32_t row) {
    leaders *leaders = &ranker->leaders;
    if (leaders->count == leaders->capacity) {
        cut(ranker);
    }
    /* After a cut the last one kept is the worst that still counts. */
    if (key < leaders->bar || (key == leaders->bar && leaders->count >= leaders->top &&
                               compare_rows(ranker, row, leaders->rows[leaders->top - 1]) > 0)) {
        return;
    }
    leaders->keys[leaders->count] = key;
    leaders->rows[leaders->count] = row;
    leaders->count += 1;
}

void leaders_offer_block(csimd_ranker *ranker) {
    candidate_block *block = &ranker->block;
    csimd_keys_of_doubles(block->keys, block->scores, block->count);
    for (size_t i = 0; i < block->count; i++) {
        if (block->scores[i] >= ranker->setup.floor && block->keys[i] >= ranker->leaders.bar) {
            offer(ranker, block->keys[i], block->rows[i]);
        }
    }
}

/* Orders runs of equal scores by identifier; `sorted` holds the rows in order of score. */
static void order_ties(csimd_ranker *ranker) {
    leaders *leaders = &ranker->leaders;
    size_t first = 0;
    while (first < leaders->count) {
        uint64_t key = leaders->keys[leaders->order[first]];
        size_t end = first + 1;
        while (end < leaders->count && leaders->keys[leaders->order[end]] == key) {
            end += 1;
        }
        if (end - first > 1) {
            sort_by_identifier(ranker, leaders->sorted + first, end - first);
        }
        first = end;
    }
}

/* How many results ahead what a reply reads is asked for: a row's attributes, the record of its
 * slot, the bytes of the identifier, each found in the one before. */
enum { RESULTS_AHEAD = 8 };

static void fill_results(csimd_ranker *ranker) {
    leaders *leaders = &ranker->leaders;
    const catalogue *catalogue = ranker->reader->catalogue;
    size_t count = leaders->count;
    for (size_t turn = 0; turn < count + 2 * RESULTS_AHEAD; turn++) {
        size_t i = turn;
        if (i < count) {
            __builtin_prefetch(catalogue_attributes(catalogue, leaders->sorted[i]));
        }
        i = turn - RESULTS_AHEAD; /* wraps before its first turn, and is then not below count */
        if (i < count) {
            __builtin_prefetch(slot_of_row(ranker, leaders->sorted[i]));
        }
        i = turn - 2 * RESULTS_AHEAD;
        if (i < count) {
            const slot_record *slot = slot_of_row(ranker, leaders->sorted[i]);
            __builtin_prefetch(slot->identifier);
            ranker->ranked[i] = (csimd_ranked){
                .score = csimd_double_of_key(leaders->keys[leaders->order[i]]),
                .identifier = slot->identifier,
                .identifier_bytes = slot->identifier_bytes,
                .slot = catalogue_attributes(catalogue, leaders->sorted[i])->slot,
            };
        }
    }
}

size_t leaders_finish(csimd_ranker *ranker) {
    leaders *leaders = &ranker->leaders;
    cut(ranker);
    csimd_sort_descending(leaders->keys, leaders->count, leaders->order, leaders->scratch);
    for (size_t i = 0; i < leaders->count; i++) {
        leaders->sorted[i] = leaders->rows[leaders->order[i]];
    }
    order_ties(ranker);
    fill_results(ranker);
    return leaders->count;
}
