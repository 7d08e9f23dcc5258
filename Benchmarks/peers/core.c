/* Cairn's core beside other libraries, for peers.py: one line a figure, "name <tab> microseconds",
 * the median of rounds. One thread. */
#include "items.h"

#include <stdlib.h>
#include <time.h>

enum { ITEMS = 1000000, CANDIDATES = 1000, SIGNALS = 64, TOP = 100, ROUNDS = 501 };

static csimd_store *store;
static csimd_ranker *ranker;
static uint32_t likes[SIGNALS];
static uint64_t numbers[CANDIDATES];
static const int8_t *rows[CANDIDATES];
static int32_t row_sums[CANDIDATES];
static int64_t sums[CANDIDATES];
static csimd_pack pack;

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void fill_store(void) {
    for (size_t i = 0; i < ITEMS; i++) {
        char identifier[24];
        int8_t text[CSIMD_TEXT_DIMENSION];
        snprintf(identifier, sizeof identifier, "%zu", i);
        fill_row(text, sizeof text);
        csimd_item item = item_named(identifier);
        item.text = text;
        put(store, item);
    }
}

static void choose(void) {
    for (size_t i = 0; i < CANDIDATES; i++) {
        numbers[i] = random_below(ITEMS);
    }
}

/* Identifiers to the best 100: look-ups, filters, dots with each signal, weights, logits, order. */
static void run_whole(void) {
    csimd_rank_setup setup = {.clock_ms = 1000, .kinds = 1, .affinities_count = 1, .bias = -3};
    setup.affinities[0] =
        (csimd_affinity_setup){CSIMD_SPACE_TEXT, CSIMD_SHAPE_POSITIVE, 0.01, true};
    csimd_ranker_pin(ranker);
    csimd_ranker_begin(ranker, &setup);
    for (size_t i = 0; i < SIGNALS; i++) {
        csimd_ranker_add_item(ranker, 0, likes[i], (uint32_t)i,
                              csimd_signal_weight_of(32768, (int64_t)i, 1000));
    }
    csimd_ranker_prepare(ranker);
    csimd_rank_numbers(ranker, (const uint8_t *)numbers, CANDIDATES, TOP);
    csimd_ranker_end(ranker);
}

/* Dots with each signal and their weighted sum alone. */
static void run_sums(void) {
    csimd_pack_sums(&pack, rows, row_sums, CANDIDATES, sums);
}

static void report(const char *name, void (*run)(void), bool is_fresh) {
    static double times[ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        if (is_fresh) {
            choose();
        }
        double start = now_us();
        run();
        times[round] = now_us() - start;
    }
    qsort(times, ROUNDS, sizeof *times, compare_doubles);
    printf("%s\t%.2f\n", name, times[ROUNDS / 2]);
}

#if defined(__x86_64__)
#include <immintrin.h>

/* The machine's own peak: independent vpdpbusd on registers, as many products as the work above. */
__attribute__((target("avx512f,avx512vnni"))) static void run_peak(void) {
    __m512i lanes[16];
    for (size_t i = 0; i < 16; i++) {
        lanes[i] = _mm512_set1_epi32((int)i);
    }
    const size_t instructions = (size_t)CANDIDATES * SIGNALS * CSIMD_TEXT_DIMENSION / 64;
    for (size_t i = 0; i < instructions; i += 16) {
#pragma clang loop unroll(full)
        for (size_t j = 0; j < 16; j++) {
            __asm__ volatile("vpdpbusd %1, %1, %0" : "+v"(lanes[j]) : "v"(lanes[(j + 1) % 16]));
        }
    }
    sums[0] = _mm512_reduce_add_epi32(lanes[3]);
}
#endif

int main(void) {
    store = need(csimd_store_create(0));
    ranker = need(csimd_ranker_create(store));
    fill_store();
    for (size_t i = 0; i < SIGNALS; i++) {
        char identifier[24];
        snprintf(identifier, sizeof identifier, "%zu", random_below(ITEMS));
        likes[i] = slot_named(store, identifier);
    }
    report("whole", run_whole, true);

    static int8_t cached[CANDIDATES][CSIMD_TEXT_DIMENSION] __attribute__((aligned(64)));
    static int8_t signals[SIGNALS][CSIMD_TEXT_DIMENSION];
    const int8_t *signal_rows[SIGNALS];
    int16_t weights[SIGNALS];
    for (size_t i = 0; i < CANDIDATES; i++) {
        fill_row(cached[i], CSIMD_TEXT_DIMENSION);
        rows[i] = cached[i];
        row_sums[i] = csimd_row_sum(cached[i], CSIMD_TEXT_DIMENSION);
    }
    for (size_t i = 0; i < SIGNALS; i++) {
        fill_row(signals[i], CSIMD_TEXT_DIMENSION);
        signal_rows[i] = signals[i];
        weights[i] = (int16_t)(32767 - 100 * (int)i);
    }
    void *memory = need(aligned_alloc(64, csimd_pack_bytes(SIGNALS, CSIMD_TEXT_DIMENSION)));
    csimd_pack_build(&pack, memory, signal_rows, weights, SIGNALS, CSIMD_TEXT_DIMENSION);
    report("sums", run_sums, false);
#if defined(__x86_64__)
    if (strcmp(csimd_isa_name(), "avx512vnni") == 0) {
        report("peak", run_peak, false);
    }
#endif
    free(memory);
    csimd_ranker_destroy(ranker);
    csimd_store_destroy(store);
    return 0;
}
