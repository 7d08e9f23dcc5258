/* Included by kernels_scalar.c and by each ISA file whose compiler flags change how this loop
 * vectorises: one text, compiled once per instruction set.
 */
static csimd_split split(const uint64_t *keys, size_t count, uint64_t threshold) {
    csimd_split result = {0, UINT64_MAX, 0};
    for (size_t i = 0; i < count; i++) {
        uint64_t key = keys[i];
        bool above = key >= threshold;
        uint64_t above_key = above ? key : UINT64_MAX;
        uint64_t below_key = above ? 0 : key;
        result.above_count += above;
        result.above_min = above_key < result.above_min ? above_key : result.above_min;
        result.below_max = below_key > result.below_max ? below_key : result.below_max;
    }
    return result;
}
