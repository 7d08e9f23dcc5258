/* Arenas: alignment, zeros, figures, threads, and that destroying one gives its memory back. */
#include "check.h"

#include <pthread.h>

enum { MIB = 1 << 20 };

static bool is_zero(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void test_blocks(void) {
    csimd_arena *arena = need(csimd_arena_create());
    bool aligned = true;
    bool zeroed = true;
    for (size_t turn = 0; turn < 3; turn++) { /* later turns get memory that was used before */
        for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
            size_t bytes = 1 + random_below(10000);
            uint8_t *block = need(csimd_arena_allocate(arena, bytes, alignment));
            aligned = aligned && (uintptr_t)block % alignment == 0;
            zeroed = zeroed && is_zero(block, bytes);
            memset(block, 0xff, bytes);
            csimd_arena_release(arena, block);
        }
    }
    check("blocks are aligned as asked", aligned);
    check("blocks are zeroed, also where memory is used again", zeroed);
    csimd_arena_release(arena, NULL);
    check("an impossible size gives NULL", csimd_arena_allocate(arena, SIZE_MAX / 4, 64) == NULL);
    csimd_arena_destroy(arena);
}

static void test_figures(void) {
    csimd_arena *arena = need(csimd_arena_create());
    uint64_t start = csimd_arena_memory(arena).allocated_bytes;
    void *block = need(csimd_arena_allocate(arena, 5 * MIB, 64));
    memset(block, 1, 5 * MIB);
    csimd_memory held = csimd_arena_memory(arena);
    check("an arena counts what it handed out",
          held.allocated_bytes >= start + 5 * MIB && held.allocated_bytes < start + 7 * MIB);
    check("pages cover what was handed out",
          held.active_bytes >= held.allocated_bytes && held.resident_bytes >= held.active_bytes);
    csimd_arena *other = need(csimd_arena_create());
    check("arenas are counted apart", csimd_arena_memory(other).allocated_bytes < MIB);
    csimd_arena_destroy(other);
    csimd_arena_release(arena, block);
    check("what is released is no longer counted",
          csimd_arena_memory(arena).allocated_bytes == start);
    csimd_arena_destroy(arena);
}

static void test_huge_block(void) {
    csimd_arena *arena = need(csimd_arena_create());
    uint8_t *block = need(csimd_arena_allocate(arena, 3 * MIB + 5, 64));
    block[0] = block[3 * MIB + 4] = 1;
#if defined(CSIMD_SYSTEM_MALLOC)
    const size_t alignment = 64;
#else
    const size_t alignment = 2 * MIB;
#endif
    check("large blocks lie where huge pages can", (uintptr_t)block % alignment == 0);
    csimd_arena_destroy(arena);
}

static void test_destroy(void) {
    csimd_memory before = csimd_process_memory();
    for (size_t turn = 0; turn < 20; turn++) {
        csimd_arena *arena = need(csimd_arena_create());
        for (size_t i = 0; i < 100; i++) {
            memset(need(csimd_arena_allocate(arena, 1000 + i, 64)), 1, 1000 + i);
        }
        memset(need(csimd_arena_allocate(arena, 16 * MIB, 64)), 1, 16 * MIB);
        csimd_arena_destroy(arena);
    }
    csimd_memory after = csimd_process_memory();
    check("destroying an arena gives back all it handed out",
          after.allocated_bytes < before.allocated_bytes + MIB);
    check("destroying an arena gives back its pages",
          after.resident_bytes < before.resident_bytes + 16 * MIB);
}

static csimd_arena *shared_arena;

static void *allocate_often(void *seed) {
    uint8_t **kept = calloc(50, sizeof *kept);
    for (size_t i = 0; i < 2000; i++) {
        uint8_t **slot = &kept[i % 50];
        csimd_arena_release(shared_arena, *slot);
        *slot = csimd_arena_allocate(shared_arena, 16 + (i * 37 + (size_t)seed) % 4000, 16);
        **slot = (uint8_t)(size_t)seed;
    }
    bool own = true;
    for (size_t i = 0; i < 50; i++) {
        own = own && *kept[i] == (uint8_t)(size_t)seed;
        csimd_arena_release(shared_arena, kept[i]);
    }
    free(kept);
    return own ? shared_arena : NULL;
}

static void test_threads(void) {
    shared_arena = need(csimd_arena_create());
    uint64_t start = csimd_arena_memory(shared_arena).allocated_bytes;
    pthread_t threads[4];
    bool own = true;
    for (size_t i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, allocate_often, (void *)(i + 1));
    }
    for (size_t i = 0; i < 4; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        own = own && result != NULL;
    }
    check("threads share an arena without mixing their blocks", own);
    check("nothing is left when all have released",
          csimd_arena_memory(shared_arena).allocated_bytes == start);
    csimd_arena_destroy(shared_arena);
}

static void test_thread_figure(void) {
    csimd_arena *arena = need(csimd_arena_create());
    uint64_t before = csimd_thread_allocated_bytes();
    need(csimd_arena_allocate(arena, 4096, 64));
    uint64_t after = csimd_thread_allocated_bytes();
#if defined(CSIMD_SYSTEM_MALLOC)
    check("a build without jemalloc has no figure for a thread", before == 0 && after == 0);
#else
    check("a thread's allocations are counted", after - before >= 4096 && after - before < 8192);
    uint64_t quiet = csimd_thread_allocated_bytes();
    check("asking for a thread's figure allocates nothing", quiet == after);
#endif
    csimd_arena_destroy(arena);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    test_blocks();
    test_figures();
    test_huge_block();
    test_destroy();
    test_threads();
    test_thread_figure();
    return check_end();
}
