/* The map of Cairn's vectorised core, in order of use: instruction sets, memory, the affinity
 * kernels, scores, selection. What the core stores (csimd_store.h), how it reads text
 * (csimd_text.h) and how it understands one (csimd_encoder.h) have headers of their own.
 *
 * Everything here gives the same bytes on every instruction set. A caller's bug asserts; only
 * outside causes (memory, an instruction set this machine lacks) return a status. No function
 * allocates unless it says so.
 */
#ifndef CSIMD_H
#define CSIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The limits that kernels lean on; Domain's Limits repeat those a person can see. */
enum {
    CSIMD_DIMENSION_MAX = 256,  /* int8 values of one row, after padding */
    CSIMD_TEXT_DIMENSION = 128, /* int8 values of a row of the text space */
    CSIMD_ROW_ALIGNMENT = 64,   /* rows start on, and are padded to, a cache line */
    CSIMD_SIGNALS_MAX = 512,    /* signals of one fold or pack: see csimd_fold_build */
    CSIMD_WEIGHT_MAX = 32767,   /* magnitude of a fixed-point signal weight */
    CSIMD_PACK_GROUP = 16,      /* signals that one packed group holds side by side */
};

/* -- 1. Instruction sets ---------------------------------------------------------------------- */

/* One is chosen for the process at start-up and never changed while others run. */
typedef enum {
    CSIMD_STATUS_OK = 0,
    CSIMD_STATUS_NO_MEMORY,
    CSIMD_STATUS_UNKNOWN_ISA,     /* no instruction set has that name */
    CSIMD_STATUS_UNSUPPORTED_ISA, /* it exists, but this machine or this build cannot run it */
    CSIMD_STATUS_FULL,            /* a named limit is reached */
    CSIMD_STATUS_SHAPES,          /* sections of a bundle that do not fit together */
    CSIMD_STATUS_DAMAGED,         /* bytes that say what cannot be */
    CSIMD_STATUS_SYSTEM,          /* the operating system refused; errno tells why */
} csimd_status;

/* Uses the instruction set `name` (scalar, sse2, avx2, avx512vnni, neon, neon-dotprod), or the best
 * this machine can run when `name` is NULL. Without a call the first kernel chooses the best. */
csimd_status csimd_isa_use(const char *name);

/* The name of the one in use. */
const char *csimd_isa_name(void);

/* The name of the index-th instruction set that this machine can run, best first; NULL past the
 * last. */
const char *csimd_isa_supported(size_t index);

/* -- 2. Memory -------------------------------------------------------------------------------- */

/* An arena is a jemalloc arena: a place of its own for everything that lives and dies together.
 * Allocation from one arena is safe from several threads. */
typedef struct csimd_arena csimd_arena;

typedef struct {
    uint64_t allocated_bytes; /* handed out and not released */
    uint64_t active_bytes;    /* pages that hold them */
    uint64_t resident_bytes;  /* pages the system holds for the arena */
} csimd_memory;

/* NULL when memory runs out. */
csimd_arena *csimd_arena_create(void);

/* Frees everything that was allocated from the arena, at once. */
void csimd_arena_destroy(csimd_arena *arena);

/* `bytes` > 0, `alignment` a power of two; zeroed. NULL when memory runs out. Blocks of 2 MiB and
 * more ask the system for huge pages. */
void *csimd_arena_allocate(csimd_arena *arena, size_t bytes, size_t alignment);

/* Gives one block back; `memory` may be NULL. */
void csimd_arena_release(csimd_arena *arena, void *memory);

csimd_memory csimd_arena_memory(const csimd_arena *arena);

/* The whole process, as the allocator sees it. */
csimd_memory csimd_process_memory(void);

/* Allocations made so far by the calling thread through malloc or any arena: a test takes the
 * difference around a request. 0 always when the build has no jemalloc. */
uint64_t csimd_thread_allocated_bytes(void);

/* -- 3. Affinity: int8 rows against weighted signals ------------------------------------------- */

/* For a candidate's row c and signals s_j with fixed-point weights w_j:
 *
 *     affinity(c) = sum over j of  w_j * shape(dot(c, s_j))         shape: linear, or max(0, x)
 *
 * exactly, in 64 bits. Values are in [-127, 127], never -128; |w_j| <= CSIMD_WEIGHT_MAX;
 * dimensions are multiples of 64 up to CSIMD_DIMENSION_MAX (rows are padded with zeros). Rows and
 * signals are given by pointer and need no alignment, though aligned rows are faster. */

/* dot(a, b), for explanations. */
int32_t csimd_dot(const int8_t *a, const int8_t *b, size_t dimension);

/* Sum of a row's values: what csimd_pack_sums wants beside each row. Fits 16 bits. */
int32_t csimd_row_sum(const int8_t *row, size_t dimension);

