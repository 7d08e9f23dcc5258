/* Included by kernels_scalar.c and by each ISA file whose compiler flags change how this loop
 * vectorises: one text, compiled once per instruction set.
 *
 * fold[d] = sum over j of weights[j] * signals[j][d], 64 dimensions at a time so that the running
 * sums stay in registers. No partial sum leaves int32: see csimd_fold_build's assertion.
 */
static void fold_add(int32_t *fold, const int8_t *const *signals, const int16_t *weights,
                     size_t signals_count, size_t dimension) {
    enum { BLOCK = 64 };
    for (size_t start = 0; start < dimension; start += BLOCK) {
        int32_t block[BLOCK] = {0};
        for (size_t j = 0; j < signals_count; j++) {
            const int8_t *signal = signals[j] + start;
            const int32_t weight = weights[j];
            for (size_t i = 0; i < BLOCK; i++) {
                block[i] += weight * signal[i];
            }
        }
        for (size_t i = 0; i < BLOCK; i++) {
            fold[start + i] = block[i];
        }
    }
}
