/* A request's signals: gathered by class, weighed in fixed point, folded or packed. */
#include "ranker.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum {
    UNIT_WEIGHT_BITS = 15,
    DECAY_BITS = 30,
    SIGNIFICAND_BITS = UNIT_WEIGHT_BITS + DECAY_BITS,
    WEIGHT_BITS = 15,
    HALVINGS_MAX = 900, /* older than this counts as this old: far below any sum's precision */
};

/* One unit dot of two rows: values are fractions of 127. */
static const double unit_dot = 127.0 * 127.0;

/* -- Life ---------------------------------------------------------------------------------------
 */

static bool allocate_parts(csimd_ranker *ranker) {
    csimd_arena *arena = ranker->arena;
    bool complete = true;
    for (size_t i = 0; i < CSIMD_AFFINITIES_MAX; i++) {
        affinity *affinity = &ranker->affinities[i];
        affinity->pack_memory = csimd_arena_allocate(
            arena, csimd_pack_bytes(CSIMD_SIGNALS_MAX, CSIMD_DIMENSION_MAX), 64);
        affinity->shares = csimd_arena_allocate(arena, CSIMD_SIGNALS_MAX * sizeof(csimd_share), 64);
        complete = complete && affinity->pack_memory != NULL && affinity->shares != NULL;
    }
    leaders *leaders = &ranker->leaders;
    uint64_t **wide[] = {&leaders->keys, &leaders->tie_keys};
    uint32_t **narrow[] = {&leaders->rows,    &leaders->order,     &leaders->sorted,
                           &leaders->scratch, &leaders->tie_order, &leaders->tie_rows};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        *wide[i] = csimd_arena_allocate(arena, LEADERS_CAPACITY * sizeof(uint64_t), 64);
        complete = complete && *wide[i] != NULL;
    }
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) {
        *narrow[i] = csimd_arena_allocate(arena, LEADERS_CAPACITY * sizeof(uint32_t), 64);
        complete = complete && *narrow[i] != NULL;
    }
    ranker->ranked = csimd_arena_allocate(arena, CSIMD_TOP_MAX * sizeof(csimd_ranked), 64);
    ranker->keys = csimd_arena_allocate(arena, BLOCK_ROWS * sizeof(identifier_key), 64);
    ranker->unknown = csimd_arena_allocate(arena, CSIMD_CANDIDATES_MAX * sizeof(uint32_t), 64);
    ranker->seen = csimd_arena_allocate(arena, SEEN_ENTRIES_MAX * sizeof(uint32_t), 64);
    ranker->profile = csimd_profile_create(arena);
    return complete && ranker->ranked != NULL && ranker->keys != NULL && ranker->unknown != NULL &&
           ranker->seen != NULL && ranker->profile != NULL;
}

csimd_ranker *csimd_ranker_create(csimd_store *store) {
    csimd_arena *arena = csimd_arena_create();
    if (arena == NULL) {
        return NULL;
    }
    csimd_ranker *ranker = csimd_arena_allocate(arena, sizeof(csimd_ranker), 64);
    if (ranker == NULL) {
        csimd_arena_destroy(arena);
        return NULL;
    }
    ranker->arena = arena;
    ranker->store = store;
    ranker->reader = csimd_reader_create(store);
    if (ranker->reader == NULL || !allocate_parts(ranker)) {
        csimd_ranker_destroy(ranker);
        return NULL;
    }
    return ranker;
}

void csimd_ranker_destroy(csimd_ranker *ranker) {
    if (ranker->reader != NULL) {
        csimd_reader_destroy(ranker->reader);
    }
    csimd_arena_destroy(ranker->arena);
}

csimd_memory csimd_ranker_memory(const csimd_ranker *ranker) {
    return csimd_arena_memory(ranker->arena);
}

csimd_profile *csimd_ranker_profile(csimd_ranker *ranker) {
    return ranker->profile;
}

csimd_reader *csimd_ranker_reader(csimd_ranker *ranker) {
    return ranker->reader;
}

/* -- Begin and end ------------------------------------------------------------------------------
 */

static bool set_holds(const code_set *set, uint16_t code) {
    return (set->words[code / 64] >> code % 64 & 1) != 0;
}

