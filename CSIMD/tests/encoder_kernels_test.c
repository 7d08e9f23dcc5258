/* The encoder's kernels one by one: matrices exact, quantisation to the last unit, floats the
 * scalar bits and as near the truth as kernels promise, and nothing read or written past an end. */
#include "encoder_model.h"

#include "../src/encoder_functions.h"

#include <float.h>

static const csimd_encoder_kernels *kernels;
static csimd_quantised *rows;

/* -- matrices --------------------------------------------------------------------------------- */

enum { OUTPUTS_MAX = 1152, INPUTS_MAX = CSIMD_ENCODER_INNER_MAX, ROWS_MAX = 128 };

/* A matrix and rows whose scale is exactly 1, so that a row's values are its quantised ones. */
typedef struct {
    size_t outputs_count;
    size_t inputs_count;
    size_t rows_count;
    int8_t *weights;
    int32_t *offsets;
    float *scales;
    float *biases;
    float *values;
    float *results;
} product;

/* Each array ends at an unreadable page. */
static void product_make(product *made, size_t outputs_count, size_t inputs_count,
                         size_t rows_count) {
    *made = (product){
        .outputs_count = outputs_count,
        .inputs_count = inputs_count,
        .rows_count = rows_count,
        .weights = guarded(outputs_count * inputs_count),
        .offsets = guarded(outputs_count * sizeof(int32_t)),
        .scales = guarded(outputs_count * sizeof(float)),
        .biases = guarded(outputs_count * sizeof(float)),
        .values = guarded(rows_count * inputs_count * sizeof(float)),
        .results = guarded(rows_count * outputs_count * sizeof(float)),
    };
    random_bytes(made->weights, outputs_count * inputs_count);
    random_floats(made->scales, outputs_count, 0.001, 0.01);
    random_floats(made->biases, outputs_count, -1.0, 1.0);
    for (size_t i = 0; i < rows_count * inputs_count; i++) {
        made->values[i] = random_byte();
    }
    for (size_t row = 0; row < rows_count; row++) {
        made->values[row * inputs_count + random_below(inputs_count)] = 127.0f;
    }
}

static int32_t product_weight(const product *made, size_t output, size_t input) {
    size_t quads = made->inputs_count / 4;
    return made->weights[(output / 16 * quads + input / 4) * 64 + output % 16 * 4 + input % 4];
}

static bool product_is_right(product *made) {
    for (size_t output = 0; output < made->outputs_count; output++) {
        int32_t sum = 0;
        for (size_t input = 0; input < made->inputs_count; input++) {
            sum += product_weight(made, output, input);
        }
        made->offsets[output] = -128 * sum;
    }
    const csimd_linear linear = {
        .weights = made->weights,
        .offsets = made->offsets,
        .scales = made->scales,
        .biases = made->biases,
        .outputs_count = made->outputs_count,
        .inputs_count = made->inputs_count,
    };
    for (size_t row = 0; row < made->rows_count; row++) {
        kernels->quantise(rows, row, made->values + row * made->inputs_count, made->inputs_count);
    }
    kernels->linear(&linear, rows, made->rows_count, made->results);
    bool right = true;
    for (size_t row = 0; row < made->rows_count; row++) {
        for (size_t output = 0; output < made->outputs_count; output++) {
            int32_t sum = 0;
            for (size_t input = 0; input < made->inputs_count; input++) {
                sum += (int32_t)made->values[row * made->inputs_count + input] *
                       product_weight(made, output, input);
            }
            float scaled = (float)sum * made->scales[output];
            float truth = scaled + made->biases[output];
            right = right && made->results[row * made->outputs_count + output] == truth;
        }
    }
    return right;
}

static void test_row_counts(void) {
    bool right = true;
    size_t rows_max = check_is_small ? 9 : 40;
    for (size_t rows_count = 1; rows_count <= rows_max; rows_count++) {
        product made;
        /* Three groups and a fourth: whole tiles and single groups. */
        product_make(&made, 64, 96, rows_count);
        right = right && product_is_right(&made);
    }
    check("a matrix is exact for every count of rows", right);
}

