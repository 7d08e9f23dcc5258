/* A whole state into a descriptor: between state_write.c and state_fork.c, and for tests. */
#ifndef CSIMD_SRC_STATE_WRITE_H
#define CSIMD_SRC_STATE_WRITE_H

#include "state.h"

enum { STATE_SINK_BYTES = STATE_HEAD_BYTES + CSIMD_STATE_RECORD_MAX + (256 << 10) };

/* Writes the state; `numbers` has room for every slot that was made. False when the descriptor took
 * no more. */
bool state_write(const csimd_state_source *source, uint32_t *numbers, state_sink *sink);

#endif