/* Sets that a writer adds meanwhile belong to rows born later, which this request cannot see. */
static void resolve_sets(csimd_ranker *ranker) {
    const catalogue *catalogue = ranker->reader->catalogue;
    uint16_t region = ranker->setup.region;
    uint16_t language = ranker->setup.language;
    uint32_t regions_count =
        atomic_load_explicit(&catalogue->region_sets_count, memory_order_acquire);
    uint32_t languages_count =
        atomic_load_explicit(&catalogue->language_sets_count, memory_order_acquire);
    ranker->region_allowed[0] = true;
    for (uint32_t i = 1; i < regions_count; i++) {
        ranker->region_allowed[i] = region != 0 && set_holds(&catalogue->region_sets[i], region);
    }
    ranker->language_allowed[0] = true;
    for (uint32_t i = 1; i < languages_count; i++) {
        ranker->language_allowed[i] =
            language == 0 || set_holds(&catalogue->language_sets[i], language);
    }
}

void csimd_ranker_pin(csimd_ranker *ranker) {
    csimd_reader_pin(ranker->reader);
}

void csimd_ranker_begin(csimd_ranker *ranker, const csimd_rank_setup *setup) {
    assert(setup->affinities_count <= CSIMD_AFFINITIES_MAX);
    assert(atomic_load_explicit(&ranker->reader->pinned, memory_order_relaxed) != 0);
    ranker->setup = *setup;
    resolve_sets(ranker);
    size_t taste_bytes = ranker->reader->catalogue->taste_bytes;
    for (size_t i = 0; i < setup->affinities_count; i++) {
        affinity *affinity = &ranker->affinities[i];
        bool is_text = setup->affinities[i].space == CSIMD_SPACE_TEXT;
        affinity->setup = setup->affinities[i];
        affinity->dimension = is_text ? CSIMD_TEXT_DIMENSION : taste_bytes;
        affinity->row_offset = is_text ? 0 : CSIMD_TEXT_DIMENSION;
        affinity->count = 0;
    }
    ranker->deadline_ns = CSIMD_NO_DEADLINE;
    number_map_clear(&ranker->follows);
    number_map_clear(&ranker->fatigue);
}

void csimd_ranker_limit(csimd_ranker *ranker, int64_t deadline_ns) {
    ranker->deadline_ns = deadline_ns;
}

void csimd_ranker_end(csimd_ranker *ranker) {
    csimd_reader_unpin(ranker->reader);
}

/* -- Signals ------------------------------------------------------------------------------------
 */

csimd_signal_weight csimd_signal_weight_of(uint32_t unit_weight, int64_t age_ms,
                                           int64_t half_life_ms) {
    assert(unit_weight <= 1u << UNIT_WEIGHT_BITS);
    uint32_t halvings;
    uint64_t decay = csimd_decay_parts(age_ms, half_life_ms, &halvings);
    return (csimd_signal_weight){
        .significand = decay * unit_weight,
        .halvings = halvings < HALVINGS_MAX ? halvings : HALVINGS_MAX,
    };
}

csimd_signal_weight csimd_signal_weight_part(csimd_signal_weight weight, uint8_t part) {
    weight.significand = weight.significand * part / 255;
    return weight;
}

bool csimd_ranker_add_row(csimd_ranker *ranker, size_t index, const int8_t *row, uint32_t source,
                          csimd_signal_weight weight) {
    assert(index < ranker->setup.affinities_count);
    affinity *affinity = &ranker->affinities[index];
    if (affinity->count == CSIMD_SIGNALS_MAX || weight.significand == 0 ||
        affinity->dimension == 0) {
        return false;
    }
    affinity->rows[affinity->count] = row;
    affinity->raw_weights[affinity->count] = weight;
    affinity->sources[affinity->count] = source;
    affinity->count += 1;
    return true;
}

bool csimd_ranker_add_item(csimd_ranker *ranker, size_t index, uint32_t slot, uint32_t source,
                           csimd_signal_weight weight) {
    csimd_item_view item;
    if (!csimd_reader_item(ranker->reader, slot, &item)) {
        return false;
    }
    const csimd_affinity_setup *setup = &ranker->affinities[index].setup;
    if ((item.flags & CSIMD_ITEM_SENSITIVE) != 0 && !setup->spans_sensitive) {
        return false;
    }
    bool is_text = setup->space == CSIMD_SPACE_TEXT;
    if ((item.flags & (is_text ? ROW_HAS_TEXT : ROW_HAS_TASTE_SIGNAL)) == 0) {
        return false; /* a weight for nothing would coarsen the others */
    }
    return csimd_ranker_add_row(ranker, index, is_text ? item.text : item.taste_signal, source,
                                weight);
}

