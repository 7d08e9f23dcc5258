/* Scores: the same bits on every instruction set, the accuracy csimd.h promises, and keys. */
#include "check.h"

#include <float.h>
#include <math.h>

enum { MANY = 100000, FEW = 5000, LENGTHS = 40 };

static size_t samples_count;
static double inputs[MANY];
static double outputs[MANY];

/* Numbers where formulas break: zeros, subnormals, the ends of the range, the edges of reduction.
 */
static const double edges[] = {
    0.0,     -0.0,     0x1p-1074, -0x1p-1074, DBL_MIN, -DBL_MIN, DBL_MAX, -DBL_MAX, 1.0,    -1.0,
    0.5,     -0.5,     708.0,     -708.0,     709.0,   -709.0,   745.2,   -745.2,   -744.5, 746.0,
    0x1p-53, -0x1p-53, 0x1p-54,   36.7,       -36.7,   37.5,     -37.5,   1e300,    -1e300, 88.0,
};
enum { EDGES_COUNT = sizeof edges / sizeof edges[0] };

static void fill_inputs(void) {
    random_state = 7; /* the same for every instruction set */
    for (size_t i = 0; i < samples_count; i++) {
        inputs[i] = i < EDGES_COUNT ? edges[i]
                    : i % 3 == 0    ? random_finite()
                    : i % 3 == 1    ? random_between(-750.0, 750.0)
                                    : random_between(-40.0, 40.0);
    }
}

static bool same_bits(const void *a, const void *b, size_t count) {
    return memcmp(a, b, count * sizeof(double)) == 0;
}

/* -- the same bits as scalar ------------------------------------------------------------------ */

static double scalar_probabilities[MANY];
static double scalar_terms[MANY];
static double scalar_sum_terms[MANY];
static uint64_t scalar_keys[MANY];
static int64_t sums[MANY];
static uint64_t keys[MANY];

static void add_terms(double *logits, size_t count) {
    memset(logits, 0, count * sizeof *logits);
    csimd_logits_add(logits, inputs, 0x1.3333333333333p-3, count);
    csimd_logits_add(logits, inputs, -0x1.999999999999ap-4, count);
}

static void add_sum_terms(double *logits, size_t count) {
    memset(logits, 0, count * sizeof *logits);
    csimd_logits_add_sums(logits, sums, 0x1.3333333333333p-33, count);
    csimd_logits_add_sums(logits, sums, -0x1.5555555555555p-34, count);
}

static void make_scalar_answers(void) {
    fill_inputs();
    for (size_t i = 0; i < samples_count; i++) {
        sums[i] = (int64_t)random_u64() >> (11 + random_below(52));
    }
    csimd_isa_use("scalar");
    csimd_logistic(scalar_probabilities, inputs, samples_count);
    csimd_keys_of_doubles(scalar_keys, inputs, samples_count);
    add_terms(scalar_terms, samples_count);
    add_sum_terms(scalar_sum_terms, samples_count);
    csimd_isa_use(NULL);
}

static void test_same_bits(void) {
    csimd_logistic(outputs, inputs, samples_count);
    check("logistic gives the scalar bits",
          same_bits(outputs, scalar_probabilities, samples_count));
    memcpy(outputs, inputs, sizeof outputs);
    csimd_logistic(outputs, outputs, samples_count);
    check("logistic works in place", same_bits(outputs, scalar_probabilities, samples_count));
    add_terms(outputs, samples_count);
    check("logits_add gives the scalar bits", same_bits(outputs, scalar_terms, samples_count));
    add_sum_terms(outputs, samples_count);
    check("logits_add_sums gives the scalar bits",
          same_bits(outputs, scalar_sum_terms, samples_count));
    csimd_keys_of_doubles(keys, inputs, samples_count);
    check("keys give the scalar bits", same_bits(keys, scalar_keys, samples_count));
}

