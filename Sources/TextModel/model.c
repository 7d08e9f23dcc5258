/* Embeds text.bundle. #embed is C23; clang and gcc take it in C11 as an extension. */
#include "text_model.h"

#include <stdalign.h>

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wc23-extensions"
#endif

alignas(64) const unsigned char text_model_bundle[] = {
#embed "../Text/Models/text.bundle"
};

const size_t text_model_bundle_bytes = sizeof text_model_bundle;
