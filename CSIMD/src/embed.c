/* A text's row: the weighted sum of its tokens' rows, brought to length 127.
 *
 * The sum is exact. Within a block of 512 tokens it fits 32 bits (512 * 32767 * 127 < 2^31), which
 * the compiler turns into vector code; blocks are added up in 64 bits. As doubles, for the length,
 * sums are still exact: they are below 2^53.
 */
#include "unit_row.h"

#include <assert.h>

/* Values that are summed in one go over the tokens: so many 32-bit sums stay in registers. */
enum { STRIPE = 32 };

_Static_assert(CSIMD_TEXT_DIMENSION % STRIPE == 0, "a row is whole stripes");
_Static_assert((int64_t)CSIMD_TEXT_BLOCK_TOKENS * CSIMD_TEXT_WEIGHT_MAX * 127 <= INT32_MAX,
               "a block's sums must fit 32 bits");
_Static_assert((int64_t)CSIMD_TEXT_TOKENS_MAX * CSIMD_TEXT_WEIGHT_MAX * 127 < (int64_t)1 << 46,
               "a text's sums times 127 must be exact as doubles");

static void block_add(const csimd_text_table *table, const uint16_t *tokens, size_t tokens_count,
                      int64_t *sums);
static bool row_of_sums(const int64_t *sums, int8_t *row);

csimd_text_table csimd_text_table_of(csimd_section rows, csimd_section weights) {
    csimd_text_table table = {
        .rows = rows.bytes,
        .weights = weights.bytes,
        .tokens_count = weights.bytes_count / sizeof(int32_t),
    };
    assert(weights.bytes_count % sizeof(int32_t) == 0);
    assert(rows.bytes_count == table.tokens_count * CSIMD_TEXT_DIMENSION);
    for (size_t token = 0; token < table.tokens_count; token++) {
        assert(table.weights[token] >= 0);
        assert(table.weights[token] <= CSIMD_TEXT_WEIGHT_MAX);
    }
    return table;
}

bool csimd_text_embed(const csimd_text_table *table, const uint16_t *tokens, size_t tokens_count,
                      int8_t row[CSIMD_TEXT_DIMENSION]) {
    assert(tokens_count <= CSIMD_TEXT_TOKENS_MAX);
    int64_t sums[CSIMD_TEXT_DIMENSION] = {0};
    for (size_t first = 0; first < tokens_count; first += CSIMD_TEXT_BLOCK_TOKENS) {
        size_t left = tokens_count - first;
        size_t block = left < CSIMD_TEXT_BLOCK_TOKENS ? left : CSIMD_TEXT_BLOCK_TOKENS;
        block_add(table, tokens + first, block, sums);
    }
    return row_of_sums(sums, row);
}

static void block_add(const csimd_text_table *table, const uint16_t *tokens, size_t tokens_count,
                      int64_t *sums) {
    for (size_t first = 0; first < CSIMD_TEXT_DIMENSION; first += STRIPE) {
        int32_t stripe[STRIPE] = {0};
        for (size_t i = 0; i < tokens_count; i++) {
            assert(tokens[i] < table->tokens_count);
            const int8_t *row = table->rows + (size_t)tokens[i] * CSIMD_TEXT_DIMENSION + first;
            /* 16 bits by 8 bits: the product of two 16-bit lanes, which every vector unit has. */
            int16_t weight = (int16_t)table->weights[tokens[i]];
            for (size_t d = 0; d < STRIPE; d++) {
                stripe[d] += weight * row[d];
            }
        }
        for (size_t d = 0; d < STRIPE; d++) {
            sums[first + d] += stripe[d];
        }
    }
}

static bool row_of_sums(const int64_t *sums, int8_t *row) {
    double values[CSIMD_TEXT_DIMENSION];
    for (size_t d = 0; d < CSIMD_TEXT_DIMENSION; d++) {
        values[d] = (double)sums[d];
    }
    return csimd_unit_row(values, row);
}
