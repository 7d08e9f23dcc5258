/* One text, from bytes to everything that is to be known about it; its tokens live on the stack. */
#include "csimd_text.h"

void csimd_text_read(const csimd_text_model *model, const uint8_t *text, size_t text_bytes,
                     csimd_text_reading *reading) {
    uint16_t tokens[CSIMD_TEXT_TOKENS_MAX];
    size_t tokens_count =
        csimd_text_encode(model->wordpiece, text, text_bytes, tokens, &reading->counts);
    reading->tokens_count = (uint32_t)tokens_count;
    reading->foreign_odds = csimd_language_odds(
        model->foreign_odds.bytes, model->foreign_odds.bytes_count, tokens, tokens_count);
    reading->label = csimd_lexicon_find(model->lexicon, tokens, tokens_count);
    csimd_text_embed(&model->table, tokens, tokens_count, reading->row);
}
