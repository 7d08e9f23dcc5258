/* Included first by every file of AVX-512 VNNI kernels: all that follows, up to target_end.h, is
 * compiled for it. SIMDe emulates whatever it is not told to be native, and its functions must
 * carry the target themselves, so it is included here, within. The list implies fma: contraction is
 * off in every file, and tools/check-objects looks.
 */
#include <immintrin.h>

#if defined(__clang__)
#define SIMDE_X86_AVX512F_NATIVE
#define SIMDE_X86_AVX512BW_NATIVE
#define SIMDE_X86_AVX512DQ_NATIVE
#define SIMDE_X86_AVX512VL_NATIVE
#define SIMDE_X86_AVX512VNNI_NATIVE
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,bmi,bmi2,popcnt"))),      \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,bmi,bmi2,popcnt")
#endif

#include <simde/x86/avx512.h>