static void test_shapes(void) {
    static const size_t shapes[][3] = {
        {16, 32, 3},   {32, 32, 9},   {48, 64, 5},    {80, 160, 7},    {96, 384, 127},
        {288, 96, 20}, {384, 384, 1}, {1152, 384, 2}, {384, 1536, 11}, {1536, 384, 4},
    };
    bool right = true;
    size_t shapes_count = check_is_small ? 4 : sizeof shapes / sizeof shapes[0];
    for (size_t i = 0; i < shapes_count; i++) {
        product made;
        product_make(&made, shapes[i][0], shapes[i][1], shapes[i][2]);
        right = right && product_is_right(&made);
    }
    check("a matrix is exact for every shape", right);
}

static void test_largest(void) {
    bool right = true;
    for (size_t kind = 0; kind < 4; kind++) {
        product made;
        product_make(&made, 48, INPUTS_MAX, 9);
        memset(made.weights, kind % 2 == 0 ? 127 : -127, 48 * INPUTS_MAX);
        for (size_t i = 0; i < 9 * INPUTS_MAX; i++) {
            made.values[i] = kind / 2 == 0 ? 127.0f : -127.0f;
        }
        right = right && product_is_right(&made);
    }
    check("1536 products of +-127 and +-127 are exact", right);
}

/* -- quantisation ----------------------------------------------------------------------------- */

/* A diagonal of ones with scales of 1 gives back each quantised value times its row's scale. */
static bool quantises_right(const float *values, size_t count) {
    static product diagonal;
    if (diagonal.outputs_count != count) {
        product_make(&diagonal, count, count, 1);
        memset(diagonal.weights, 0, count * count);
        for (size_t i = 0; i < count; i++) {
            diagonal.weights[(i / 16 * (count / 4) + i / 4) * 64 + i % 16 * 4 + i % 4] = 1;
            diagonal.scales[i] = 1.0f;
            diagonal.biases[i] = 0.0f;
            diagonal.offsets[i] = -128;
        }
    }
    const csimd_linear linear = {
        .weights = diagonal.weights,
        .offsets = diagonal.offsets,
        .scales = diagonal.scales,
        .biases = diagonal.biases,
        .outputs_count = count,
        .inputs_count = count,
    };
    kernels->quantise(rows, 0, values, count);
    kernels->linear(&linear, rows, 1, diagonal.results);
    float most = 0;
    for (size_t i = 0; i < count; i++) {
        most = fabsf(values[i]) > most ? fabsf(values[i]) : most;
    }
    bool is_zero = most < 0x1p-100f;
    float scale = is_zero ? 0.0f : most / 127.0f;
    bool right = rows->scales[0] == scale;
    for (size_t i = 0; i < count; i++) {
        float product = is_zero ? 0.0f : values[i] * (127.0f / most);
        float whole = rintf(product); /* half to even */
        right = right && fabsf(whole) <= 127.0f && diagonal.results[i] == whole * scale;
    }
    return right;
}

static void test_quantise(void) {
    enum { COUNT = 96 };
    float *values = guarded(COUNT * sizeof *values);
    bool right = true;
    for (size_t round = 0; round < 200; round++) {
        double most = exp2((double)random_below(240) - 120.0);
        random_floats(values, COUNT, -most, most);
        right = right && quantises_right(values, COUNT);
    }
    check("values are quantised to the nearest unit of a row's largest", right);

    for (size_t i = 0; i < COUNT; i++) {
        values[i] = (float)i - 47.5f; /* halves, below a maximum that makes the factor 1 */
    }
    values[0] = -127.0f;
    check("halves go to the even neighbour", quantises_right(values, COUNT));

    static const float lows[] = {0.0f, -0.0f, FLT_TRUE_MIN, FLT_MIN, 0x1p-101f, 0x1p-100f};
    right = true;
    for (size_t i = 0; i < sizeof lows / sizeof lows[0]; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            values[j] = j % 3 == 0 ? lows[i] : 0.0f;
        }
        right = right && quantises_right(values, COUNT);
    }
    check("a row of nothing has scale 0 and values 0", right);

    random_floats(values, COUNT, -1e38, 1e38);
    values[5] = FLT_MAX;
    check("the largest floats are quantised", quantises_right(values, COUNT));
}

/* -- functions -------------------------------------------------------------------------------- */

