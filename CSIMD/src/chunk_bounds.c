/* What scans read of a chunk's rows, written when a row is: columns, and bounds over all rows. */
#include "kernels.h"
#include "store.h"

#include <math.h>

double bound_logarithm(double value) {
    const double ln2 = 0x1.62e42fefa39efp-1;
    if (!(value > 0)) {
        return -INFINITY;
    }
    int exponent;
    double fraction = frexp(value, &exponent); /* in [1/2, 1): log f = logit(f / (1 + f)) */
    return exponent * ln2 + csimd_logit(fraction / (1 + fraction));
}

/* A sensitive item's sums depend on who asks: no bound keeps it out, and its score is computed. */
void chunk_write_columns(row_chunk *chunk, uint32_t index) {
    const row_attributes *attributes = &chunk->attributes[index];
    bool is_open = (attributes->flags & CSIMD_ITEM_SENSITIVE) != 0;
    bool has_prior = (attributes->flags & CSIMD_ITEM_HAS_PRIOR) != 0;
    float prior = has_prior ? attributes->prior_logit : CSIMD_COLUMN_MISSING;
    float bid_log = nextafterf((float)bound_logarithm((double)attributes->bid_micros), INFINITY);
    bool has_created = (attributes->flags & CSIMD_ITEM_HAS_CREATED) != 0;
    float created = nextafterf((float)((double)attributes->created_ms / 1000), INFINITY);
    chunk->created[index] = has_created ? created : -INFINITY;
    chunk->priors[index] = is_open ? NAN : prior;
    chunk->bid_logs[index] = is_open || attributes->bid_micros < 0 ? NAN : bid_log;
}

static void raise_u64(_Atomic uint64_t *bound, uint64_t value) {
    if (value > atomic_load_explicit(bound, memory_order_relaxed)) {
        atomic_store_explicit(bound, value, memory_order_release);
    }
}

static void raise_u32(_Atomic uint32_t *bound, uint32_t value) {
    if (value > atomic_load_explicit(bound, memory_order_relaxed)) {
        atomic_store_explicit(bound, value, memory_order_release);
    }
}

static void raise_i64(_Atomic int64_t *bound, int64_t value) {
    if (value > atomic_load_explicit(bound, memory_order_relaxed)) {
        atomic_store_explicit(bound, value, memory_order_release);
    }
}

static void lower_i64(_Atomic int64_t *bound, int64_t value) {
    if (value < atomic_load_explicit(bound, memory_order_relaxed)) {
        atomic_store_explicit(bound, value, memory_order_release);
    }
}

static void add_set(_Atomic uint64_t *sets, uint32_t set) {
    atomic_fetch_or_explicit(sets, set_bit(set), memory_order_release);
}

static uint32_t norm2_of(const int8_t *values, size_t dimension) {
    return dimension > 0 ? (uint32_t)csimd_dot(values, values, dimension) : 0;
}

void chunk_widen_bounds(const catalogue *catalogue, row_chunk *chunk, uint32_t index,
                        uint64_t born) {
    chunk_bounds *bounds = &chunk->bounds;
    const row_attributes *attributes = &chunk->attributes[index];
    const int8_t *values = chunk->rows + index * catalogue->row_bytes;
    raise_u64(&bounds->born_max, born);
    raise_i64(&bounds->created_max, attributes->created_ms);
    lower_i64(&bounds->expires_min, attributes->expires_ms);
    raise_u32(&bounds->text_norm2_max, norm2_of(values, CSIMD_TEXT_DIMENSION));
    raise_u32(&bounds->taste_norm2_max,
              norm2_of(values + CSIMD_TEXT_DIMENSION, catalogue->taste_bytes));
    add_set(&bounds->region_sets, attributes->region_set);
    add_set(&bounds->language_sets, attributes->language_set);
    if ((attributes->flags & CSIMD_ITEM_SENSITIVE) != 0) {
        atomic_store_explicit(&bounds->has_sensitive, true, memory_order_release);
    }
    atomic_fetch_add_explicit(&bounds->published, 1, memory_order_release);
}
