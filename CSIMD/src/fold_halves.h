/* Included by the ISA files that multiply int16: they read a fold as two halves of 16 bits, which
 * is half the work of four planes of 8. */
#ifndef CSIMD_FOLD_HALVES_H
#define CSIMD_FOLD_HALVES_H

#include "kernels.h"

/* fold[d] = low[d] + 65536 high[d]. A dot of a row with either half fits int32:
 * 256 * 127 * 32768 < 2^31. */
_Static_assert((int64_t)CSIMD_DIMENSION_MAX * 127 * 32768 <= INT32_MAX, "half a fold's dot");

CSIMD_INLINE void csimd_fold_halves(const csimd_fold *fold, int16_t *low, int16_t *high) {
    for (size_t i = 0; i < fold->dimension; i++) {
        int32_t number = fold->planes[3][i];
        number = number * 256 + fold->planes[2][i];
        number = number * 256 + fold->planes[1][i];
        number = number * 256 + fold->planes[0][i];
        low[i] = (int16_t)(uint16_t)number;
        high[i] = (int16_t)((number - low[i]) / 65536); /* exact */
    }
}

#endif
