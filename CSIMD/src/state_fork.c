/* A child that writes the state as it was at the fork, and the pipe that it comes through.
 *
 * The child is a copy of one thread of many: any lock may be held by a thread that is not there, so
 * it takes none and calls nothing that might; its memory was reserved before the fork. All signals
 * are blocked in it: a handler would belong to the server. What the server then does costs a page's
 * copy for each page that it writes first, for as long as the child lives. */
#define _GNU_SOURCE /* pipe2, F_SETPIPE_SZ */

#include "state_write.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PIPE_BYTES = 1 << 20,
    CHILD_NICENESS = 10, /* the child may take its time: requests must not wait for it */
    CHILD_FAILED = 1,
    DESCRIPTORS_TRIED_MAX = 1 << 20,
};

/* -- The child ----------------------------------------------------------------------------------
 */

static void close_one_by_one(int first, int last) {
    for (int descriptor = first; descriptor <= last; descriptor++) {
        close(descriptor);
    }
}

static int last_descriptor(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > DESCRIPTORS_TRIED_MAX) {
        return DESCRIPTORS_TRIED_MAX;
    }
    return (int)limit.rlim_cur - 1;
}

/* Neither sockets nor the lock of a directory may stay open when the server ends before the child.
 */
#if defined(SYS_close_range)
static void close_between(int first, int last) {
    if (first <= last && syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0u) != 0) {
        close_one_by_one(first, last < last_descriptor() ? last : last_descriptor());
    }
}
#else
static void close_between(int first, int last) {
    close_one_by_one(first, last < last_descriptor() ? last : last_descriptor());
}
#endif

static _Noreturn void run_child(const csimd_state_source *source, uint32_t *numbers,
                                state_sink *sink) {
    close_between(0, sink->descriptor - 1);
    close_between(sink->descriptor + 1, INT32_MAX);
    setpriority(PRIO_PROCESS, 0, CHILD_NICENESS);
    _exit(state_write(source, numbers, sink) ? 0 : CHILD_FAILED);
}

/* -- The parent ---------------------------------------------------------------------------------
 */

static csimd_status open_pipe(int ends[2], int *error) {
#if defined(__linux__)
    bool is_open = pipe2(ends, O_CLOEXEC) == 0;
#else
    bool is_open = pipe(ends) == 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 &&
                   fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
#endif
    if (!is_open) {
        *error = errno;
        return CSIMD_STATUS_SYSTEM;
    }
#if defined(F_SETPIPE_SZ)
    fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* fewer, larger steps; a refusal changes nothing */
#endif
    return CSIMD_STATUS_OK;
}

static csimd_status fork_into(const csimd_state_source *source, uint32_t *numbers, uint8_t *buffer,
                              csimd_state_child *child) {
    int ends[2];
    csimd_status status = open_pipe(ends, &child->error);
    if (status != CSIMD_STATUS_OK) {
        return status;
    }
    state_sink sink = {.bytes = buffer, .capacity = STATE_SINK_BYTES, .descriptor = ends[1]};
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        run_child(source, numbers, &sink);
    }
    child->error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return CSIMD_STATUS_SYSTEM;
    }
    *child = (csimd_state_child){.pid = pid, .descriptor = ends[0]};
    return CSIMD_STATUS_OK;
}

csimd_status csimd_state_fork(const csimd_state_source *source, csimd_state_child *child) {
    *child = (csimd_state_child){.descriptor = -1};
    csimd_arena *arena = source->store->arena;
    size_t slots_count = source->store->directory.slots_made + 1; /* never none */
    uint8_t *buffer = csimd_arena_allocate(arena, STATE_SINK_BYTES, 64);
    uint32_t *numbers = csimd_arena_allocate(arena, slots_count * sizeof *numbers, 64);
    csimd_status status = CSIMD_STATUS_NO_MEMORY;
    if (buffer != NULL && numbers != NULL) {
        status = fork_into(source, numbers, buffer, child);
    }
    csimd_arena_release(arena, numbers);
    csimd_arena_release(arena, buffer);
    return status;
}

ptrdiff_t csimd_state_child_read(csimd_state_child *child, uint8_t *bytes, size_t capacity) {
    assert(child->descriptor >= 0 && capacity > 0);
    for (;;) {
        ssize_t count = read(child->descriptor, bytes, capacity);
        if (count >= 0) {
            return count;
        }
        if (errno != EINTR) {
            child->error = errno;
            return -1;
        }
    }
}

bool csimd_state_child_end(csimd_state_child *child) {
    if (child->descriptor < 0) {
        return false;
    }
    close(child->descriptor);
    child->descriptor = -1;
    int status;
    for (;;) {
        pid_t pid = waitpid(child->pid, &status, 0);
        if (pid == child->pid) {
            return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        if (pid < 0 && errno != EINTR) {
            return errno == ECHILD; /* somebody reaps all children: the end marker must tell */
        }
    }
}
