/* Affinity kernels of every instruction set against the sum signal by signal, written out here. */
#include "check.h"

enum { ROWS_MAX = 20, SIGNALS_MAX = CSIMD_SIGNALS_MAX };

static const size_t dimensions[] = {64, 128, 192, 256};
enum { DIMENSIONS_COUNT = sizeof dimensions / sizeof dimensions[0] };

/* One question to the kernels. Rows and signals are pointers so that each can lie anywhere. */
typedef struct {
    size_t dimension;
    size_t rows_count;
    size_t signals_count;
    const int8_t *rows[ROWS_MAX];
    const int8_t *signals[SIGNALS_MAX];
    int16_t weights[SIGNALS_MAX];
} question;

static int8_t row_bytes[ROWS_MAX * CSIMD_DIMENSION_MAX + CSIMD_ROW_ALIGNMENT];
static int8_t signal_bytes[SIGNALS_MAX * CSIMD_DIMENSION_MAX + CSIMD_ROW_ALIGNMENT];

static void fill_random(int8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bytes[i] = random_byte();
    }
}

/* Random rows and signals, `shift` bytes off their natural place. */
static void ask(question *asked, size_t dimension, size_t rows_count, size_t signals_count,
                size_t shift) {
    fill_random(row_bytes, sizeof row_bytes);
    fill_random(signal_bytes, sizeof signal_bytes);
    asked->dimension = dimension;
    asked->rows_count = rows_count;
    asked->signals_count = signals_count;
    for (size_t i = 0; i < rows_count; i++) {
        asked->rows[i] = row_bytes + shift + i * dimension;
    }
    for (size_t j = 0; j < signals_count; j++) {
        asked->signals[j] = signal_bytes + shift + j * dimension;
        asked->weights[j] = (int16_t)((int)random_below(65535) - CSIMD_WEIGHT_MAX);
    }
}

static int64_t plain_dot(const int8_t *a, const int8_t *b, size_t dimension) {
    int64_t sum = 0;
    for (size_t i = 0; i < dimension; i++) {
        sum += (int64_t)a[i] * b[i];
    }
    return sum;
}

static int64_t plain_affinity(const question *asked, size_t row, bool positive_only) {
    int64_t sum = 0;
    for (size_t j = 0; j < asked->signals_count; j++) {
        int64_t x = plain_dot(asked->rows[row], asked->signals[j], asked->dimension);
        sum += (positive_only && x < 0 ? 0 : x) * asked->weights[j];
    }
    return sum;
}

static bool fold_is_right(const question *asked) {
    csimd_fold fold;
    int64_t sums[ROWS_MAX + 1];
    sums[asked->rows_count] = -1; /* must stay */
    csimd_fold_build(&fold, asked->signals, asked->weights, asked->signals_count, asked->dimension);
    csimd_fold_sums(&fold, asked->rows, asked->rows_count, sums);
    bool right = sums[asked->rows_count] == -1;
    for (size_t i = 0; i < asked->rows_count; i++) {
        right = right && sums[i] == plain_affinity(asked, i, false);
    }
    return right;
}

static bool pack_is_right(const question *asked) {
    size_t bytes = csimd_pack_bytes(asked->signals_count, asked->dimension);
    void *memory = need(aligned_alloc(64, bytes));
    csimd_pack pack;
    csimd_pack_build(&pack, memory, asked->signals, asked->weights, asked->signals_count,
                     asked->dimension);
    int32_t row_sums[ROWS_MAX];
    int64_t sums[ROWS_MAX + 1];
    sums[asked->rows_count] = -1;
    for (size_t i = 0; i < asked->rows_count; i++) {
        row_sums[i] = csimd_row_sum(asked->rows[i], asked->dimension);
    }
    csimd_pack_sums(&pack, asked->rows, row_sums, asked->rows_count, sums);
    bool right = sums[asked->rows_count] == -1;
    for (size_t i = 0; i < asked->rows_count; i++) {
        right = right && sums[i] == plain_affinity(asked, i, true);
    }
    free(memory);
    return right;
}

static bool dots_are_right(const question *asked) {
    bool right = true;
    for (size_t i = 0; i < asked->rows_count && i < asked->signals_count; i++) {
        const int8_t *row = asked->rows[i];
        int64_t row_sum = 0;
        for (size_t d = 0; d < asked->dimension; d++) {
            row_sum += row[d];
        }
        right = right && csimd_row_sum(row, asked->dimension) == row_sum;
        right = right && csimd_dot(row, asked->signals[i], asked->dimension) ==
                             plain_dot(row, asked->signals[i], asked->dimension);
    }
    return right;
}

static bool all_are_right(const question *asked) {
    return dots_are_right(asked) && fold_is_right(asked) && pack_is_right(asked);
}

static void test_row_counts(void) {
    static question asked;
    bool right = true;
    for (size_t i = 0; i < DIMENSIONS_COUNT; i++) {
        for (size_t rows_count = 0; rows_count <= ROWS_MAX; rows_count++) {
            ask(&asked, dimensions[i], rows_count, 20, 0);
            right = right && all_are_right(&asked);
        }
    }
    check("affinity is exact for every dimension and count of rows", right);
}

static void test_signal_counts(void) {
    static question asked;
    bool right = true;
    /* Two blocks of 64 signals and a tail. */
    for (size_t signals_count = 0; signals_count <= 150; signals_count++) {
        ask(&asked, dimensions[signals_count % DIMENSIONS_COUNT], 3, signals_count, 0);
        right = right && all_are_right(&asked);
    }
    check("affinity is exact for every count of signals", right);
}

