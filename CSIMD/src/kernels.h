/* The kernels behind csimd.h: one table of function pointers, filled by the scalar file and then
 * raised, one instruction set at a time, by the files this machine can run. A file overrides only
 * what it does better, so an entry it leaves alone is the next lower one's.
 *
 * Callers have checked every shape (affinity.c, score.c, select.c assert them at entry): kernels
 * assume them. Whatever instruction set an entry comes from, its results are the same bytes.
 */
#ifndef CSIMD_KERNELS_H
#define CSIMD_KERNELS_H

#include "csimd.h"
#include "kernels_encoder.h"

#if !__has_include(<simde/x86/avx512.h>)
#error "SIMDe is missing: apt-get install libsimde-dev (macOS: brew install simde)"
#endif

#define CSIMD_INLINE static inline __attribute__((always_inline))

/* Before a loop of a constant number of turns over an array of vectors: only when it is unrolled
 * in full do the vectors stay in registers. */
#if defined(__clang__)
#define CSIMD_UNROLL _Pragma("clang loop unroll(full)")
#else
#define CSIMD_UNROLL _Pragma("GCC unroll 16")
#endif

/* What stands in a scan's column where an item has no value. */
#define CSIMD_COLUMN_MISSING __builtin_inff()

/* How the keys lie around a threshold. */
typedef struct {
    size_t above_count; /* keys >= threshold */
    uint64_t above_min; /* the smallest of them; UINT64_MAX if there are none */
    uint64_t below_max; /* the largest key < threshold; 0 if there are none */
} csimd_split;

/* Longer runs gain nothing on any instruction set and cost the scalar kernels dear. */
enum { CSIMD_RANKS_MAX = 128 };

typedef struct {
    /* As csimd.h says of the function of the same name. */
    int32_t (*dot)(const int8_t *a, const int8_t *b, size_t dimension);
    int32_t (*row_sum)(const int8_t *row, size_t dimension);
    void (*fold_sums)(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                      int64_t *sums);
    void (*pack_sums)(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                      size_t rows_count, int64_t *sums);
    /* dots[i] = dot(query, rows[i]). */
    void (*row_dots)(const int8_t *query, const int8_t *const *rows, size_t rows_count,
                     size_t dimension, int32_t *dots);
    void (*logits_add_sums)(double *logits, const int64_t *sums, double scale, size_t count);
    void (*logits_add)(double *logits, const double *features, double weight, size_t count);
    void (*logistic)(double *probabilities, const double *logits, size_t count);
    void (*keys_of_doubles)(uint64_t *keys, const double *values, size_t count);
    size_t (*collect)(const uint64_t *keys, size_t count, uint64_t threshold, uint32_t *indices);

    /* bounds[i] += dots[i] * scale. */
    void (*bounds_add_dots)(double *bounds, const int32_t *dots, double scale, size_t count);
    /* bounds[i] += column[i] * weight, `missing` in the place of CSIMD_COLUMN_MISSING. */
    void (*bounds_add_column)(double *bounds, const float *column, double weight, double missing,
                              size_t count);
    /* bounds[i] += weight * 2^((created[i] - now) / half-life), or up to 7 % more; weight > 0. */
    void (*bounds_add_freshness)(double *bounds, const float *created, double now, double half_life,
                                 double weight, size_t count);
    /* The places of bounds that are not below the bar, ascending; `places` has room for all. */
    size_t (*bounds_reach)(const double *bounds, double bar, uint32_t *places, size_t count);

    /* fold[d] = sum over j of weights[j] * signals[j][d]. */
    void (*fold_add)(int32_t *fold, const int8_t *const *signals, const int16_t *weights,
                     size_t signals_count, size_t dimension);
    csimd_split (*split)(const uint64_t *keys, size_t count, uint64_t threshold);

    /* ranks[i] = how many keys come before keys[i] when keys descend and equal keys keep their
     * order. Quadratic: for at most CSIMD_RANKS_MAX keys. */
    void (*ranks)(const uint64_t *keys, size_t count, uint32_t *ranks);

    csimd_encoder_kernels encoder;
} csimd_kernels;

/* The table in use. */
const csimd_kernels *csimd_kernels_current(void);

/* Each is defined where its instruction set exists, and expects a table raised to the level below.
 */
void csimd_raise_scalar(csimd_kernels *kernels);
void csimd_raise_sse2(csimd_kernels *kernels);
void csimd_raise_avx2(csimd_kernels *kernels);
void csimd_raise_avx512vnni(csimd_kernels *kernels);
void csimd_raise_neon(csimd_kernels *kernels);
void csimd_raise_neon_dotprod(csimd_kernels *kernels);

/* Rows of a request lie anywhere in a large table: kernels ask for each this many rows before they
 * read it, which keeps 64 to 128 cache lines in flight (nearer is slower, further gains nothing).
 */
enum { CSIMD_ROWS_AHEAD = 64, CSIMD_CACHE_LINE_BYTES = 64 };

CSIMD_INLINE void csimd_prefetch_row(const int8_t *row, size_t dimension) {
    for (size_t offset = 0; offset < dimension; offset += CSIMD_CACHE_LINE_BYTES) {
        __builtin_prefetch(row + offset, 0, 3);
    }
}

CSIMD_INLINE void csimd_prefetch_rows(const int8_t *const *rows, size_t rows_count, size_t from,
                                      size_t to, size_t dimension) {
    for (size_t i = from; i < to && i < rows_count; i++) {
        csimd_prefetch_row(rows[i], dimension);
    }
}

#endif
