/* Decay against long double, and its table against exp2. */
#include "check.h"

#include "../src/decay_table.h"

#include <math.h>

static void test_table(void) {
    bool right = true;
    for (int k = 0; k <= 256; k++) {
        long double truth = exp2l((long double)(30 * 256 - k) / 256);
        right = right && csimd_decay_table[k] == (uint32_t)floorl(truth + 0.5L);
    }
    check("the table holds 2^(-k/256) in units of 2^-30", right);
}

static void test_halvings(void) {
    const int64_t half_lives[] = {1, 2, 1000, 86400000, 86400001, (int64_t)1 << 50, INT64_MAX / 40};
    bool exact = true;
    for (size_t i = 0; i < sizeof half_lives / sizeof half_lives[0]; i++) {
        for (int64_t halvings = 0; halvings <= 15; halvings++) {
            exact = exact && csimd_decay(halvings * half_lives[i], half_lives[i]) ==
                                 (uint32_t)(32768 >> halvings);
        }
        exact = exact && csimd_decay(17 * half_lives[i], half_lives[i]) == 0;
    }
    check("decay is exact at multiples of the half-life", exact);
}

static int64_t random_length(void) {
    return (int64_t)(random_u64() >> 1 >> random_below(63));
}

static void test_accuracy(void) {
    bool near = true;
    long double worst = 0.0L;
    size_t count = check_is_small ? 2000 : 100000;
    for (size_t i = 0; i < count; i++) {
        int64_t half_life = random_length();
        half_life = half_life > 0 ? half_life : 1;
        int64_t age = i % 2 == 0 ? random_length()
                                 : (int64_t)random_between(0, fmin(8.0 * (double)half_life, 9e18));
        long double truth = 32768.0L * exp2l(-(long double)age / (long double)half_life);
        long double off = fabsl((long double)csimd_decay(age, half_life) - truth);
        worst = off > worst ? off : worst;
        near = near && off <= 1.0L;
    }
    printf("      decay is off by %.3Lf units at most\n", worst);
    check("decay is within one unit of 2^-15", near);
}

static void test_order(void) {
    bool descends = true;
    uint32_t previous = 32768;
    for (int64_t age = 0; age <= 70000; age++) {
        uint32_t value = csimd_decay(age, 4001);
        descends = descends && value <= previous;
        previous = value;
    }
    check("decay never rises with age", descends);
    check("an age below 0 counts as 0",
          csimd_decay(-1, 10) == 32768 && csimd_decay(INT64_MIN, 1) == 32768);
    check("the longest ages and half-lives work", csimd_decay(INT64_MAX, 1) == 0 &&
                                                      csimd_decay(INT64_MAX, INT64_MAX) == 16384 &&
                                                      csimd_decay(1, INT64_MAX) == 32768);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    test_table();
    test_halvings();
    test_accuracy();
    test_order();
    return check_end();
}