static void test_misalignment(void) {
    static question asked;
    bool right = true;
    for (size_t shift = 0; shift < CSIMD_ROW_ALIGNMENT; shift++) {
        ask(&asked, dimensions[shift % DIMENSIONS_COUNT], 9, 17, shift);
        right = right && all_are_right(&asked);
    }
    check("affinity is exact wherever rows and signals start", right);
}

static void test_guard(void) {
    static question asked;
    bool right = true;
    for (size_t i = 0; i < DIMENSIONS_COUNT; i++) {
        size_t dimension = dimensions[i];
        ask(&asked, dimension, 9, 17, 0);
        for (size_t row = 0; row < asked.rows_count; row++) {
            asked.rows[row] = memcpy(guarded(dimension), asked.rows[row], dimension);
        }
        for (size_t j = 0; j < asked.signals_count; j++) {
            asked.signals[j] = memcpy(guarded(dimension), asked.signals[j], dimension);
        }
        right = right && all_are_right(&asked);
    }
    check("nothing is read past the end of a row or a signal", right);
}

static void test_guard_of_arrays(void) {
    static question asked;
    ask(&asked, 128, 11, 33, 0);
    const int8_t **rows = guarded(11 * sizeof *rows);
    int32_t *row_sums = guarded(11 * sizeof *row_sums);
    int64_t *sums = guarded(11 * sizeof *sums);
    for (size_t i = 0; i < 11; i++) {
        rows[i] = asked.rows[i];
        row_sums[i] = csimd_row_sum(rows[i], 128);
    }
    size_t bytes = csimd_pack_bytes(33, 128);
    csimd_pack pack;
    csimd_pack_build(&pack, guarded(bytes), asked.signals, asked.weights, 33, 128);
    csimd_fold fold;
    csimd_fold_build(&fold, asked.signals, asked.weights, 33, 128);
    bool right = true;
    for (size_t count = 0; count <= 11; count++) {
        size_t from = 11 - count;
        csimd_pack_sums(&pack, rows + from, row_sums + from, count, sums + from);
        for (size_t i = from; i < 11; i++) {
            right = right && sums[i] == plain_affinity(&asked, i, true);
        }
        csimd_fold_sums(&fold, rows + from, count, sums + from);
        for (size_t i = from; i < 11; i++) {
            right = right && sums[i] == plain_affinity(&asked, i, false);
        }
    }
    check("nothing is read or written past the end of an array", right);
}

/* Bytes of +-127 with a sign for each row, signal and dimension that makes sums as large, as small,
 * or as mixed as they can be. */
static void ask_extreme(question *asked, unsigned rows_sign, unsigned signals_sign,
                        unsigned weights_sign) {
    ask(asked, CSIMD_DIMENSION_MAX, 9, SIGNALS_MAX, 0);
    for (size_t i = 0; i < sizeof row_bytes; i++) {
        row_bytes[i] = rows_sign == 2 ? (random_u64() & 1 ? 127 : -127) : (rows_sign ? 127 : -127);
    }
    for (size_t i = 0; i < sizeof signal_bytes; i++) {
        signal_bytes[i] = signals_sign ? 127 : -127;
    }
    for (size_t j = 0; j < SIGNALS_MAX; j++) {
        asked->weights[j] = weights_sign ? CSIMD_WEIGHT_MAX : -CSIMD_WEIGHT_MAX;
    }
}

static void test_extremes(void) {
    static question asked;
    bool right = true;
    for (unsigned kind = 0; kind < 12; kind++) {
        ask_extreme(&asked, kind / 4, kind / 2 % 2, kind % 2);
        right = right && all_are_right(&asked);
    }
    check("512 signals of +-127 with weights of +-32767 do not overflow", right);
}

static csimd_fold scalar_fold;

static void test_fold_is_the_same(void) {
    static question asked;
    uint64_t saved = random_state;
    random_state = 42;
    ask(&asked, 192, 1, 300, 0);
    random_state = saved;
    csimd_fold fold;
    memset(&fold, 0, sizeof fold);
    csimd_fold_build(&fold, asked.signals, asked.weights, 300, 192);
    if (strcmp(csimd_isa_name(), "scalar") == 0) {
        scalar_fold = fold;
    }
    check("a fold holds the same bytes as the scalar one",
          memcmp(&fold, &scalar_fold, sizeof fold) == 0);
}

static void test_affinity(void) {
    test_row_counts();
    test_signal_counts();
    test_misalignment();
    test_guard();
    test_guard_of_arrays();
    test_extremes();
    test_fold_is_the_same();
}

static void test_choice(void) {
    check("an unknown name is refused", csimd_isa_use("mmx") == CSIMD_STATUS_UNKNOWN_ISA &&
                                            csimd_isa_use("") == CSIMD_STATUS_UNKNOWN_ISA);
#if defined(__x86_64__)
    const char *foreign = "neon";
#else
    const char *foreign = "avx2";
#endif
    const char *before = csimd_isa_name();
    check("another machine's name is refused in another way",
          csimd_isa_use(foreign) == CSIMD_STATUS_UNSUPPORTED_ISA);
    check("a refusal changes nothing", csimd_isa_name() == before);
    csimd_isa_use("scalar");
    check("a name is obeyed", strcmp(csimd_isa_name(), "scalar") == 0);
    csimd_isa_use(NULL);
    check("no name means the best", csimd_isa_name() == csimd_isa_supported(0));
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    csimd_isa_use("scalar");
    test_fold_is_the_same(); /* the others compare with it */
    csimd_isa_use(NULL);
    check_each_isa(test_affinity);
    test_choice();
    return check_end();
}
