/* Included first by every file of AVX2 kernels: all that follows, up to target_end.h, is compiled
 * for it. SIMDe emulates whatever it is not told to be native, and its functions must carry the
 * target themselves, so it is included here, within. No fma in the list: score loops must not have
 * it to use.
 */
#include <immintrin.h>

#if defined(__clang__)
#define SIMDE_X86_AVX2_NATIVE
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#endif

#include <simde/x86/avx2.h>