static void test_functions(void) {
    double worst = 0;
    size_t count = check_is_small ? 5000 : 1000000;
    bool ends = exp_negative(0.0f) == 1.0f && exp_negative(-87.5f) == 0.0f &&
                exp_negative(-FLT_MAX) == 0.0f && exp_negative(-INFINITY) == 0.0f;
    for (size_t i = 0; i <= count; i++) {
        float x = (float)(-87.0 * (double)i / (double)count);
        worst = fmax(worst, fabs((double)exp_negative(x) / exp(x) - 1.0));
    }
    check("exp of a float is within 2e-7", ends && worst < 2e-7);
    printf("      %.3g\n", worst);

    worst = 0;
    ends = normal_below(0.0f) == 0.5f && normal_below(4.3f) == 1.0f &&
           normal_below(-4.3f) == 0.0f && normal_below(FLT_MAX) == 1.0f &&
           normal_below(-FLT_MAX) == 0.0f;
    for (size_t i = 0; i <= count; i++) {
        float v = (float)(-6.0 + 12.0 * (double)i / (double)count);
        worst = fmax(worst, fabs((double)normal_below(v) - erfc(-(double)v / sqrt(2.0)) / 2.0));
    }
    check("the normal distribution is within 1e-5", ends && worst < 1e-5);
    printf("      %.3g\n", worst);
}

/* -- floats: the scalar bits ------------------------------------------------------------------ */

enum { WIDTH = 384, TOKENS = 37, PROJECTED = 3 * WIDTH * TOKENS };

/* What a kernel made of the same random input. */
typedef struct {
    float placed[WIDTH];
    float normed[WIDTH];
    float added[WIDTH];
    float gelu[CSIMD_ENCODER_INNER_MAX];
    float context[TOKENS * WIDTH];
    float means[WIDTH];
    float dot;
} answers;

static answers scalar_answers;

static float *guarded_floats(size_t count, double low, double high) {
    float *values = guarded(count * sizeof *values);
    random_floats(values, count, low, high);
    return values;
}

static double square_of(double value) {
    return value * value;
}

/* Inputs and results end at unreadable pages. */
static void make_answers(answers *made, size_t tokens_count, size_t width) {
    memset(made, 0, sizeof *made);
    random_state = 21;
    int8_t *word = guarded(width);
    random_bytes(word, width);
    float *values = guarded_floats(width, -2.0, 2.0);
    float *added = guarded_floats(width, -1.0, 1.0);
    const csimd_norm norm = {guarded_floats(width, 0.5, 1.5), guarded_floats(width, -1.0, 1.0),
                             width};
    float *inner = guarded_floats(4 * width, -6.0, 6.0);
    float *projected = guarded_floats(tokens_count * 3 * width, -1.0, 1.0);
    float *context = guarded(tokens_count * width * sizeof *context);
    static csimd_attention space;

    kernels->place(made->placed, word, 0.013f, added, width);
    made->dot = kernels->dot_floats(values, added, width);
    memcpy(made->normed, values, width * sizeof *values);
    kernels->norm(made->normed, &norm);
    kernels->add_norm(values, added, &norm);
    memcpy(made->added, values, width * sizeof *values);
    kernels->gelu(inner, 4 * width);
    memcpy(made->gelu, inner, 4 * width * sizeof *inner);
    kernels->attend(&space, projected, tokens_count, width, context);
    memcpy(made->context, context, tokens_count * width * sizeof *context);
    kernels->mean(made->means, context, tokens_count, width);
}

static void test_floats(void) {
    static answers made;
    bool same = true;
    make_answers(&made, TOKENS, WIDTH);
    same = memcmp(&made, &scalar_answers, sizeof made) == 0;
    check("every kernel over floats gives the scalar bits, within its arrays", same);
}

static void test_order_of_sums(void) {
    enum { COUNT = 160, LANES = 16 };
    float *a = guarded_floats(COUNT, -1.0, 1.0);
    float *b = guarded_floats(COUNT, -1.0, 1.0);
    float lanes[LANES] = {0};
    for (size_t i = 0; i < COUNT; i++) {
        float product = a[i] * b[i];
        lanes[i % LANES] = lanes[i % LANES] + product;
    }
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++) {
            lanes[lane] = lanes[lane] + lanes[lane + half];
        }
    }
    check("a dot of floats is summed in the stated order",
          kernels->dot_floats(a, b, COUNT) == lanes[0]);
}

