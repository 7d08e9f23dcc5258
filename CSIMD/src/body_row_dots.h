/* Included where an instruction set has no better way than row by row, after its `dot`. */
static void row_dots(const int8_t *query, const int8_t *const *rows, size_t rows_count,
                     size_t dimension, int32_t *dots) {
    csimd_prefetch_rows(rows, rows_count, 0, CSIMD_ROWS_AHEAD, dimension);
    for (size_t i = 0; i < rows_count; i++) {
        csimd_prefetch_rows(rows, rows_count, i + CSIMD_ROWS_AHEAD, i + CSIMD_ROWS_AHEAD + 1,
                            dimension);
        dots[i] = dot(query, rows[i], dimension);
    }
}