/* Every length, with arrays that end at an unreadable page. */
static void test_lengths(void) {
    bool same = true;
    for (size_t count = 0; count <= LENGTHS; count++) {
        size_t bytes = count * sizeof(double);
        double *features = memcpy(guarded(bytes), inputs, bytes);
        int64_t *some_sums = memcpy(guarded(bytes), sums, bytes);
        double *results = guarded(bytes);
        uint64_t *some_keys = guarded(bytes);
        csimd_logistic(results, features, count);
        same = same && same_bits(results, scalar_probabilities, count);
        memset(results, 0, bytes);
        csimd_logits_add(results, features, 0x1.3333333333333p-3, count);
        csimd_logits_add(results, features, -0x1.999999999999ap-4, count);
        same = same && same_bits(results, scalar_terms, count);
        memset(results, 0, bytes);
        csimd_logits_add_sums(results, some_sums, 0x1.3333333333333p-33, count);
        csimd_logits_add_sums(results, some_sums, -0x1.5555555555555p-34, count);
        same = same && same_bits(results, scalar_sum_terms, count);
        csimd_keys_of_doubles(some_keys, features, count);
        same = same && same_bits(some_keys, scalar_keys, count);
    }
    check("scores are the same for every length, and nothing past the end is touched", same);
}

/* What a compiler that fuses would get wrong: the product is rounded before it is added. */
static void test_no_contraction(void) {
    double logit[8];
    double feature[8];
    for (size_t i = 0; i < 8; i++) {
        logit[i] = -1.0;
        feature[i] = 1.0 + 0x1p-30;
    }
    csimd_logits_add(logit, feature, 1.0 - 0x1p-30, 8); /* exactly 1 - 2^-60; rounded, 1 */
    bool rounded = true;
    for (size_t i = 0; i < 8; i++) {
        rounded = rounded && logit[i] == 0.0;
    }
    check("a product is rounded before it is added", rounded);
}

/* -- the same bits as elsewhere ---------------------------------------------------------------- */

static uint64_t add_to_digest(uint64_t digest, double value) { /* FNV-1a, a word at a time */
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (digest ^ bits) * 0x100000001b3;
}

/* The digest was taken once, on x86-64; another value on another machine or compiler means that it
 * would rank differently. */
static void test_digest(void) {
    enum { COUNT = 2000 };
    static double logits[COUNT];
    static double results[COUNT];
    random_state = 11;
    for (size_t i = 0; i < COUNT; i++) {
        logits[i] = i % 2 == 0 ? random_finite() : random_between(-40.0, 40.0);
    }
    uint64_t digest = 0xcbf29ce484222325;
    csimd_logistic(results, logits, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        digest = add_to_digest(digest, results[i]);
        digest = add_to_digest(digest, csimd_logit(random_between(0x1p-1000, 1.0)));
    }
    csimd_logits_add(results, logits, 0x1.3333333333333p-3, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        digest = add_to_digest(digest, results[i]);
    }
    const uint64_t expected = 0xfb1185222bb7f940;
    if (digest != expected) {
        printf("      the digest is %#" PRIx64 "\n", digest);
    }
    check("scores have the bits they have on every machine", digest == expected);
}

static void test_isa(void) {
    test_same_bits();
    test_lengths();
    test_no_contraction();
    test_digest();
}

/* -- accuracy --------------------------------------------------------------------------------- */

/* |value - truth| in units in the last place of the truth. */
static long double ulps_off(double value, long double truth) {
    int exponent;
    frexpl(truth, &exponent);
    return fabsl((long double)value - truth) / ldexpl(1.0L, exponent - DBL_MANT_DIG);
}

static void test_logistic_accuracy(void) {
    long double worst = 0.0L;
    for (size_t i = 0; i < samples_count; i++) {
        inputs[i] = i % 2 == 0 ? random_between(-708.0, 708.0) : random_between(-40.0, 40.0);
    }
    csimd_logistic(outputs, inputs, samples_count);
    for (size_t i = 0; i < samples_count; i++) {
        long double e = expl(-fabsl((long double)inputs[i]));
        long double off = ulps_off(outputs[i], (inputs[i] < 0 ? e : 1.0L) / (1.0L + e));
        worst = off > worst ? off : worst;
    }
    printf("      logistic is off by %.3Lf units in the last place at most\n", worst);
    check("logistic is within 3 units in the last place", worst <= 3.0L);
}

/* How far the outputs ever fall while the inputs rise, in units in the last place. */
static double worst_fall(size_t count) {
    double worst = 0.0;
    csimd_logistic(outputs, inputs, count);
    for (size_t i = 1; i < count; i++) {
        double unit = nextafter(outputs[i - 1], INFINITY) - outputs[i - 1];
        double fall = (outputs[i - 1] - outputs[i]) / unit;
        worst = fall > worst ? fall : worst;
    }
    return worst;
}

