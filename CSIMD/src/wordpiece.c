/* BERT's uncased WordPiece: characters are folded through a table, words are cut greedily into the
 * longest pieces that the vocabulary holds.
 *
 * The fold table answers for each code point with one entry, from the low bit:
 *
 *     2 bits class | 1 replaced | 1 letter | 1 outside Latin | 5 length | 22 place of replacement
 *
 * Pieces are found in an open-addressed table by a hash that grows byte by byte, so that one pass
 * over a word hashes all its prefixes.
 */
#include "csimd_text.h"

#include <assert.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the bundle is little-endian");

enum {
    FOLD_INDEX_COUNT = 0x1100,
    FOLD_PAGE_ENTRIES = 256,
    CODE_POINT_BYTES_MAX = 4,
    WORD_BYTES_MAX = CSIMD_TEXT_WORD_CHARACTERS_MAX * CODE_POINT_BYTES_MAX,
    EMPTY = 0xFFFF,
};

enum { CLASS_DROP, CLASS_SPACE, CLASS_WORD, CLASS_ALONE, CLASS_MASK = 3 };
enum { FOLD_REPLACED = 4, FOLD_LETTER = 8, FOLD_OUTSIDE_LATIN = 16 };

#define HASH_SEED 0xCBF29CE484222325u
#define HASH_SEED_CONTINUES 0x9AE16A3B2F90404Fu
#define HASH_PRIME 0x00000100000001B3u

typedef struct {
    uint32_t tag; /* the upper half of the hash, to pass over strangers cheaply */
    uint16_t token;
} piece_slot;

struct csimd_wordpiece {
    const uint32_t *starts;
    const uint8_t *bytes;
    uint32_t tokens_count;
    uint16_t unknown;
    uint32_t piece_bytes_max;
    const uint16_t *fold_index;
    const uint32_t *fold_entries;
    const uint8_t *fold_strings;
    piece_slot *slots;
    uint32_t slots_mask;
};

/* The word being gathered, and where tokens go. */
typedef struct {
    const csimd_wordpiece *wordpiece;
    uint8_t word[WORD_BYTES_MAX];
    size_t word_bytes;
    size_t word_characters;
    bool word_has_letter;
    uint16_t *tokens;
    size_t tokens_count;
    csimd_text_counts *counts;
} text_encoder;

static void vocabulary_read(csimd_wordpiece *self, csimd_section section);
static void fold_read(csimd_wordpiece *self, csimd_section section);
static bool slots_build(csimd_wordpiece *self, csimd_arena *arena);
static size_t code_point_read(const uint8_t *text, size_t text_bytes, uint32_t *code_point);
static void word_append(text_encoder *encoder, const uint8_t *bytes, size_t bytes_count);
static void word_end(text_encoder *encoder);

csimd_wordpiece *csimd_wordpiece_create(csimd_arena *arena, csimd_section vocabulary,
                                        csimd_section fold) {
    csimd_wordpiece *self = csimd_arena_allocate(arena, sizeof(*self), CSIMD_ROW_ALIGNMENT);
    if (!self) {
        return NULL;
    }
    vocabulary_read(self, vocabulary);
    fold_read(self, fold);
    if (!slots_build(self, arena)) {
        csimd_arena_release(arena, self);
        return NULL;
    }
    return self;
}

size_t csimd_wordpiece_tokens_count(const csimd_wordpiece *wordpiece) {
    return wordpiece->tokens_count;
}

bool csimd_wordpiece_continues(const csimd_wordpiece *wordpiece, uint16_t token) {
    assert(token < wordpiece->tokens_count);
    uint32_t start = wordpiece->starts[token];
    return wordpiece->starts[token + 1] - start > 2 && wordpiece->bytes[start] == '#' &&
           wordpiece->bytes[start + 1] == '#';
}

