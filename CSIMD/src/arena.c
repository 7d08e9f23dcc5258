/* Arenas over jemalloc: each csimd_arena is a jemalloc arena of its own, so that destroying it
 * gives every page back without a walk over the blocks, and its figures are jemalloc's own. Blocks
 * bypass the thread caches: a cached block would outlive its arena. Builds with CSIMD_SYSTEM_MALLOC
 * use arena_system.c instead.
 */
#if !defined(CSIMD_SYSTEM_MALLOC)

#define _GNU_SOURCE /* madvise */

#include "csimd.h"

#if !__has_include(<jemalloc/jemalloc.h>)
#error "jemalloc is missing: apt-get install libjemalloc-dev (macOS: brew install jemalloc)"
#endif

#include <assert.h>
#include <jemalloc/jemalloc.h>
#include <stdio.h>
#include <sys/mman.h>

enum { HUGE_PAGE_BYTES = 2 << 20, NAME_BYTES = 64 };

struct csimd_arena {
    unsigned index; /* jemalloc's number for it; the structure lies in that arena itself */
};

static int flags_of(unsigned index, size_t alignment) {
    return MALLOCX_ARENA(index) | MALLOCX_TCACHE_NONE | MALLOCX_ALIGN(alignment) | MALLOCX_ZERO;
}

static void destroy_index(unsigned index) {
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "arena.%u.destroy", index);
    int failure = mallctl(name, NULL, NULL, NULL, 0);
    assert(failure == 0);
    (void)failure;
}

csimd_arena *csimd_arena_create(void) {
    unsigned index;
    size_t index_bytes = sizeof index;
    if (mallctl("arenas.create", &index, &index_bytes, NULL, 0) != 0) {
        return NULL;
    }
    csimd_arena *arena = mallocx(sizeof *arena, flags_of(index, _Alignof(csimd_arena)));
    if (arena == NULL) {
        destroy_index(index);
        return NULL;
    }
    arena->index = index;
    return arena;
}

void csimd_arena_destroy(csimd_arena *arena) {
    destroy_index(arena->index);
}

#if defined(MADV_HUGEPAGE)
static void ask_for_huge_pages(void *memory, size_t bytes) {
    madvise(memory, bytes, MADV_HUGEPAGE); /* only a wish: a refusal changes nothing */
}
#else
static void ask_for_huge_pages(void *memory, size_t bytes) {
    (void)memory;
    (void)bytes;
}
#endif

void *csimd_arena_allocate(csimd_arena *arena, size_t bytes, size_t alignment) {
    assert(bytes > 0);
    assert(alignment > 0);
    assert((alignment & (alignment - 1)) == 0);
    if (bytes < HUGE_PAGE_BYTES) {
        return mallocx(bytes, flags_of(arena->index, alignment));
    }
    size_t huge_alignment = alignment > HUGE_PAGE_BYTES ? alignment : HUGE_PAGE_BYTES;
    void *memory = mallocx(bytes, flags_of(arena->index, huge_alignment));
    if (memory != NULL) {
        ask_for_huge_pages(memory, bytes);
    }
    return memory;
}

void csimd_arena_release(csimd_arena *arena, void *memory) {
    if (memory != NULL) {
        dallocx(memory, MALLOCX_ARENA(arena->index) | MALLOCX_TCACHE_NONE);
    }
}

/* jemalloc's figures are a snapshot, taken when the epoch moves. */
static void refresh_figures(void) {
    uint64_t epoch = 1;
    size_t epoch_bytes = sizeof epoch;
    mallctl("epoch", &epoch, &epoch_bytes, &epoch, epoch_bytes);
}

/* 0 for a figure that this build of jemalloc does not keep. */
static size_t figure(const char *name) {
    size_t value = 0;
    size_t value_bytes = sizeof value;
    return mallctl(name, &value, &value_bytes, NULL, 0) == 0 ? value : 0;
}

static size_t arena_figure(unsigned index, const char *what) {
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "stats.arenas.%u.%s", index, what);
    return figure(name);
}

csimd_memory csimd_arena_memory(const csimd_arena *arena) {
    refresh_figures();
    return (csimd_memory){
        .allocated_bytes = arena_figure(arena->index, "small.allocated") +
                           arena_figure(arena->index, "large.allocated"),
        .active_bytes = arena_figure(arena->index, "pactive") * figure("arenas.page"),
        .resident_bytes = arena_figure(arena->index, "resident"),
    };
}

csimd_memory csimd_process_memory(void) {
    refresh_figures();
    return (csimd_memory){
        .allocated_bytes = figure("stats.allocated"),
        .active_bytes = figure("stats.active"),
        .resident_bytes = figure("stats.resident"),
    };
}

uint64_t csimd_thread_allocated_bytes(void) {
    uint64_t value = 0;
    size_t value_bytes = sizeof value;
    return mallctl("thread.allocated", &value, &value_bytes, NULL, 0) == 0 ? value : 0;
}

#else
typedef int csimd_no_jemalloc;
#endif
