/* Included by kernels_scalar.c and by each ISA file whose compiler flags change how these loops
 * vectorise: one text, compiled once per instruction set. What a scan does beside its dots: bounds
 * in doubles, whose last bits decide nothing.
 */
#include "float_bits.h"

static void bounds_add_dots(double *bounds, const int32_t *dots, double scale, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bounds[i] += dots[i] * scale;
    }
}

static void bounds_add_column(double *bounds, const float *column, double weight, double missing,
                              size_t count) {
    for (size_t i = 0; i < count; i++) {
        double value = column[i] == CSIMD_COLUMN_MISSING ? missing : (double)column[i];
        bounds[i] += value * weight;
    }
}

/* 2^x <= (1 + f / 2) 2^n for x = n + f with n whole and -1 <= f <= 0, as 2^f is convex. */
static void bounds_add_freshness(double *bounds, const float *created, double now, double half_life,
                                 double weight, size_t count) {
    const double exponent_min = -1000;
    const double part = 1 / half_life;
    for (size_t i = 0; i < count; i++) {
        double x = ((double)created[i] - now) * part;
        x = x < exponent_min ? exponent_min : x;
        x = x > 0 ? 0 : x;
        int32_t n = (int32_t)x;
        double chord = 1 + (x - n) * 0.5;
        bounds[i] += weight * chord * double_of_bits((uint64_t)(n + 1023) << 52);
    }
}

/* Without a branch: nearly all stay below. A bound that is no number reaches every bar. */
static size_t bounds_reach(const double *bounds, double bar, uint32_t *places, size_t count) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        places[found] = (uint32_t)i;
        found += !(bounds[i] < bar);
    }
    return found;
}