size_t csimd_text_encode(const csimd_wordpiece *wordpiece, const uint8_t *text, size_t text_bytes,
                         uint16_t *tokens, csimd_text_counts *counts) {
    assert(text_bytes <= CSIMD_TEXT_BYTES_MAX);
    assert(text || text_bytes == 0);
    *counts = (csimd_text_counts){0};
    text_encoder encoder;
    encoder.wordpiece = wordpiece;
    encoder.word_bytes = encoder.word_characters = 0;
    encoder.word_has_letter = false;
    encoder.tokens = tokens;
    encoder.tokens_count = 0;
    encoder.counts = counts;
    for (size_t at = 0; at < text_bytes;) {
        uint32_t code_point;
        const uint8_t *bytes = text + at;
        size_t bytes_count = code_point_read(bytes, text_bytes - at, &code_point);
        at += bytes_count;
        size_t page = wordpiece->fold_index[code_point / FOLD_PAGE_ENTRIES];
        uint32_t entry =
            wordpiece->fold_entries[page * FOLD_PAGE_ENTRIES + code_point % FOLD_PAGE_ENTRIES];
        bool is_letter = (entry & FOLD_LETTER) != 0;
        counts->letters_count += is_letter;
        counts->letters_outside_latin_count += (entry & FOLD_OUTSIDE_LATIN) != 0;
        if (entry & FOLD_REPLACED) {
            bytes_count = entry >> 5 & 31;
            bytes = wordpiece->fold_strings + (entry >> 10);
        }
        uint32_t class = entry & CLASS_MASK;
        if (class == CLASS_SPACE || class == CLASS_ALONE) {
            word_end(&encoder);
        }
        if (class == CLASS_WORD || class == CLASS_ALONE) {
            encoder.word_has_letter |= is_letter;
            word_append(&encoder, bytes, bytes_count);
        }
        if (class == CLASS_ALONE) {
            word_end(&encoder);
        }
    }
    word_end(&encoder);
    assert(encoder.tokens_count <= CSIMD_TEXT_TOKENS_MAX);
    return encoder.tokens_count;
}

static void vocabulary_read(csimd_wordpiece *self, csimd_section section) {
    const uint32_t *head = section.bytes;
    assert(section.bytes_count >= 3 * sizeof(uint32_t));
    assert(head[0] <= CSIMD_TEXT_VOCABULARY_MAX);
    assert(head[1] < head[0]);
    self->tokens_count = head[0];
    self->unknown = (uint16_t)head[1];
    self->starts = head + 2;
    self->bytes = (const uint8_t *)(self->starts + self->tokens_count + 1);
    assert(section.bytes_count ==
           (3 + (size_t)head[0]) * sizeof(uint32_t) + self->starts[self->tokens_count]);
}

static void fold_read(csimd_wordpiece *self, csimd_section section) {
    const uint32_t *head = section.bytes;
    assert(section.bytes_count >= 2 * sizeof(uint32_t));
    size_t entries_bytes = (size_t)head[0] * FOLD_PAGE_ENTRIES * sizeof(uint32_t);
    assert(section.bytes_count ==
           2 * sizeof(uint32_t) + FOLD_INDEX_COUNT * sizeof(uint16_t) + entries_bytes + head[1]);
    self->fold_index = (const uint16_t *)(head + 2);
    self->fold_entries = (const uint32_t *)(self->fold_index + FOLD_INDEX_COUNT);
    self->fold_strings = (const uint8_t *)self->fold_entries + entries_bytes;
}

static uint64_t hash_step(uint64_t hash, uint8_t byte) {
    return (hash ^ byte) * HASH_PRIME;
}

