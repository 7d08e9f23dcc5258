/* Arenas over the system's allocator, for builds under sanitizers (CSIMD_SYSTEM_MALLOC): those
 * replace malloc themselves and do not bear jemalloc beside them. An arena is a list of its blocks
 * under a lock; figures are counted, and active and resident are what was allocated.
 */
#if defined(CSIMD_SYSTEM_MALLOC)

#define _GNU_SOURCE /* posix_memalign, which does not round the size up: overruns stay visible */

#include "csimd.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Lies right before the bytes a caller sees, in the same block of memory. */
typedef struct block {
    struct block *previous;
    struct block *next;
    void *start; /* what free() takes */
    size_t bytes;
} block;

struct csimd_arena {
    pthread_mutex_t lock;
    block *blocks;
    uint64_t allocated_bytes;
};

static _Atomic uint64_t process_bytes;

csimd_arena *csimd_arena_create(void) {
    csimd_arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL && pthread_mutex_init(&arena->lock, NULL) != 0) {
        free(arena);
        return NULL;
    }
    return arena;
}

void csimd_arena_destroy(csimd_arena *arena) {
    for (block *each = arena->blocks; each != NULL;) {
        block *next = each->next;
        free(each->start);
        each = next;
    }
    atomic_fetch_sub(&process_bytes, arena->allocated_bytes);
    pthread_mutex_destroy(&arena->lock);
    free(arena);
}

void *csimd_arena_allocate(csimd_arena *arena, size_t bytes, size_t alignment) {
    assert(bytes > 0);
    assert(alignment > 0);
    assert((alignment & (alignment - 1)) == 0);
    size_t block_alignment = alignment > _Alignof(block) ? alignment : _Alignof(block);
    size_t head_bytes = (sizeof(block) + block_alignment - 1) / block_alignment * block_alignment;
    void *start;
    if (bytes > SIZE_MAX - head_bytes ||
        posix_memalign(&start, block_alignment, head_bytes + bytes) != 0) {
        return NULL;
    }
    char *memory = (char *)start + head_bytes;
    memset(memory, 0, bytes);

    block *added = (block *)memory - 1;
    *added = (block){.start = start, .bytes = bytes};
    pthread_mutex_lock(&arena->lock);
    added->next = arena->blocks;
    if (added->next != NULL) {
        added->next->previous = added;
    }
    arena->blocks = added;
    arena->allocated_bytes += bytes;
    pthread_mutex_unlock(&arena->lock);
    atomic_fetch_add(&process_bytes, bytes);
    return memory;
}

void csimd_arena_release(csimd_arena *arena, void *memory) {
    if (memory == NULL) {
        return;
    }
    block *removed = (block *)memory - 1;
    pthread_mutex_lock(&arena->lock);
    if (removed->previous != NULL) {
        removed->previous->next = removed->next;
    } else {
        assert(arena->blocks == removed);
        arena->blocks = removed->next;
    }
    if (removed->next != NULL) {
        removed->next->previous = removed->previous;
    }
    arena->allocated_bytes -= removed->bytes;
    pthread_mutex_unlock(&arena->lock);
    atomic_fetch_sub(&process_bytes, removed->bytes);
    free(removed->start);
}

csimd_memory csimd_arena_memory(const csimd_arena *arena) {
    csimd_arena *locked = (csimd_arena *)arena; /* only the lock changes */
    pthread_mutex_lock(&locked->lock);
    uint64_t bytes = arena->allocated_bytes;
    pthread_mutex_unlock(&locked->lock);
    return (csimd_memory){bytes, bytes, bytes};
}

csimd_memory csimd_process_memory(void) {
    uint64_t bytes = atomic_load(&process_bytes);
    return (csimd_memory){bytes, bytes, bytes};
}

uint64_t csimd_thread_allocated_bytes(void) {
    return 0;
}

#else
typedef int csimd_no_system_malloc;
#endif
