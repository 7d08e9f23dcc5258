/* How the core reads text: bytes -> WordPiece tokens -> an int8 row, a sensitive term, a language.
 *
 * Everything works on sections of the text model's bundle (tools/distill writes it, MODEL.md draws
 * it) that stay where they are and unchanged for as long as anything here uses them. Their contents
 * are trusted: the bundle's digest is checked before. All functions but the two that create are
 * safe from many threads, allocate nothing and give the same bytes on every machine.
 */
#ifndef CSIMD_TEXT_H
#define CSIMD_TEXT_H

#include "csimd.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CSIMD_TEXT_BYTES_MAX = 16384,  /* of one text; a token comes from at least one byte */
    CSIMD_TEXT_TOKENS_MAX = 16384, /* of one text */
    CSIMD_TEXT_VOCABULARY_MAX = 65535,
    CSIMD_TEXT_WORD_CHARACTERS_MAX = 100, /* a longer word is one unknown token, as in BERT */
    CSIMD_TEXT_WEIGHT_MAX = 32767,        /* magnitude of a token's fixed-point weight */
    CSIMD_TEXT_BLOCK_TOKENS = 512,        /* 512 * 32767 * 127 < 2^31: sums of a block fit int32 */
};

/* A part of the bundle: 64-byte aligned, little-endian. */
typedef struct {
    const void *bytes;
    size_t bytes_count;
} csimd_section;

/* -- 1. Tokens (wordpiece.c) ------------------------------------------------------------------- */

/* BERT's uncased WordPiece. Equals the tokenizer of Hugging Face except that names of special
 * tokens in a text ("[MASK]") are text. */
typedef struct csimd_wordpiece csimd_wordpiece;

/* `vocabulary`: u32 tokens, u32 unknown, u32 starts[tokens + 1], bytes. `fold`: u32 pages,
 * u32 bytes of strings, u16 index[0x1100], u32 entries[pages][256], strings (see wordpiece.c).
 * NULL when memory runs out. The arena frees it. */
csimd_wordpiece *csimd_wordpiece_create(csimd_arena *arena, csimd_section vocabulary,
                                        csimd_section fold);

size_t csimd_wordpiece_tokens_count(const csimd_wordpiece *wordpiece);

/* Whether a token continues a word ("##ing"). */
bool csimd_wordpiece_continues(const csimd_wordpiece *wordpiece, uint16_t token);

/* What a text is made of, to judge whether it can be read at all. Words are those with a letter. */
typedef struct {
    uint32_t words_count;
    uint32_t unknown_count; /* words that the vocabulary cannot spell */
    uint32_t letters_count;
    uint32_t letters_outside_latin_count;
} csimd_text_counts;

/* Writes the tokens of a text and returns how many. text_bytes <= CSIMD_TEXT_BYTES_MAX; `tokens`
 * has room for CSIMD_TEXT_TOKENS_MAX. Bytes that are not UTF-8 are dropped. */
size_t csimd_text_encode(const csimd_wordpiece *wordpiece, const uint8_t *text, size_t text_bytes,
                         uint16_t *tokens, csimd_text_counts *counts);

/* -- 2. Rows (embed.c) --------------------------------------------------------------------------
 */

/* rows: int8 [tokens][128]; weights: int32 [tokens], 0 to CSIMD_TEXT_WEIGHT_MAX. */
typedef struct {
    const int8_t *rows;
    const int32_t *weights;
    size_t tokens_count;
} csimd_text_table;

/* Checks the shapes of the two sections. */
csimd_text_table csimd_text_table_of(csimd_section rows, csimd_section weights);

/* row = the sum of weight * row over the tokens, at length 127: each value rounded half away from
 * zero and clamped to [-127, 127]. Returns false, and a row of zeros, when the sum is zero. */
bool csimd_text_embed(const csimd_text_table *table, const uint16_t *tokens, size_t tokens_count,
                      int8_t row[CSIMD_TEXT_DIMENSION]);

/* -- 3. Terms (lexicon.c) ------------------------------------------------------------------------
 */

/* Which of a list of terms a text holds, as whole words. */
typedef struct csimd_lexicon csimd_lexicon;

enum {
    CSIMD_LEXICON_NONE = 0, /* the label of everyday terms, and of no match */
};

/* `section`: u16 joiners, u16 joiner tokens, then for each term u16 label, u16 tokens, the tokens.
 * Joiners (hyphens, apostrophes) are skipped inside a term. NULL when memory runs out. */
csimd_lexicon *csimd_lexicon_create(csimd_arena *arena, csimd_section section,
                                    const csimd_wordpiece *wordpiece);

/* The label of the first term in the text, or CSIMD_LEXICON_NONE. The longest term at a place wins;
 * a term with the label CSIMD_LEXICON_NONE covers its words from shorter ones. */
uint16_t csimd_lexicon_find(const csimd_lexicon *lexicon, const uint16_t *tokens,
                            size_t tokens_count);

/* -- 4. Language (language.c)
 * ---------------------------------------------------------------------- */

/* The sum over the tokens of odds[token]: how far the text looks foreign, in the model's units. */
int32_t csimd_language_odds(const int8_t *odds, size_t odds_count, const uint16_t *tokens,
                            size_t tokens_count);

/* -- 5. All of it (read.c)
 * -------------------------------------------------------------------------- */

/* The parts of a loaded model. */
typedef struct {
    const csimd_wordpiece *wordpiece;
    const csimd_lexicon *lexicon;
    csimd_text_table table;
    csimd_section foreign_odds; /* int8 [tokens] */
} csimd_text_model;

typedef struct {
    csimd_text_counts counts;
    uint32_t tokens_count;
    int32_t foreign_odds;
    uint16_t label; /* of csimd_lexicon_find */
    int8_t row[CSIMD_TEXT_DIMENSION];
} csimd_text_reading;

/* Reads one text of up to CSIMD_TEXT_BYTES_MAX bytes. Takes 2 * CSIMD_TEXT_TOKENS_MAX bytes of
 * stack. */
void csimd_text_read(const csimd_text_model *model, const uint8_t *text, size_t text_bytes,
                     csimd_text_reading *reading);

#ifdef __cplusplus
}
#endif

#endif
