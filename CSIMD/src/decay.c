/* Exponential decay without floating point: the whole half-lives are a shift, the rest is looked up
 * and interpolated. The straight line between two entries is off by less than 2^-20.
 */
#include "csimd.h"
#include "decay_table.h"

#include <assert.h>

enum {
    INDEX_BITS = 8,     /* 256 steps of the table */
    FRACTION_BITS = 16, /* between two of its entries */
    POSITION_BITS = INDEX_BITS + FRACTION_BITS,
    TABLE_BITS = 30, /* units of an entry */
    UNIT_BITS = 15,  /* units of the result */
    RATIO_BITS = 64 - POSITION_BITS,
};

_Static_assert(sizeof csimd_decay_table / sizeof csimd_decay_table[0] == (1 << INDEX_BITS) + 1,
               "one entry for each step and one for the end");

/* part / whole in units of 2^-POSITION_BITS, for part < whole. */
static uint64_t position_of(uint64_t part, uint64_t whole) {
    while (whole >> RATIO_BITS != 0) { /* half-lives of more than 34 years lose low bits */
        whole >>= 1;
        part >>= 1;
    }
    const uint64_t last = ((uint64_t)1 << POSITION_BITS) - 1;
    uint64_t position = part < whole ? (part << POSITION_BITS) / whole : last;
    return position < last ? position : last;
}

uint32_t csimd_decay_parts(int64_t age_ms, int64_t half_life_ms, uint32_t *halvings) {
    assert(half_life_ms > 0);
    uint64_t age = age_ms > 0 ? (uint64_t)age_ms : 0;
    uint64_t half_life = (uint64_t)half_life_ms;
    uint64_t whole = age / half_life;
    *halvings = whole < UINT32_MAX ? (uint32_t)whole : UINT32_MAX;
    uint64_t position = position_of(age % half_life, half_life);
    uint64_t index = position >> FRACTION_BITS;
    uint64_t fraction = position & (((uint64_t)1 << FRACTION_BITS) - 1);
    uint64_t step = csimd_decay_table[index] - csimd_decay_table[index + 1];
    return (uint32_t)(csimd_decay_table[index] - ((step * fraction) >> FRACTION_BITS));
}

uint32_t csimd_decay(int64_t age_ms, int64_t half_life_ms) {
    uint32_t halvings;
    uint64_t value = csimd_decay_parts(age_ms, half_life_ms, &halvings);
    if (halvings > UNIT_BITS + 1) {
        return 0; /* less than half a unit */
    }
    uint32_t shift = TABLE_BITS - UNIT_BITS + halvings;
    return (uint32_t)((value + ((uint64_t)1 << (shift - 1))) >> shift);
}