/* Slots and authors share one map: a slot's key has its top bit clear, an author's set. */
static uint64_t slot_key(uint32_t slot) {
    return (uint64_t)slot + 1;
}

static uint64_t author_key(uint64_t author) {
    return author | UINT64_C(1) << 63;
}

/* Advertisements learn nothing from sensitive items, and serve none by interest. */
static bool hides_follow(const csimd_ranker *ranker, uint32_t flags) {
    return ranker->setup.is_ads && (flags & CSIMD_ITEM_SENSITIVE) != 0;
}

void csimd_ranker_add_follow(csimd_ranker *ranker, uint32_t slot) {
    csimd_item_view item;
    if (!csimd_reader_item(ranker->reader, slot, &item) || hides_follow(ranker, item.flags)) {
        return;
    }
    number_map_put(&ranker->follows, slot_key(slot), 1);
    if (item.author != 0) {
        number_map_put(&ranker->follows, author_key(item.author), 1);
    }
}

void csimd_ranker_add_impression(csimd_ranker *ranker, const csimd_impression *impression) {
    int64_t age = ranker->setup.clock_ms - csimd_impression_last_ms(impression);
    if (age < 0) {
        return; /* later than the request's clock */
    }
    double decay = csimd_decay(age, ranker->setup.fatigue_half_life_ms) / 32768.0;
    number_map_put(&ranker->fatigue, slot_key(impression->slot),
                   csimd_impression_count(impression) * decay);
}

/* The largest weight's leading bit becomes bit WEIGHT_BITS - 1: one exponent for all. */
static void fix_weights(affinity *affinity) {
    int exponent_max = INT32_MIN;
    for (size_t i = 0; i < affinity->count; i++) {
        csimd_signal_weight weight = affinity->raw_weights[i];
        int exponent = 64 - __builtin_clzll(weight.significand) - (int)weight.halvings;
        exponent_max = exponent > exponent_max ? exponent : exponent_max;
    }
    for (size_t i = 0; i < affinity->count; i++) {
        csimd_signal_weight weight = affinity->raw_weights[i];
        int shift = exponent_max - WEIGHT_BITS + (int)weight.halvings;
        uint64_t fixed = shift > 63   ? 0
                         : shift >= 0 ? weight.significand >> shift
                                      : weight.significand << -shift;
        assert(fixed <= CSIMD_WEIGHT_MAX);
        affinity->weights[i] = (int16_t)fixed;
    }
    /* A fixed weight w stands for w * 2^(exponent_max - WEIGHT_BITS - SIGNIFICAND_BITS). */
    affinity->scale =
        ldexp(affinity->setup.weight / unit_dot, exponent_max - WEIGHT_BITS - SIGNIFICAND_BITS);
}

/* Signals about the same row, as chats about one topic are, count as one of their weights' sum: the
 * same sum to the bit, for fewer dots. Explanations keep them apart. */
static size_t merge_equal_rows(const affinity *affinity, const int8_t **rows, int16_t *weights) {
    enum { TABLE_BITS = 10, TABLE_ENTRIES = 1 << TABLE_BITS };
    _Static_assert(TABLE_ENTRIES >= 2 * CSIMD_SIGNALS_MAX, "the table stays half empty");
    uint16_t table[TABLE_ENTRIES] = {0}; /* place + 1; 0 is free */
    size_t count = 0;
    for (size_t i = 0; i < affinity->count; i++) {
        const int8_t *row = affinity->rows[i];
        size_t index = ((uintptr_t)row * HASH_MULTIPLIER) >> (64 - TABLE_BITS);
        while (table[index] != 0 && rows[table[index] - 1] != row) {
            index = (index + 1) & (TABLE_ENTRIES - 1);
        }
        size_t place = (size_t)table[index] - 1;
        if (table[index] != 0 && weights[place] + affinity->weights[i] <= CSIMD_WEIGHT_MAX) {
            weights[place] = (int16_t)(weights[place] + affinity->weights[i]);
            continue;
        }
        rows[count] = row;
        weights[count] = affinity->weights[i];
        count += 1;
        table[index] = (uint16_t)count; /* when the weight is full, the next one begins anew */
    }
    return count;
}