/* The linear form: all signals in one vector, fold = sum over j of w_j * s_j, which fits int32 for
 * up to CSIMD_SIGNALS_MAX signals (512 * 32767 * 127 < 2^31), cut into four planes of balanced
 * base-256 digits, so that four int8 dots give the same number as the sum signal by signal. */
typedef struct {
    int8_t planes[4][CSIMD_DIMENSION_MAX]; /* least significant first */
    int32_t plane_sums[4];                 /* sum of each plane's values */
    size_t dimension;
} csimd_fold;

void csimd_fold_build(csimd_fold *fold, const int8_t *const *signals, const int16_t *weights,
                      size_t signals_count, size_t dimension);

/* sums[i] = affinity of rows[i] with shape linear. */
void csimd_fold_sums(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                     int64_t *sums);

/* The per-signal form, for max(0, x). Signals lie as unsigned bytes (value + 128) in groups of 16,
 * [group][dimension / 4][16 signals][4 bytes], so that one instruction multiplies four values of a
 * candidate with 16 signals; lanes past the last signal hold weight 0. */
typedef struct {
    const uint8_t *bytes;   /* csimd_pack_bytes() long, 64-byte aligned */
    const int16_t *weights; /* groups_count * 16 */
    size_t groups_count;
    size_t dimension;
} csimd_pack;

/* What csimd_pack_build needs at `memory`, in bytes: packed signals and their weights. Never 0. */
size_t csimd_pack_bytes(size_t signals_count, size_t dimension);

/* `memory` is 64-byte aligned and outlives the pack. signals_count <= CSIMD_SIGNALS_MAX. */
void csimd_pack_build(csimd_pack *pack, void *memory, const int8_t *const *signals,
                      const int16_t *weights, size_t signals_count, size_t dimension);

/* sums[i] = affinity of rows[i] with shape max(0, x); row_sums[i] = csimd_row_sum(rows[i]). */
void csimd_pack_sums(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                     size_t rows_count, int64_t *sums);

/* -- 4. Scores: doubles in one fixed order, no fused multiply-add -------------------------------
 */

/* logits[i] = logits[i] + (double)sums[i] * scale. |sums[i]| < 2^53. */
void csimd_logits_add_sums(double *logits, const int64_t *sums, double scale, size_t count);

/* logits[i] = logits[i] + features[i] * weight. */
void csimd_logits_add(double *logits, const double *features, double weight, size_t count);

/* probabilities[i] = 1 / (1 + exp(-logits[i])), by our own exp: the same bits everywhere. Within 3
 * units in the last place of the true value, but 0 below -708 (and 1 far out above). Ascends, save
 * that between neighbouring doubles rounding may take back one unit in the last place (about one
 * pair in ten thousand): what must order strictly orders by logit. May work in place. */
void csimd_logistic(double *probabilities, const double *logits, size_t count);

/* log(p / (1 - p)) for 0 < p < 1, by our own logarithm: the same bits everywhere, within 2 units in
 * the last place of the true value. */
double csimd_logit(double probability);

/* 2^(-age / half_life) in units of 2^-15, from integers alone: a table of 2^(-k/256), a straight
 * line between its entries, and a shift. Within one unit; exact after whole half-lives; never rises
 * with age. Ages below 0 count as 0. Result in [0, 32768]. half_life_ms > 0. */
uint32_t csimd_decay(int64_t age_ms, int64_t half_life_ms);

/* The same without loss for old ages: the result, in (2^29, 2^30], times 2^-(30 + *halvings). */
uint32_t csimd_decay_parts(int64_t age_ms, int64_t half_life_ms, uint32_t *halvings);

/* -- 5. Selection ------------------------------------------------------------------------------ */

/* A key that orders as the finite double does; -0 and +0 have one key. */
uint64_t csimd_key_of_double(double value);
double csimd_double_of_key(uint64_t key);

/* keys[i] = csimd_key_of_double(values[i]). */
void csimd_keys_of_doubles(uint64_t *keys, const double *values, size_t count);

/* The k-th largest of keys (1 <= k <= count): a threshold search over the keys' range, by vector
 * compares. */
uint64_t csimd_select_threshold(const uint64_t *keys, size_t count, size_t k);

/* Writes the indices of keys >= threshold in ascending order of index; returns how many.
 * `indices` has room for `count`. */
size_t csimd_collect(const uint64_t *keys, size_t count, uint64_t threshold, uint32_t *indices);

/* Writes to `order` the indices 0..<count so that keys[order[...]] descend; equal keys keep their
 * order. `order` and `scratch` have room for `count`. Ranks for few, merges for many. */
void csimd_sort_descending(const uint64_t *keys, size_t count, uint32_t *order, uint32_t *scratch);

#ifdef __cplusplus
}
#endif

#endif
