/* Chooses the instruction set: every level this machine can run gets a table, copied from the level
 * below and raised by that level's file; one of the tables is the one in use. Knows nothing of what
 * the kernels do.
 */
#include "kernels.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

typedef struct {
    const char *name;
    bool (*is_supported)(void);
    void (*raise)(csimd_kernels *kernels);
    void (*raise_encoder)(csimd_encoder_kernels *kernels);
} level;

static bool always_supported(void) {
    return true;
}

#if defined(__x86_64__)

static bool avx2_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

static bool avx512vnni_supported(void) {
    __builtin_cpu_init();
    return avx2_supported() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

static const level levels[] = {
    {"scalar", always_supported, csimd_raise_scalar, csimd_raise_scalar_encoder},
    /* part of x86-64 itself */
    {"sse2", always_supported, csimd_raise_sse2, csimd_raise_sse2_encoder},
    {"avx2", avx2_supported, csimd_raise_avx2, csimd_raise_avx2_encoder},
    {"avx512vnni", avx512vnni_supported, csimd_raise_avx512vnni, csimd_raise_avx512vnni_encoder},
};

#elif defined(__aarch64__)

#if defined(__linux__)
static bool dotprod_supported(void) {
    enum { HAS_ASIMDDP = 1 << 20 }; /* HWCAP_ASIMDDP, which older headers lack */
    return (getauxval(AT_HWCAP) & HAS_ASIMDDP) != 0;
}
#elif defined(__APPLE__)
static bool dotprod_supported(void) {
    int value = 0;
    size_t value_bytes = sizeof value;
    return sysctlbyname("hw.optional.arm.FEAT_DotProd", &value, &value_bytes, NULL, 0) == 0 &&
           value == 1;
}
#else
static bool dotprod_supported(void) {
    return false;
}
#endif

static const level levels[] = {
    {"scalar", always_supported, csimd_raise_scalar, csimd_raise_scalar_encoder},
    /* part of AArch64 itself */
    {"neon", always_supported, csimd_raise_neon, csimd_raise_neon_encoder},
    {"neon-dotprod", dotprod_supported, csimd_raise_neon_dotprod, csimd_raise_neon_dotprod_encoder},
};

#else

static const level levels[] = {
    {"scalar", always_supported, csimd_raise_scalar, csimd_raise_scalar_encoder},
};

#endif

/* Names that exist somewhere, so that a wrong name and a wrong machine get different answers. */
static const char *const known_names[] = {
    "scalar", "sse2", "avx2", "avx512vnni", "neon", "neon-dotprod",
};

enum { LEVELS_COUNT = sizeof levels / sizeof levels[0] };

/* Written once, by build_tables. Levels past supported_count do not run here: a machine that lacks
 * one lacks those above it. */
static csimd_kernels tables[LEVELS_COUNT];
static size_t supported_count;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static _Atomic(const csimd_kernels *) current;

static void build_tables(void) {
    csimd_kernels raised = {0};
    for (size_t i = 0; i < LEVELS_COUNT && levels[i].is_supported(); i++) {
        levels[i].raise(&raised);
        levels[i].raise_encoder(&raised.encoder);
        tables[i] = raised;
        supported_count = i + 1;
    }
    assert(supported_count > 0);
}

static const csimd_kernels *use_best(void) {
    pthread_once(&tables_once, build_tables);
    const csimd_kernels *none = NULL;
    const csimd_kernels *best = &tables[supported_count - 1];
    /* Keeps the choice of a csimd_isa_use that came first. */
    return atomic_compare_exchange_strong(&current, &none, best) ? best : none;
}

const csimd_kernels *csimd_kernels_current(void) {
    const csimd_kernels *kernels = atomic_load_explicit(&current, memory_order_acquire);
    return __builtin_expect(kernels != NULL, 1) ? kernels : use_best();
}

csimd_status csimd_isa_use(const char *name) {
    pthread_once(&tables_once, build_tables);
    if (name == NULL) {
        atomic_store(&current, &tables[supported_count - 1]);
        return CSIMD_STATUS_OK;
    }
    for (size_t i = 0; i < supported_count; i++) {
        if (strcmp(name, levels[i].name) == 0) {
            atomic_store(&current, &tables[i]);
            return CSIMD_STATUS_OK;
        }
    }
    for (size_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++) {
        if (strcmp(name, known_names[i]) == 0) {
            return CSIMD_STATUS_UNSUPPORTED_ISA;
        }
    }
    return CSIMD_STATUS_UNKNOWN_ISA;
}

const char *csimd_isa_name(void) {
    return levels[csimd_kernels_current() - tables].name;
}

const char *csimd_isa_supported(size_t index) {
    pthread_once(&tables_once, build_tables);
    return index < supported_count ? levels[supported_count - 1 - index].name : NULL;
}
