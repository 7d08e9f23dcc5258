/* Slot -> row, for one or for a whole block of candidates: a block goes through its stages
 * together, each of which asks for the lines that the next one reads. */
#include "store.h"

/* The row among `row` and those behind it that a reader of the sequence sees. */
static inline uint32_t row_at(const catalogue *catalogue, uint32_t row, uint64_t sequence) {
    while (row != ROW_NONE) {
        const row_chunk *chunk = catalogue_chunk(catalogue, row);
        uint32_t index = row & (CHUNK_ROWS - 1);
        uint64_t born = atomic_load_explicit(&chunk->attributes[index].born, memory_order_acquire);
        if (born <= sequence) {
            return row;
        }
        row = atomic_load_explicit(&chunk->previous[index], memory_order_acquire);
    }
    return ROW_NONE;
}

uint32_t catalogue_row(const catalogue *catalogue, uint32_t slot, uint64_t sequence) {
    return row_at(catalogue, catalogue_newest(catalogue, slot), sequence);
}

static inline void prefetch_newest(const catalogue *catalogue, uint32_t slot) {
    _Atomic uint32_t *rows =
        atomic_load_explicit(&catalogue->slot_rows[slot >> SLOT_CHUNK_SHIFT], memory_order_acquire);
    if (rows != NULL) {
        __builtin_prefetch((const void *)&rows[slot & (SLOT_CHUNK_SLOTS - 1)]);
    }
}

void catalogue_rows(const catalogue *catalogue, const uint32_t *slots, size_t count,
                    uint64_t sequence, uint32_t *rows) {
    for (size_t i = 0; i < count; i++) {
        if (slots[i] != CSIMD_SLOT_NONE) {
            prefetch_newest(catalogue, slots[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        rows[i] = slots[i] != CSIMD_SLOT_NONE ? catalogue_newest(catalogue, slots[i]) : ROW_NONE;
        if (rows[i] != ROW_NONE) { /* the newest row is nearly always the one that is seen */
            __builtin_prefetch(catalogue_attributes(catalogue, rows[i]));
        }
    }
    for (size_t i = 0; i < count; i++) {
        rows[i] = row_at(catalogue, rows[i], sequence);
    }
}
