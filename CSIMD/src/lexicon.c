/* Terms as whole words: a trie over tokens, its edges in one open-addressed table.
 *
 * Terms come tokenised and without joiners (hyphens, apostrophes), and joiners of a text are
 * skipped inside a term: "same-sex" and "same sex" are one. A term begins where a word begins and
 * ends where one ends. The scan takes the longest term at each place and goes on behind it, so that
 * an everyday term (label CSIMD_LEXICON_NONE) covers shorter ones within.
 */
#include "csimd_text.h"

#include <assert.h>

enum {
    ROOT = 0,         /* no edge leads here, so a child of 0 marks an empty slot */
    NO_TERM = 0xFFFF, /* the label of a node at which no term ends */
};

typedef struct {
    uint32_t parent;
    uint32_t child;
    uint16_t token;
} trie_edge;

enum { TOKEN_CONTINUES = 1, TOKEN_JOINS = 2 };

struct csimd_lexicon {
    trie_edge *edges;
    uint32_t edges_mask;
    uint16_t *labels;      /* of each node */
    uint8_t *token_traits; /* of each token */
    uint32_t nodes_count;
    size_t tokens_count;
};

static size_t term_tokens_count(const uint16_t *words, size_t words_count);
static bool trie_allocate(csimd_lexicon *self, csimd_arena *arena, size_t nodes_max);
static void traits_read(csimd_lexicon *self, const uint16_t *joiners, size_t joiners_count,
                        const csimd_wordpiece *wordpiece);
static void term_insert(csimd_lexicon *self, uint16_t label, const uint16_t *tokens, size_t count);
static size_t term_longest(const csimd_lexicon *self, const uint16_t *tokens, size_t tokens_count,
                           uint16_t *label);

csimd_lexicon *csimd_lexicon_create(csimd_arena *arena, csimd_section section,
                                    const csimd_wordpiece *wordpiece) {
    const uint16_t *words = section.bytes;
    size_t words_count = section.bytes_count / sizeof(*words);
    size_t nodes_max = 1 + term_tokens_count(words, words_count);
    csimd_lexicon *self = csimd_arena_allocate(arena, sizeof(*self), CSIMD_ROW_ALIGNMENT);
    if (!self) {
        return NULL;
    }
    self->tokens_count = csimd_wordpiece_tokens_count(wordpiece);
    if (!trie_allocate(self, arena, nodes_max)) {
        csimd_arena_release(arena, self);
        return NULL;
    }
    traits_read(self, words + 1, words[0], wordpiece);
    for (size_t at = 1 + (size_t)words[0]; at < words_count; at += 2 + (size_t)words[at + 1]) {
        term_insert(self, words[at], words + at + 2, words[at + 1]);
    }
    return self;
}

uint16_t csimd_lexicon_find(const csimd_lexicon *lexicon, const uint16_t *tokens,
                            size_t tokens_count) {
    for (size_t at = 0; at < tokens_count;) {
        assert(tokens[at] < lexicon->tokens_count);
        uint16_t label = CSIMD_LEXICON_NONE;
        size_t length = 0;
        if (!(lexicon->token_traits[tokens[at]] & TOKEN_CONTINUES)) {
            length = term_longest(lexicon, tokens + at, tokens_count - at, &label);
        }
        if (label != CSIMD_LEXICON_NONE) {
            return label;
        }
        at += length > 0 ? length : 1;
    }
    return CSIMD_LEXICON_NONE;
}

/* The tokens of all terms, hence the most nodes below the root; checks the section's shape. */
static size_t term_tokens_count(const uint16_t *words, size_t words_count) {
    assert(words_count > 0);
    assert(words[0] < words_count);
    size_t total = 0;
    for (size_t at = 1 + (size_t)words[0]; at < words_count;) {
        assert(at + 2 <= words_count);
        size_t count = words[at + 1];
        assert(count > 0);
        assert(at + 2 + count <= words_count);
        total += count;
        at += 2 + count;
    }
    return total;
}

/* Edges are at most half full, so that a search for a missing one is short. */
static bool trie_allocate(csimd_lexicon *self, csimd_arena *arena, size_t nodes_max) {
    size_t edges_count = 1024;
    while (edges_count < 2 * nodes_max) {
        edges_count *= 2;
    }
    self->edges =
        csimd_arena_allocate(arena, edges_count * sizeof(*self->edges), CSIMD_ROW_ALIGNMENT);
    self->labels =
        csimd_arena_allocate(arena, nodes_max * sizeof(*self->labels), CSIMD_ROW_ALIGNMENT);
    self->token_traits = csimd_arena_allocate(arena, self->tokens_count, CSIMD_ROW_ALIGNMENT);
    if (!self->edges || !self->labels || !self->token_traits) {
        csimd_arena_release(arena, self->edges);
        csimd_arena_release(arena, self->labels);
        csimd_arena_release(arena, self->token_traits);
        return false;
    }
    self->edges_mask = (uint32_t)(edges_count - 1);
    self->labels[ROOT] = NO_TERM;
    self->nodes_count = 1;
    return true;
}

static void traits_read(csimd_lexicon *self, const uint16_t *joiners, size_t joiners_count,
                        const csimd_wordpiece *wordpiece) {
    for (size_t token = 0; token < self->tokens_count; token++) {
        self->token_traits[token] =
            csimd_wordpiece_continues(wordpiece, (uint16_t)token) ? TOKEN_CONTINUES : 0;
    }
    for (size_t i = 0; i < joiners_count; i++) {
        assert(joiners[i] < self->tokens_count);
        self->token_traits[joiners[i]] |= TOKEN_JOINS;
    }
}

/* The slot that holds the edge, or the empty one where it belongs. */
static trie_edge *edge_slot(const csimd_lexicon *self, uint32_t parent, uint16_t token) {
    uint64_t hash = ((uint64_t)parent << 16 | token) * 0x9E3779B97F4A7C15u;
    uint32_t place = (uint32_t)(hash >> 32) & self->edges_mask;
    while (self->edges[place].child != ROOT &&
           (self->edges[place].parent != parent || self->edges[place].token != token)) {
        place = (place + 1) & self->edges_mask;
    }
    return &self->edges[place];
}

static void term_insert(csimd_lexicon *self, uint16_t label, const uint16_t *tokens, size_t count) {
    uint32_t node = ROOT;
    for (size_t i = 0; i < count; i++) {
        assert(tokens[i] < self->tokens_count);
        trie_edge *slot = edge_slot(self, node, tokens[i]);
        if (slot->child == ROOT) {
            *slot = (trie_edge){.parent = node, .child = self->nodes_count, .token = tokens[i]};
            self->labels[self->nodes_count++] = NO_TERM;
        }
        node = slot->child;
    }
    self->labels[node] = label;
}

/* The tokens of the longest term at the front, 0 when there is none, and its label. */
static size_t term_longest(const csimd_lexicon *self, const uint16_t *tokens, size_t tokens_count,
                           uint16_t *label) {
    size_t length = 0;
    uint32_t node = ROOT;
    for (size_t i = 0; i < tokens_count; i++) {
        assert(tokens[i] < self->tokens_count);
        if (i > 0 && self->token_traits[tokens[i]] & TOKEN_JOINS) {
            continue;
        }
        node = edge_slot(self, node, tokens[i])->child;
        if (node == ROOT) {
            break;
        }
        bool ends = i + 1 == tokens_count || !(self->token_traits[tokens[i + 1]] & TOKEN_CONTINUES);
        if (ends && self->labels[node] != NO_TERM) {
            length = i + 1;
            *label = self->labels[node];
        }
    }
    return length;
}
