/* A row of the text space: values brought to length 127 and rounded to int8. Doubles are
 * multiplied, divided and added one at a time, and IEEE square root is exact, so every machine
 * gives the same bytes. */
#ifndef CSIMD_UNIT_ROW_H
#define CSIMD_UNIT_ROW_H

#include "csimd_text.h"

#include <float.h>
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be doubles");

/* Each value is rounded half away from zero and clamped to [-127, 127]. Returns false, and a row of
 * zeros, when all values are zero. */
static inline bool csimd_unit_row(const double values[CSIMD_TEXT_DIMENSION],
                                  int8_t row[CSIMD_TEXT_DIMENSION]) {
    double squares = 0;
    for (size_t d = 0; d < CSIMD_TEXT_DIMENSION; d++) {
        double square = values[d] * values[d];
        squares = squares + square;
    }
    if (squares == 0) {
        memset(row, 0, CSIMD_TEXT_DIMENSION);
        return false;
    }
    double length = sqrt(squares);
    for (size_t d = 0; d < CSIMD_TEXT_DIMENSION; d++) {
        double value = values[d] * 127.0;
        value = value / length;
        /* Half away from zero by hand: lrint would follow the thread's rounding mode. */
        int rounded = (int)(value < 0 ? value - 0.5 : value + 0.5);
        row[d] = (int8_t)(rounded > 127 ? 127 : rounded < -127 ? -127 : rounded);
    }
    return true;
}

#endif
