/* The text model's bundle, compiled into the program. Sources/Text/Models/MODEL.md tells what it
 * holds and how it was made; tools/distill makes it. */
#ifndef TEXT_MODEL_H
#define TEXT_MODEL_H

#include <stddef.h>

/* 64-byte aligned. */
extern const unsigned char text_model_bundle[];
extern const size_t text_model_bundle_bytes;

/* For Swift, which does not import arrays of unknown length. */
static inline const void *text_model_bundle_start(void) {
    return text_model_bundle;
}

#endif