/* Folds the upper bits, which the multiplications mix best, into the lower. */
static uint64_t hash_finish(uint64_t hash) {
    hash ^= hash >> 32;
    hash *= 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

/* A piece without the marks of a continuation. */
static const uint8_t *piece_bytes(const csimd_wordpiece *self, uint16_t token, size_t *count) {
    uint32_t start = self->starts[token] + (csimd_wordpiece_continues(self, token) ? 2 : 0);
    *count = self->starts[token + 1] - start;
    return self->bytes + start;
}

static bool slots_build(csimd_wordpiece *self, csimd_arena *arena) {
    size_t slots_count = 1024;
    while (slots_count < 2 * (size_t)self->tokens_count) {
        slots_count *= 2;
    }
    self->slots =
        csimd_arena_allocate(arena, slots_count * sizeof(*self->slots), CSIMD_ROW_ALIGNMENT);
    if (!self->slots) {
        return false;
    }
    self->slots_mask = (uint32_t)(slots_count - 1);
    for (size_t i = 0; i < slots_count; i++) {
        self->slots[i].token = EMPTY;
    }
    for (uint32_t token = 0; token < self->tokens_count; token++) {
        bool continues = csimd_wordpiece_continues(self, (uint16_t)token);
        size_t count;
        const uint8_t *bytes = piece_bytes(self, (uint16_t)token, &count);
        uint64_t hash = continues ? HASH_SEED_CONTINUES : HASH_SEED;
        for (size_t i = 0; i < count; i++) {
            hash = hash_step(hash, bytes[i]);
        }
        hash = hash_finish(hash);
        uint32_t place = (uint32_t)hash & self->slots_mask;
        while (self->slots[place].token != EMPTY) {
            place = (place + 1) & self->slots_mask;
        }
        self->slots[place] = (piece_slot){.tag = (uint32_t)(hash >> 32), .token = (uint16_t)token};
        if (count > self->piece_bytes_max) {
            self->piece_bytes_max = (uint32_t)count;
        }
    }
    return true;
}

/* The token whose piece is exactly these bytes, or EMPTY. */
static uint16_t piece_find(const csimd_wordpiece *self, uint64_t hash, bool continues,
                           const uint8_t *bytes, size_t bytes_count) {
    hash = hash_finish(hash);
    uint32_t tag = (uint32_t)(hash >> 32);
    uint32_t place = (uint32_t)hash & self->slots_mask;
    for (; self->slots[place].token != EMPTY; place = (place + 1) & self->slots_mask) {
        if (self->slots[place].tag != tag) {
            continue;
        }
        uint16_t token = self->slots[place].token;
        size_t count;
        const uint8_t *piece = piece_bytes(self, token, &count);
        if (count == bytes_count && memcmp(piece, bytes, bytes_count) == 0 &&
            csimd_wordpiece_continues(self, token) == continues) {
            return token;
        }
    }
    return EMPTY;
}

/* Finds the longest piece at the front of `word`: its token, and its bytes in `length`. */
static uint16_t piece_longest(const csimd_wordpiece *self, const uint8_t *word, size_t word_bytes,
                              bool continues, size_t *length) {
    uint64_t hashes[WORD_BYTES_MAX];
    uint64_t hash = continues ? HASH_SEED_CONTINUES : HASH_SEED;
    size_t longest = word_bytes < self->piece_bytes_max ? word_bytes : self->piece_bytes_max;
    for (size_t i = 0; i < longest; i++) {
        hashes[i] = hash = hash_step(hash, word[i]);
    }
    for (*length = longest; *length > 0; --*length) {
        if (*length < word_bytes && (word[*length] & 0xC0) == 0x80) {
            continue; /* inside a character */
        }
        uint16_t token = piece_find(self, hashes[*length - 1], continues, word, *length);
        if (token != EMPTY) {
            return token;
        }
    }
    return EMPTY;
}

/* Appends whole characters; past the limit only the count grows. */
static void word_append(text_encoder *encoder, const uint8_t *bytes, size_t bytes_count) {
    for (size_t i = 0; i < bytes_count; i++) {
        encoder->word_characters += (bytes[i] & 0xC0) != 0x80;
        if (encoder->word_characters <= CSIMD_TEXT_WORD_CHARACTERS_MAX) {
            encoder->word[encoder->word_bytes++] = bytes[i];
        }
    }
}

/* Cuts the gathered word into tokens; a word that cannot be spelt is one unknown token. */
static void word_end(text_encoder *encoder) {
    if (encoder->word_characters == 0) {
        return;
    }
    bool spelt = encoder->word_characters <= CSIMD_TEXT_WORD_CHARACTERS_MAX;
    size_t first = encoder->tokens_count;
    for (size_t at = 0; spelt && at < encoder->word_bytes;) {
        size_t length;
        uint16_t token = piece_longest(encoder->wordpiece, encoder->word + at,
                                       encoder->word_bytes - at, at > 0, &length);
        spelt = token != EMPTY;
        if (spelt) {
            encoder->tokens[encoder->tokens_count++] = token;
        }
        at += length;
    }
    if (!spelt) {
        encoder->tokens_count = first;
        encoder->tokens[encoder->tokens_count++] = encoder->wordpiece->unknown;
    }
    encoder->counts->words_count += encoder->word_has_letter;
    encoder->counts->unknown_count += encoder->word_has_letter && !spelt;
    encoder->word_bytes = encoder->word_characters = 0;
    encoder->word_has_letter = false;
}

/* Reads one character of well-formed UTF-8 (no overlong form, no surrogate); any other byte reads
 * as U+0000, which the fold drops. Returns the bytes taken. */
static size_t code_point_read(const uint8_t *text, size_t text_bytes, uint32_t *code_point) {
    uint8_t first = text[0];
    if (first < 0x80) {
        *code_point = first;
        return 1;
    }
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    *code_point = 0;
    if (first < 0xC2 || first > 0xF4 || length > text_bytes) {
        return 1;
    }
    uint32_t value = first & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 1;
        }
        value = value << 6 | (text[i] & 0x3F);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
        return 1;
    }
    *code_point = value;
    return length;
}