static void test_logistic_order(void) {
    for (size_t i = 0; i < samples_count; i++) {
        inputs[i] = -760.0 + 810.0 * (double)i / (double)samples_count;
    }
    check("logistic ascends over its whole range", worst_fall(samples_count) == 0.0);
    /* Neighbouring doubles, in half of the turns where the reduction steps from one n to another.
     */
    double worst = 0.0;
    enum { NEIGHBOURS = 200 };
    for (int n = -1022; n <= 60; n += check_is_small ? 50 : 1) {
        double middle = (n + (n % 2 == 0 ? 0.5 : random_between(0.0, 1.0))) * 0x1.62e42fefa39efp-1;
        double value = middle;
        for (size_t i = 0; i < NEIGHBOURS / 2; i++) {
            value = nextafter(value, -INFINITY);
        }
        for (size_t i = 0; i < NEIGHBOURS; i++) {
            inputs[i] = value;
            value = nextafter(value, INFINITY);
        }
        double fall = worst_fall(NEIGHBOURS);
        worst = fall > worst ? fall : worst;
    }
    printf("      logistic falls by %g units in the last place between neighbours at most\n",
           worst);
    check("logistic falls by one unit at most between neighbouring numbers", worst <= 1.0);
}

static void test_logistic_ends(void) {
    const double logits[] = {-DBL_MAX, -746.0, -0.0, 0.0, 40.0, DBL_MAX, -INFINITY, INFINITY};
    const double expected[] = {0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 0.0, 1.0};
    double probabilities[8];
    csimd_logistic(probabilities, logits, 8);
    check("logistic saturates to 0 and 1 and passes through a half",
          same_bits(probabilities, expected, 8));
}

static void test_logit(void) {
    long double worst = 0.0L;
    for (size_t i = 0; i < samples_count; i++) {
        double p = i % 4 == 0   ? random_between(0.0, 1.0)
                   : i % 4 == 1 ? ldexp(random_between(0.5, 1.0), -(int)random_below(1070))
                   : i % 4 == 2
                       ? 1.0 - ldexp(random_between(0.5, 1.0), -(int)random_below(52))
                       : 0.5 + ldexp(random_between(-1.0, 1.0), -2 - (int)random_below(50));
        if (p <= 0.0 || p >= 1.0 || p == 0.5) {
            continue;
        }
        long double q = 1.0L - p;
        long double truth =
            p < 0.25 ? logl(p) - log1pl(-(long double)p) : log1pl((2.0L * p - 1.0L) / q);
        long double off = ulps_off(csimd_logit(p), truth);
        worst = off > worst ? off : worst;
    }
    printf("      logit is off by %.3Lf units in the last place at most\n", worst);
    check("logit is within 2 units in the last place", worst <= 2.0L);
    check("logit of a half is 0", csimd_logit(0.5) == 0.0);
    check("logit is finite at its ends",
          isfinite(csimd_logit(0x1p-1074)) && isfinite(csimd_logit(1.0 - 0x1p-53)));
}

/* -- keys ------------------------------------------------------------------------------------- */

static void test_keys(void) {
    bool ordered = true;
    bool returns = true;
    for (size_t i = 0; i < samples_count; i++) {
        double a = random_finite();
        double b = i % 2 == 0 ? random_finite() : nextafter(a, 0.0);
        uint64_t key_a = csimd_key_of_double(a);
        uint64_t key_b = csimd_key_of_double(b);
        ordered = ordered && (a < b) == (key_a < key_b) && (a == b) == (key_a == key_b);
        double back = csimd_double_of_key(key_a);
        returns = returns && memcmp(&back, &a, sizeof a) == 0;
    }
    check("keys order as their doubles do", ordered);
    check("a double comes back from its key", returns);
    check("both zeros have one key", csimd_key_of_double(-0.0) == csimd_key_of_double(0.0));
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    samples_count = check_is_small ? FEW : MANY;
    make_scalar_answers();
    check_each_isa(test_isa);
    test_logistic_accuracy();
    test_logistic_order();
    test_logistic_ends();
    test_logit();
    test_keys();
    return check_end();
}
