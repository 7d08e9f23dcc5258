/* Included by each ISA file but the scalar one, which has plainer loops of its own: one text,
 * compiled once per instruction set.
 *
 * Written for the compiler to vectorise: choices are selects, not branches, and counts are as wide
 * as keys. tools/check-objects sees to it that it does.
 */
static csimd_split split(const uint64_t *keys, size_t count, uint64_t threshold) {
    uint64_t above_count = 0;
    uint64_t above_min = UINT64_MAX;
    uint64_t below_max = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = keys[i];
        uint64_t above_key = key >= threshold ? key : UINT64_MAX;
        uint64_t below_key = key >= threshold ? 0 : key;
        above_count += key >= threshold ? 1 : 0;
        above_min = above_key < above_min ? above_key : above_min;
        below_max = below_key > below_max ? below_key : below_max;
    }
    return (csimd_split){above_count, above_min, below_max};
}

enum { RANKS_BLOCK = 32 };

static void ranks(const uint64_t *keys, size_t count, uint32_t *ranks) {
    for (size_t start = 0; start < count; start += RANKS_BLOCK) {
        uint64_t block[RANKS_BLOCK] = {0};
        uint64_t rank[RANKS_BLOCK] = {0};
        size_t end = count - start < RANKS_BLOCK ? count : start + RANKS_BLOCK;
        memcpy(block, keys + start, (end - start) * sizeof *keys);
        for (size_t j = 0; j < start; j++) {
            for (size_t lane = 0; lane < RANKS_BLOCK; lane++) {
                rank[lane] += keys[j] >= block[lane];
            }
        }
        for (size_t j = start; j < end; j++) {
            for (size_t lane = 0; lane < RANKS_BLOCK; lane++) {
                rank[lane] +=
                    (keys[j] > block[lane]) | ((keys[j] == block[lane]) & (lane > j - start));
            }
        }
        for (size_t j = end; j < count; j++) {
            for (size_t lane = 0; lane < RANKS_BLOCK; lane++) {
                rank[lane] += keys[j] > block[lane];
            }
        }
        for (size_t lane = 0; lane < end - start; lane++) {
            ranks[start + lane] = (uint32_t)rank[lane];
        }
    }
}