static void test_norm(void) {
    float *values = guarded_floats(WIDTH, -3.0, 5.0);
    const csimd_norm norm = {guarded_floats(WIDTH, 0.5, 1.5), guarded_floats(WIDTH, -1.0, 1.0),
                             WIDTH};
    double mean = 0;
    double variance = 0;
    for (size_t i = 0; i < WIDTH; i++) {
        mean += values[i] / (double)WIDTH;
    }
    for (size_t i = 0; i < WIDTH; i++) {
        variance += square_of(values[i] - mean) / WIDTH;
    }
    float normed[WIDTH];
    memcpy(normed, values, sizeof normed);
    kernels->norm(normed, &norm);
    double worst = 0;
    for (size_t i = 0; i < WIDTH; i++) {
        double truth =
            (values[i] - mean) / sqrt(variance + 1e-12) * norm.weights[i] + norm.biases[i];
        worst = fmax(worst, fabs(normed[i] - truth));
    }
    check("a norm is within 2e-6", worst < 2e-6);

    for (size_t i = 0; i < WIDTH; i++) {
        values[i] = 0.0f;
    }
    kernels->norm(values, &norm);
    bool right = true;
    for (size_t i = 0; i < WIDTH; i++) {
        right = right && values[i] == norm.biases[i];
    }
    check("the norm of equal values is its bias", right);
}

/* How far one head's context is from the truth, for one query. */
static double context_error(const float *projected, size_t tokens_count, size_t token,
                            const float *context) {
    enum { ONE_HEAD = 32, STRIDE = 3 * ONE_HEAD };
    double weights[CSIMD_ENCODER_TOKENS_MAX];
    double total = 0;
    double most = -INFINITY;
    for (size_t key = 0; key < tokens_count; key++) {
        weights[key] = 0;
        for (size_t d = 0; d < ONE_HEAD; d++) {
            weights[key] += (double)projected[token * STRIDE + d] *
                            (double)projected[key * STRIDE + ONE_HEAD + d];
        }
        most = fmax(most, weights[key]);
    }
    for (size_t key = 0; key < tokens_count; key++) {
        weights[key] = exp(weights[key] - most);
        total += weights[key];
    }
    double worst = 0;
    for (size_t d = 0; d < ONE_HEAD; d++) {
        double sum = 0;
        for (size_t key = 0; key < tokens_count; key++) {
            sum += weights[key] * (double)projected[key * STRIDE + 2 * ONE_HEAD + d];
        }
        worst = fmax(worst, fabs(sum / total - (double)context[token * ONE_HEAD + d]));
    }
    return worst;
}

static void test_attention(void) {
    static csimd_attention space;
    double worst = 0;
    size_t tokens_max = check_is_small ? 35 : 128;
    for (size_t tokens_count = 1; tokens_count <= tokens_max; tokens_count++) {
        float *projected = guarded_floats(tokens_count * 96, -2.0, 2.0);
        float *context = guarded(tokens_count * 32 * sizeof *context);
        kernels->attend(&space, projected, tokens_count, 32, context);
        for (size_t token = 0; token < tokens_count; token++) {
            worst = fmax(worst, context_error(projected, tokens_count, token, context));
        }
    }
    check("attention is within 2e-5 for every count of tokens", worst < 2e-5);
    printf("      %.3g\n", worst);
}

static void test_kernels(void) {
    kernels = &csimd_kernels_current()->encoder;
    test_row_counts();
    test_shapes();
    test_largest();
    test_quantise();
    test_floats();
    test_order_of_sums();
    test_norm();
    test_attention();
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    rows = model_memory(sizeof *rows);
    memset(rows, 0, sizeof *rows);
    csimd_isa_use("scalar");
    kernels = &csimd_kernels_current()->encoder;
    make_answers(&scalar_answers, TOKENS, WIDTH); /* the others compare with it */
    test_functions();
    csimd_isa_use(NULL);
    check_each_isa(test_kernels);
    return check_end();
}
