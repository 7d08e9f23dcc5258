/* Affinity's front: checks shapes, builds folds and packs, and hands rows to the kernels of the
 * instruction set in use. What is computed is said in csimd.h.
 */
#include "kernels.h"

#include <assert.h>
#include <string.h>

enum {
    BYTE_MAX = 127,      /* rows never hold -128 */
    PACK_QUAD = 4,       /* values of a signal that lie together in a pack */
    PACK_ALIGNMENT = 64, /* one group's quads fill one cache line */
};

/* Adds 128 to four int8 at once, giving uint8. */
static const uint32_t pack_flip = 0x80808080;

/* The fold fits int32, and its highest balanced digit fits int8: the digits below it can carry at
 * most one into it. */
_Static_assert((int64_t)CSIMD_SIGNALS_MAX * CSIMD_WEIGHT_MAX * BYTE_MAX + 0x808080 <
                   ((int64_t)128 << 24),
               "a fold of CSIMD_SIGNALS_MAX signals needs a fifth plane");
_Static_assert(CSIMD_DIMENSION_MAX % CSIMD_ROW_ALIGNMENT == 0, "the longest row is padded");
_Static_assert(CSIMD_PACK_GROUP *PACK_QUAD == PACK_ALIGNMENT, "a group's quads fill a line");
/* A sum of max(0, x) terms fits 64 bits with room to spare, and a double exactly. */
_Static_assert((int64_t)CSIMD_SIGNALS_MAX * CSIMD_WEIGHT_MAX * CSIMD_DIMENSION_MAX * BYTE_MAX *
                       BYTE_MAX <
                   ((int64_t)1 << 53),
               "an affinity is an exact double");

static bool is_dimension(size_t dimension) {
    return dimension > 0 && dimension <= CSIMD_DIMENSION_MAX &&
           dimension % CSIMD_ROW_ALIGNMENT == 0;
}

int32_t csimd_dot(const int8_t *a, const int8_t *b, size_t dimension) {
    assert(is_dimension(dimension));
    return csimd_kernels_current()->dot(a, b, dimension);
}

int32_t csimd_row_sum(const int8_t *row, size_t dimension) {
    assert(is_dimension(dimension));
    return csimd_kernels_current()->row_sum(row, dimension);
}

/* Takes the lowest balanced digit, in [-128, 127], off a number. */
static int8_t take_digit(int32_t *number) {
    int32_t digit = ((*number + 128) & 255) - 128;
    *number = (*number - digit) / 256; /* exact */
    return (int8_t)digit;
}

void csimd_fold_build(csimd_fold *fold, const int8_t *const *signals, const int16_t *weights,
                      size_t signals_count, size_t dimension) {
    assert(is_dimension(dimension));
    assert(signals_count <= CSIMD_SIGNALS_MAX);
    int32_t numbers[CSIMD_DIMENSION_MAX];
    csimd_kernels_current()->fold_add(numbers, signals, weights, signals_count, dimension);

    memset(fold->plane_sums, 0, sizeof fold->plane_sums);
    fold->dimension = dimension;
    for (size_t plane = 0; plane < 4; plane++) {
        for (size_t i = 0; i < dimension; i++) {
            fold->planes[plane][i] = take_digit(&numbers[i]);
            fold->plane_sums[plane] += fold->planes[plane][i];
        }
    }
}

void csimd_fold_sums(const csimd_fold *fold, const int8_t *const *rows, size_t rows_count,
                     int64_t *sums) {
    assert(is_dimension(fold->dimension));
    csimd_kernels_current()->fold_sums(fold, rows, rows_count, sums);
}

static size_t pack_groups(size_t signals_count) {
    return (signals_count + CSIMD_PACK_GROUP - 1) / CSIMD_PACK_GROUP;
}

size_t csimd_pack_bytes(size_t signals_count, size_t dimension) {
    assert(is_dimension(dimension));
    assert(signals_count <= CSIMD_SIGNALS_MAX);
    size_t lanes = pack_groups(signals_count) * CSIMD_PACK_GROUP;
    size_t bytes = lanes * (dimension + sizeof(int16_t));
    return (bytes / PACK_ALIGNMENT + 1) * PACK_ALIGNMENT; /* never 0 */
}

void csimd_pack_build(csimd_pack *pack, void *memory, const int8_t *const *signals,
                      const int16_t *weights, size_t signals_count, size_t dimension) {
    assert(is_dimension(dimension));
    assert(signals_count <= CSIMD_SIGNALS_MAX);
    assert((uintptr_t)memory % PACK_ALIGNMENT == 0);
    static const int8_t no_signal[CSIMD_DIMENSION_MAX];
    size_t groups_count = pack_groups(signals_count);
    size_t quads_count = dimension / PACK_QUAD;
    uint32_t *quads = memory;
    int16_t *lane_weights = (int16_t *)(quads + groups_count * CSIMD_PACK_GROUP * quads_count);

    for (size_t lane = 0; lane < groups_count * CSIMD_PACK_GROUP; lane++) {
        const int8_t *signal = lane < signals_count ? signals[lane] : no_signal;
        uint32_t *group = quads + lane / CSIMD_PACK_GROUP * CSIMD_PACK_GROUP * quads_count;
        uint32_t *column = group + lane % CSIMD_PACK_GROUP;
        for (size_t i = 0; i < quads_count; i++) {
            uint32_t quad;
            memcpy(&quad, signal + i * PACK_QUAD, sizeof quad);
            column[i * CSIMD_PACK_GROUP] = quad ^ pack_flip;
        }
        lane_weights[lane] = lane < signals_count ? weights[lane] : 0;
    }
    *pack = (csimd_pack){memory, lane_weights, groups_count, dimension};
}

void csimd_pack_sums(const csimd_pack *pack, const int8_t *const *rows, const int32_t *row_sums,
                     size_t rows_count, int64_t *sums) {
    assert(is_dimension(pack->dimension));
    assert((uintptr_t)pack->bytes % PACK_ALIGNMENT == 0);
    csimd_kernels_current()->pack_sums(pack, rows, row_sums, rows_count, sums);
}
