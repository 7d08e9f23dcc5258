/* Selection of every instruction set against qsort. */
#include "check.h"

enum { COUNT_MAX = 5000 };

static uint64_t keys[COUNT_MAX];
static uint64_t sorted[COUNT_MAX];
static uint32_t expected[COUNT_MAX];
static uint32_t order[COUNT_MAX];
static uint32_t scratch[COUNT_MAX + 64];

/* Ways in which keys can lie. */
typedef enum { ANY, FEW_VALUES, ALL_EQUAL, ENDS, CLOSE, SCORES, KINDS_COUNT } kind;

static uint64_t random_key(kind how) {
    switch (how) {
    case FEW_VALUES:
        return random_below(5) << 61;
    case ALL_EQUAL:
        return 77;
    case ENDS:
        return random_below(2) == 0 ? 0 : UINT64_MAX;
    case CLOSE:
        return UINT64_MAX - random_below(20);
    case SCORES:
        return csimd_key_of_double(random_between(-5.0, 5.0));
    default:
        return random_u64();
    }
}

static void fill(kind how, size_t count) {
    for (size_t i = 0; i < count; i++) {
        keys[i] = random_key(how);
    }
}

static int descending(const void *a, const void *b) {
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;
    return (first < second) - (first > second);
}

static int by_key_then_index(const void *a, const void *b) {
    uint32_t first = *(const uint32_t *)a;
    uint32_t second = *(const uint32_t *)b;
    int keys_order = descending(&keys[first], &keys[second]);
    return keys_order != 0 ? keys_order : (first > second) - (first < second);
}

static bool threshold_is_right(const uint64_t *from, size_t count, size_t k) {
    memcpy(sorted, from, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, descending);
    return csimd_select_threshold(from, count, k) == sorted[k - 1];
}

static bool collect_is_right(const uint64_t *from, size_t count, uint64_t threshold,
                             uint32_t *indices) {
    size_t found = csimd_collect(from, count, threshold, indices);
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (from[i] >= threshold && (next >= found || indices[next++] != i)) {
            return false;
        }
    }
    return next == found;
}

static bool sort_is_right(size_t count) {
    for (size_t i = 0; i < count; i++) {
        expected[i] = (uint32_t)i;
    }
    qsort(expected, count, sizeof *expected, by_key_then_index);
    csimd_sort_descending(keys, count, order, scratch);
    return memcmp(order, expected, count * sizeof *order) == 0;
}

static void test_select(void) {
    bool thresholds = true;
    bool collected = true;
    for (kind how = 0; how < KINDS_COUNT; how++) {
        for (size_t count = 1; count <= 80; count++) {
            fill(how, count);
            const size_t ks[] = {1, count, 1 + random_below(count)};
            for (size_t i = 0; i < 3; i++) {
                thresholds = thresholds && threshold_is_right(keys, count, ks[i]);
                collected = collected && collect_is_right(keys, count, sorted[ks[i] - 1], order);
            }
        }
        fill(how, 1000);
        thresholds = thresholds && threshold_is_right(keys, 1000, 100);
        collected = collected && collect_is_right(keys, 1000, sorted[99], order);
    }
    check("the threshold is the k-th largest key", thresholds);
    check("collecting finds exactly the keys at or above the threshold", collected);
    fill(ANY, 30);
    check("collecting none and all works",
          csimd_collect(keys, 0, 0, order) == 0 && csimd_collect(keys, 30, 0, order) == 30);
}

static void test_sort(void) {
    bool right = true;
    for (kind how = 0; how < KINDS_COUNT; how++) {
        for (size_t count = 0; count <= 300; count += count < 150 ? 1 : 7) {
            fill(how, count);
            right = right && sort_is_right(count);
        }
        fill(how, check_is_small ? 1000 : COUNT_MAX);
        right = right && sort_is_right(check_is_small ? 1000 : COUNT_MAX);
    }
    check("sorting descends and keeps the order of equal keys", right);
}

/* Keys end at an unreadable page, and results at another. */
static void test_guard(void) {
    bool right = true;
    for (size_t count = 1; count <= 40; count++) {
        fill(ANY, count);
        uint64_t *end_keys = memcpy(guarded(count * 8), keys, count * 8);
        uint32_t *end_order = guarded(count * 4);
        uint32_t *end_scratch = guarded((count + 64) * 4);
        right = right && threshold_is_right(end_keys, count, (count + 1) / 2);
        right = right && collect_is_right(end_keys, count, sorted[count / 2], end_order);
        csimd_sort_descending(end_keys, count, end_order, end_scratch);
        right = right && sort_is_right(count);
        right = right && memcmp(end_order, order, count * sizeof *order) == 0;
    }
    check("selection touches nothing past the end", right);
}

static void test_isa(void) {
    test_select();
    test_sort();
    test_guard();
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    check_each_isa(test_isa);
    return check_end();
}