static void widen_lines(csimd_ranker *ranker, const affinity *affinity) {
    size_t from = affinity->row_offset;
    size_t to = from + affinity->dimension;
    ranker->lines_from = from < ranker->lines_from ? from : ranker->lines_from;
    ranker->lines_to = to > ranker->lines_to ? to : ranker->lines_to;
}

void csimd_ranker_prepare(csimd_ranker *ranker) {
    ranker->lines_from = CSIMD_TEXT_DIMENSION + CSIMD_DIMENSION_MAX;
    ranker->lines_to = 0;
    for (size_t i = 0; i < ranker->setup.affinities_count; i++) {
        affinity *affinity = &ranker->affinities[i];
        if (affinity->count == 0) {
            continue;
        }
        fix_weights(affinity);
        widen_lines(ranker, affinity);
        if (affinity->setup.shape == CSIMD_SHAPE_LINEAR) {
            csimd_fold_build(&affinity->fold, affinity->rows, affinity->weights, affinity->count,
                             affinity->dimension);
        } else {
            const int8_t *rows[CSIMD_SIGNALS_MAX];
            int16_t weights[CSIMD_SIGNALS_MAX];
            size_t count = merge_equal_rows(affinity, rows, weights);
            csimd_pack_build(&affinity->pack, affinity->pack_memory, rows, weights, count,
                             affinity->dimension);
        }
    }
}

/* -- Number maps --------------------------------------------------------------------------------
 */

static size_t map_index(const number_map *map, uint64_t key) {
    size_t index = (key * UINT64_C(0x9E3779B97F4A7C15)) >> 53;
    while (map->keys[index] != 0 && map->keys[index] != key) {
        index = (index + 1) & (NUMBER_MAP_ENTRIES - 1);
    }
    return index;
}

_Static_assert(NUMBER_MAP_ENTRIES == 1 << (64 - 53), "map_index takes the top bits");

double *number_map_find(number_map *map, uint64_t key) {
    if (map->count == 0) {
        return NULL;
    }
    size_t index = map_index(map, key);
    return map->keys[index] == key ? &map->values[index] : NULL;
}

void number_map_put(number_map *map, uint64_t key, double value) {
    assert(key != 0);
    size_t index = map_index(map, key);
    if (map->keys[index] == 0) {
        if (map->count == NUMBER_MAP_KEYS_MAX) {
            return; /* more follows than any ring holds */
        }
        map->keys[index] = key;
        map->count += 1;
    }
    map->values[index] = value;
}

void number_map_clear(number_map *map) {
    if (map->count > 0) {
        memset(map->keys, 0, sizeof map->keys);
        map->count = 0;
    }
}

/* -- Plain features -----------------------------------------------------------------------------
 */

double plain_weight(const csimd_ranker *ranker, size_t term) {
    const csimd_rank_setup *setup = &ranker->setup;
    const double weights[CSIMD_PLAIN_TERMS] = {setup->prior_weight, setup->freshness_weight,
                                               setup->follow_weight, setup->fatigue_weight};
    return weights[term];
}

bool plain_is_nought(const csimd_ranker *ranker, size_t term) {
    return (term == 2 && ranker->follows.count == 0) || (term == 3 && ranker->fatigue.count == 0);
}

double plain_feature(const csimd_ranker *ranker, size_t term, const row_attributes *attributes) {
    csimd_ranker *maps = (csimd_ranker *)ranker; /* finding does not change them */
    switch (term) {
    case 0:
        return (attributes->flags & CSIMD_ITEM_HAS_PRIOR) != 0 ? (double)attributes->prior_logit
                                                               : ranker->setup.prior_logit;
    case 1: {
        if ((attributes->flags & CSIMD_ITEM_HAS_CREATED) == 0) {
            return 0;
        }
        int64_t age = ranker->setup.clock_ms - attributes->created_ms;
        return csimd_decay(age, ranker->setup.freshness_half_life_ms) / 32768.0;
    }
    case 2: {
        if (hides_follow(ranker, attributes->flags)) {
            return 0;
        }
        bool follows = number_map_find(&maps->follows, slot_key(attributes->slot)) != NULL ||
                       (attributes->author != 0 &&
                        number_map_find(&maps->follows, author_key(attributes->author)) != NULL);
        return follows ? 1 : 0;
    }
    default: {
        const double *fatigue = number_map_find(&maps->fatigue, slot_key(attributes->slot));
        return fatigue != NULL ? *fatigue : 0;
    }
    }
}
