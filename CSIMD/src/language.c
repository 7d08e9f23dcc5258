/* A cheap ear for languages that share the Latin alphabet: log-odds of single tokens, added up. */
#include "csimd_text.h"

#include <assert.h>

_Static_assert((int64_t)CSIMD_TEXT_TOKENS_MAX * 128 <= INT32_MAX, "the sum must fit 32 bits");

int32_t csimd_language_odds(const int8_t *odds, size_t odds_count, const uint16_t *tokens,
                            size_t tokens_count) {
    assert(tokens_count <= CSIMD_TEXT_TOKENS_MAX);
    int32_t sum = 0;
    for (size_t i = 0; i < tokens_count; i++) {
        assert(tokens[i] < odds_count);
        sum += odds[tokens[i]];
    }
    return sum;
}
