/* How long the encoder takes on this machine for texts of several lengths on each instruction set,
 * in microseconds, and how much of that its matrices take: medians of rounds, each with tokens of
 * its own. Weights stay in the outer caches, as they do under load; `cold` throws them out before
 * every round. Not part of the test run; meant for a quiet machine.
 */
#include "encoder_model.h"

#include "../src/encoder.h"

#include <time.h>

enum {
    VOCABULARY = 30522,
    ROUNDS_MAX = 101,
    ROUND_US = 2000000, /* spent on one figure, about */
    COLD_BYTES = 128 << 20,
};

static const size_t lengths[] = {5, 12, 20, 40, 128};
enum { LENGTHS_COUNT = sizeof lengths / sizeof lengths[0] };

static model made;
static csimd_encoder *encoder;
static csimd_encoder_scratch *scratch;
static uint16_t tokens[CSIMD_ENCODER_TOKENS_MAX];
static char *cold_bytes;

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

static void run_all(size_t tokens_count) {
    csimd_encoder_output output;
    csimd_encode(encoder, scratch, tokens, tokens_count, &output);
}

/* The matrices of every layer, over the rows that lie in the scratch. */
static void run_matrices(size_t tokens_count) {
    const csimd_encoder_kernels *kernels = &csimd_kernels_current()->encoder;
    for (size_t i = 0; i < encoder->layers_count; i++) {
        const encoder_layer *layer = &encoder->layers[i];
        kernels->linear(&layer->project, &scratch->rows, tokens_count, scratch->wide);
        kernels->linear(&layer->out, &scratch->rows, tokens_count, scratch->wide);
        kernels->linear(&layer->up, &scratch->rows, tokens_count, scratch->wide);
        kernels->linear(&layer->down, &scratch->rows, tokens_count, scratch->wide);
    }
}

static int compare_times(const void *a, const void *b) {
    double first = *(const double *)a;
    double second = *(const double *)b;
    return (first > second) - (first < second);
}

static double median_us(void (*run)(size_t tokens_count), size_t tokens_count, bool is_cold) {
    double times[ROUNDS_MAX];
    double spent = 0;
    size_t rounds = 0;
    run(tokens_count); /* the first touches fresh memory */
    while (rounds < ROUNDS_MAX && (rounds < 3 || spent < ROUND_US)) {
        random_tokens(tokens, tokens_count, VOCABULARY);
        for (size_t i = 0; is_cold && i < COLD_BYTES; i += 64) {
            cold_bytes[i] += 1;
        }
        double start = now_us();
        run(tokens_count);
        times[rounds] = now_us() - start;
        spent += times[rounds];
        rounds += 1;
    }
    qsort(times, rounds, sizeof times[0], compare_times);
    return times[rounds / 2];
}

int main(void) {
    csimd_arena *arena = need(csimd_arena_create());
    csimd_status status;
    model_make(&made, (model_shape){6, 384, 12, 1536, 128, VOCABULARY, 8, 128});
    encoder = need(csimd_encoder_create(arena, &made.sections, &status));
    scratch = need(csimd_encoder_scratch_create(arena));
    cold_bytes = need(calloc(COLD_BYTES, 1));
    printf("%-36s%14s%14s%14s%14s%14s\n", "encoder, microseconds", "all", "matrices", "rest",
           "matrices' %", "all, cold");
    for (size_t i = 0; csimd_isa_supported(i) != NULL; i++) {
        csimd_isa_use(csimd_isa_supported(i));
        for (size_t j = 0; j < LENGTHS_COUNT; j++) {
            char name[64];
            snprintf(name, sizeof name, "%s, %zu tokens", csimd_isa_name(), lengths[j]);
            double all = median_us(run_all, lengths[j], false);
            double matrices = median_us(run_matrices, lengths[j], false);
            double cold = median_us(run_all, lengths[j], true);
            printf("%-36s%14.0f%14.0f%14.0f%14.0f%14.0f\n", name, all, matrices, all - matrices,
                   100.0 * matrices / all, cold);
        }
    }
    csimd_arena_destroy(arena);
    return 0;
}
