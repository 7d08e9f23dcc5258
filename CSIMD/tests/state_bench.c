/* What a copy of a large state costs its caller and the child, and what reading it back costs, in
 * milliseconds of the processor: a tenth of a million items and of a million users with 20 signals
 * each, or with 1 as argument the whole, which needs some 4 GiB. Not part of the test run. */
#include "items.h"

#include <sys/resource.h>
#include <time.h>

#include "csimd_state.h"

enum { MILLION = 1000000, SHARDS = 64, SIGNALS = 20, TASTE = 128, PIECE_BYTES = 1 << 20 };

/* Of the processor, so that others on the machine do not count; the copy's is the child's. */
static double now_ms(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static void fill_items(csimd_store *store, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char identifier[24];
        int8_t text[CSIMD_TEXT_DIMENSION];
        int8_t taste[TASTE];
        snprintf(identifier, sizeof identifier, "%zu", i);
        fill_row(text, sizeof text);
        fill_row(taste, sizeof taste);
        csimd_item item = item_named(identifier);
        item.text = text;
        item.taste = taste;
        item.taste_signal = taste;
        item.record = text;
        item.record_bytes = 60;
        put(store, item);
    }
}

static void fill_users(csimd_store *store, csimd_shard **shards, size_t users, size_t items) {
    for (size_t i = 0; i < users; i++) {
        char name[24];
        size_t bytes = (size_t)snprintf(name, sizeof name, "user-%zu", i);
        uint64_t hash = csimd_hash(name, bytes);
        csimd_shard *shard = shards[hash & (SHARDS - 1)];
        csimd_user *user = need(csimd_shard_obtain(shard, hash, (const uint8_t *)name, bytes));
        for (size_t j = 0; j < SIGNALS; j++) {
            csimd_signal signal = {.time_ms = (int64_t)j,
                                   .event = random_u64(),
                                   .subject = (uint32_t)random_below(items)};
            csimd_signal dropped;
            bool has_dropped;
            csimd_store_retain(store, signal.subject);
            csimd_user_add(shard, user, CSIMD_RING_BEHAVIOUR, (csimd_ring_room){512, 128}, &signal,
                           NULL, 0, &dropped, &has_dropped);
        }
    }
}

static uint8_t *read_all(csimd_state_child *child, size_t *count) {
    size_t capacity = (size_t)1 << 31;
    uint8_t *bytes = need(malloc(capacity));
    *count = 0;
    for (;;) {
        ptrdiff_t more = csimd_state_child_read(child, bytes + *count, PIECE_BYTES);
        if (more <= 0) {
            break;
        }
        *count += (size_t)more;
    }
    if (!csimd_state_child_end(child)) {
        need(NULL);
    }
    return bytes;
}

static void create(csimd_store **store, csimd_shard **shards) {
    *store = need(csimd_store_create(TASTE));
    for (size_t i = 0; i < SHARDS; i++) {
        shards[i] = need(csimd_shard_create(*store));
    }
}

static void destroy(csimd_store *store, csimd_shard **shards) {
    for (size_t i = 0; i < SHARDS; i++) {
        csimd_shard_destroy(shards[i]);
    }
    csimd_store_destroy(store);
}

int main(int arguments_count, char **arguments) {
    size_t part = arguments_count > 1 ? (size_t)atoi(arguments[1]) : 10;
    size_t count = MILLION / (part > 0 ? part : 1);
    csimd_store *store;
    csimd_shard *shards[SHARDS];
    create(&store, shards);
    fill_items(store, count);
    fill_users(store, shards, count, count);
    csimd_state_source source = {store, (const csimd_shard *const *)shards, SHARDS};
    csimd_state_child child;
    double wall = now_ms(CLOCK_MONOTONIC);
    double start = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    if (csimd_state_fork(&source, &child) != CSIMD_STATUS_OK) {
        need(NULL);
    }
    double forked = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    wall = now_ms(CLOCK_MONOTONIC) - wall;
    size_t bytes_count;
    uint8_t *bytes = read_all(&child, &bytes_count);
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    double copied = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
                    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-3;
    destroy(store, shards);
    create(&store, shards);
    csimd_state_limits limits = {.time_ms_max = 1000,
                                 .bid_micros_max = 1,
                                 .kinds_count = 1,
                                 .products_count = 1,
                                 .ring_rooms = {{512, 128}}};
    double begun = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    csimd_restoration *restoration = need(csimd_restoration_create(store, shards, SHARDS, limits));
    csimd_status status = CSIMD_STATUS_OK;
    for (size_t at = 0; at < bytes_count && status == CSIMD_STATUS_OK; at += PIECE_BYTES) {
        size_t piece = bytes_count - at < PIECE_BYTES ? bytes_count - at : PIECE_BYTES;
        status = csimd_restoration_take(restoration, bytes + at, piece);
    }
    if (status != CSIMD_STATUS_OK || csimd_restoration_finish(restoration, 0) != CSIMD_STATUS_OK) {
        need(NULL);
    }
    csimd_restoration_destroy(restoration);
    double restored = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    printf("state of %zu items and users: %zu MB  fork %.1f ms (%.1f by the clock)  child %.0f ms  "
           "restore %.0f ms\n",
           count, bytes_count >> 20, forked - start, wall, copied, restored - begun);
    free(bytes);
    destroy(store, shards);
    return 0;
}
