/* How long the kernels of each instruction set take on this machine, in microseconds: medians of
 * rounds, each with rows it has not touched before, so that no cache flatters the figure. Not part
 * of the test run; meant for a quiet machine.
 */
#include "check.h"

#include <time.h>

enum {
    ROWS_COUNT = 1000000,
    DIMENSION = 128,
    SIGNALS_COUNT = 64,
    CANDIDATES_COUNT = 1000,
    TOP = 100,
    ROUNDS = 101,
};

typedef struct {
    const int8_t *rows[CANDIDATES_COUNT];
    int32_t row_sums[CANDIDATES_COUNT];
    int64_t sums[CANDIDATES_COUNT];
    double logits[CANDIDATES_COUNT];
    double probabilities[CANDIDATES_COUNT];
    uint64_t keys[CANDIDATES_COUNT];
    uint64_t top_keys[CANDIDATES_COUNT];
    uint32_t indices[CANDIDATES_COUNT];
    uint32_t order[CANDIDATES_COUNT];
    uint32_t scratch[CANDIDATES_COUNT + 64];
    const int8_t *signals[SIGNALS_COUNT];
    int16_t weights[SIGNALS_COUNT];
    csimd_fold fold;
    csimd_pack pack;
    void *pack_memory;
    const int8_t *table;
    const int32_t *table_sums;
} request;

static request asked;

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

/* Fresh candidates; their sums lie side by side, as a request has gathered them. */
static void ask_again(void) {
    for (size_t i = 0; i < CANDIDATES_COUNT; i++) {
        size_t id = random_below(ROWS_COUNT);
        asked.rows[i] = asked.table + id * DIMENSION;
        asked.row_sums[i] = asked.table_sums[id];
        asked.logits[i] = random_between(-6.0, 2.0);
    }
    csimd_keys_of_doubles(asked.keys, asked.logits, CANDIDATES_COUNT);
}

/* What memory alone costs: one byte of every cache line of every candidate, asked for as early as
 * the kernels ask. */
static void run_touch(void) {
    enum { AHEAD = 64 };
    for (size_t i = 0; i < CANDIDATES_COUNT; i++) {
        const int8_t *row = asked.rows[i];
        const int8_t *next = asked.rows[i + AHEAD < CANDIDATES_COUNT ? i + AHEAD : i];
        for (size_t offset = 0; offset < DIMENSION; offset += 64) {
            __builtin_prefetch(next + offset, 0, 3);
            asked.sums[i] = *(const volatile int8_t *)(row + offset);
        }
    }
}

static void run_fold_build(void) {
    csimd_fold_build(&asked.fold, asked.signals, asked.weights, SIGNALS_COUNT, DIMENSION);
}

static void run_fold_sums(void) {
    csimd_fold_sums(&asked.fold, asked.rows, CANDIDATES_COUNT, asked.sums);
}

static void run_pack_build(void) {
    csimd_pack_build(&asked.pack, asked.pack_memory, asked.signals, asked.weights, SIGNALS_COUNT,
                     DIMENSION);
}

static void run_pack_sums(void) {
    csimd_pack_sums(&asked.pack, asked.rows, asked.row_sums, CANDIDATES_COUNT, asked.sums);
}

static void run_select(void) {
    uint64_t threshold = csimd_select_threshold(asked.keys, CANDIDATES_COUNT, TOP);
    size_t found = csimd_collect(asked.keys, CANDIDATES_COUNT, threshold, asked.indices);
    for (size_t i = 0; i < found; i++) {
        asked.top_keys[i] = asked.keys[asked.indices[i]];
    }
    csimd_sort_descending(asked.top_keys, found, asked.order, asked.scratch);
}

static void run_sort(void) {
    csimd_sort_descending(asked.keys, CANDIDATES_COUNT, asked.order, asked.scratch);
}

static void run_logistic(void) {
    csimd_logistic(asked.probabilities, asked.logits, CANDIDATES_COUNT);
}

static void run_terms(void) {
    csimd_logits_add_sums(asked.logits, asked.sums, 0x1p-30, CANDIDATES_COUNT);
    csimd_logits_add(asked.logits, asked.probabilities, 0.25, CANDIDATES_COUNT);
}

static void run_keys(void) {
    csimd_keys_of_doubles(asked.keys, asked.logits, CANDIDATES_COUNT);
}

typedef struct {
    const char *name;
    void (*run)(void);
} figure;

/* In the order of a request. */
static const figure figures[] = {
    {"touch 1,000 of 1M rows", run_touch},
    {"build a fold of 64 signals", run_fold_build},
    {"fold_sums, 1,000 of 1M rows", run_fold_sums},
    {"build a pack of 64 signals", run_pack_build},
    {"pack_sums, 1,000 of 1M rows x 64", run_pack_sums},
    {"add two terms to 1,000 logits", run_terms},
    {"logistic of 1,000", run_logistic},
    {"keys of 1,000", run_keys},
    {"select and sort top 100 of 1,000", run_select},
    {"sort 1,000", run_sort},
};
enum { FIGURES_COUNT = sizeof figures / sizeof figures[0] };

static int compare_times(const void *a, const void *b) {
    double first = *(const double *)a;
    double second = *(const double *)b;
    return (first > second) - (first < second);
}

static double median_us(void (*run)(void)) {
    double times[ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        ask_again();
        double start = now_us();
        run();
        times[round] = now_us() - start;
    }
    qsort(times, ROUNDS, sizeof times[0], compare_times);
    return times[ROUNDS / 2];
}

static void make_table(csimd_arena *arena) {
    int8_t *table = need(csimd_arena_allocate(arena, (size_t)ROWS_COUNT * DIMENSION, 64));
    int32_t *sums = need(csimd_arena_allocate(arena, ROWS_COUNT * sizeof(int32_t), 64));
    for (size_t i = 0; i < (size_t)ROWS_COUNT * DIMENSION; i++) {
        table[i] = random_byte();
    }
    for (size_t i = 0; i < ROWS_COUNT; i++) {
        sums[i] = csimd_row_sum(table + i * DIMENSION, DIMENSION);
    }
    asked.table = table;
    asked.table_sums = sums;
    for (size_t j = 0; j < SIGNALS_COUNT; j++) {
        asked.signals[j] = table + random_below(ROWS_COUNT) * DIMENSION;
        asked.weights[j] = (int16_t)random_below(CSIMD_WEIGHT_MAX);
    }
    asked.pack_memory =
        need(csimd_arena_allocate(arena, csimd_pack_bytes(SIGNALS_COUNT, DIMENSION), 64));
}

int main(void) {
    csimd_arena *arena = need(csimd_arena_create());
    make_table(arena);
    printf("%-36s", "microseconds");
    for (size_t i = 0; csimd_isa_supported(i) != NULL; i++) {
        printf("%14s", csimd_isa_supported(i));
    }
    printf("\n");
    for (size_t figure = 0; figure < FIGURES_COUNT; figure++) {
        printf("%-36s", figures[figure].name);
        for (size_t i = 0; csimd_isa_supported(i) != NULL; i++) {
            csimd_isa_use(csimd_isa_supported(i));
            printf("%14.2f", median_us(figures[figure].run));
        }
        printf("\n");
    }
    csimd_arena_destroy(arena);
    return 0;
}
