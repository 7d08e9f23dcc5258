/* Included by kernels_scalar.c and by each ISA file whose compiler flags change how these loops
 * vectorise: one text, compiled once per instruction set. What a scan does beside its dots: bounds
 * in doubles, whose last bits decide nothing.
 */

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

/* Without a branch: nearly all stay below. A bound that is no number reaches every bar. */
static size_t bounds_reach(const double *bounds, double bar, uint32_t *places, size_t count) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        places[found] = (uint32_t)i;
        found += !(bounds[i] < bar);
    }
    return found;
}
