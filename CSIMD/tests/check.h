/* What every test program of the core shares: named checks, a repeatable source of random numbers,
 * and memory that ends at an unreadable page. Each program is one *_test.c with a main of its own;
 * `--small` keeps it quick on an emulated machine.
 */
#ifndef CSIMD_TESTS_CHECK_H
#define CSIMD_TESTS_CHECK_H

#define _GNU_SOURCE /* mmap */

#include "csimd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#pragma STDC FP_CONTRACT OFF /* inputs are the same numbers on every machine */

static size_t checks_passed;
static size_t checks_failed;
static bool check_is_small;

/* Counts and prints one check; `name` says in words what must hold. */
static inline void check(const char *name, bool holds) {
    printf("%s  [%s] %s\n", holds ? "ok  " : "FAIL", csimd_isa_name(), name);
    if (holds) {
        checks_passed += 1;
    } else {
        checks_failed += 1;
    }
}

static inline void check_begin(int arguments_count, char **arguments) {
    check_is_small = arguments_count > 1 && strcmp(arguments[1], "--small") == 0;
    setvbuf(stdout, NULL, _IOLBF, 0); /* a crash must not hide the last line */
}

/* The exit code of the program. */
static inline int check_end(void) {
    printf("%zu passed, %zu failed\n", checks_passed, checks_failed);
    return checks_failed == 0 ? 0 : 1;
}

/* Runs a suite on every instruction set of this machine, and leaves the best in use. */
static inline void check_each_isa(void (*suite)(void)) {
    for (size_t i = 0; csimd_isa_supported(i) != NULL; i++) {
        csimd_isa_use(csimd_isa_supported(i));
        suite();
    }
    csimd_isa_use(NULL);
}

/* xorshift64*: the same numbers on every machine. */
static uint64_t random_state = 0x9e3779b97f4a7c15;

static inline uint64_t random_u64(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1d;
}

static inline size_t random_below(size_t bound) {
    return (size_t)((random_u64() >> 32) * bound >> 32);
}

static inline double random_between(double low, double high) {
    return low + (high - low) * (double)(random_u64() >> 11) * 0x1p-53;
}

/* Any finite double, by its bits. */
static inline double random_finite(void) {
    for (;;) {
        uint64_t bits = random_u64();
        double value;
        memcpy(&value, &bits, sizeof value);
        if (value - value == 0.0) {
            return value;
        }
    }
}

static inline int8_t random_byte(void) {
    return (int8_t)((int)random_below(255) - 127);
}

static inline void *need(void *memory) {
    if (memory == NULL || memory == MAP_FAILED) {
        fprintf(stderr, "the test ran out of memory\n");
        exit(2);
    }
    return memory;
}

/* `bytes` of memory right before an unreadable page. Never given back: tests are short. */
static inline void *guarded(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t readable = (bytes + page - 1) / page * page;
    char *start = need(
        mmap(NULL, readable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (mprotect(start + readable, page, PROT_NONE) != 0) {
        need(NULL);
    }
    return start + readable - bytes;
}

#endif
