/* The whole catalogue, chunk by chunk: exact, though most rows are never scored.
 *
 * Before a row is scored, an upper bound of its value is compared with the worst of the best `top`
 * so far. All linear affinities of a space are one direction, and one int8 dot with that direction,
 * rounded, is within a known distance of their terms; what is left of a logit is bounded for the
 * chunk. What passes is filtered and scored as any candidate is, so a scan's results are those of
 * csimd_rank_numbers over all items, bit for bit.
 *
 * A chunk whose bounds say that every row may be a candidate is scanned without touching their
 * attributes; in any other, each row is filtered first. Rows that this reader may not see are not
 * read: the writer may be at work on them. */
#include "kernels.h"
#include "ranker.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum { SPACES_COUNT = 2, SCAN_ROWS = 512 };

/* The linear terms of one space: scale * dot(query, row), give or take error * |row|. */
typedef struct {
    bool is_used;
    size_t row_offset;
    size_t dimension;
    double scale;
    double error;
    int8_t query[CSIMD_DIMENSION_MAX];
} direction;

/* What a request's bounds are made of. */
typedef struct {
    direction directions[SPACES_COUNT];
    const affinity *sums[CSIMD_AFFINITIES_MAX]; /* whose sums only raise a logit: added exactly */
    size_t sums_count;
    double constant; /* bias, what follows and showings can add, and room for rounding */
} scan_plan;

/* Rows of one chunk on their way to a bound. */
typedef struct {
    size_t count;
    uint32_t indices[SCAN_ROWS];
    const int8_t *vectors[SCAN_ROWS];
    int32_t dots[SCAN_ROWS];
    int64_t sums[SCAN_ROWS];
    float column[SCAN_ROWS];
    double bounds[SCAN_ROWS];
    uint32_t places[SCAN_ROWS];
} scan_block;

/* -- The plan of a request ----------------------------------------------------------------------
 */

static int64_t fold_value(const csimd_fold *fold, size_t i) {
    int64_t value = 0;
    for (size_t plane = 4; plane-- > 0;) {
        value = value * 256 + fold->planes[plane][i];
    }
    return value;
}

/* The sum of the space's linear terms as int8 times a scale. */
static direction direction_of(const csimd_ranker *ranker, csimd_space space) {
    direction made = {.is_used = false};
    double wanted[CSIMD_DIMENSION_MAX] = {0};
    for (size_t k = 0; k < ranker->setup.affinities_count; k++) {
        const affinity *affinity = &ranker->affinities[k];
        if (affinity->count == 0 || affinity->setup.space != space ||
            affinity->setup.shape != CSIMD_SHAPE_LINEAR) {
            continue;
        }
        made.is_used = true;
        made.row_offset = affinity->row_offset;
        made.dimension = affinity->dimension;
        for (size_t i = 0; i < affinity->dimension; i++) {
            wanted[i] += affinity->scale * (double)fold_value(&affinity->fold, i);
        }
    }
    double largest = 0;
    for (size_t i = 0; i < made.dimension; i++) {
        largest = fmax(largest, fabs(wanted[i]));
    }
    made.scale = largest / 127;
    double error2 = 0;
    for (size_t i = 0; i < made.dimension && largest > 0; i++) {
        made.query[i] = (int8_t)lrint(wanted[i] / made.scale);
        double error = wanted[i] - made.scale * made.query[i];
        error2 += error * error;
    }
    made.error = sqrt(error2);
    return made;
}

/* No term's magnitude is above it: what its doubles can lose is a share of it. */
static double magnitude_of(const affinity *affinity) {
    double weights = 0;
    for (size_t i = 0; i < affinity->count; i++) {
        weights += affinity->weights[i];
    }
    return fabs(affinity->scale) * weights * (double)affinity->dimension * 127 * 127;
}

/* The most that the user's showings can add: nothing, but for a surface that likes to repeat. */
static double fatigue_most(const csimd_ranker *ranker) {
    double most = 0;
    for (size_t i = 0; ranker->fatigue.count > 0 && i < NUMBER_MAP_ENTRIES; i++) {
        if (ranker->fatigue.keys[i] != 0) {
            most = fmax(most, ranker->setup.fatigue_weight * ranker->fatigue.values[i]);
        }
    }
    return most;
}

/* Room for what is rounded elsewhere: bids to floats, decays to 2^-15, doubles in another order. */
static double rounding_of(const csimd_rank_setup *setup, double magnitude) {
    return 1e-5 + 1e-12 * magnitude + fabs(setup->freshness_weight) * 0x1p-14;
}

static scan_plan plan_of(const csimd_ranker *ranker) {
    const csimd_rank_setup *setup = &ranker->setup;
    scan_plan plan = {.directions = {direction_of(ranker, CSIMD_SPACE_TEXT),
                                     direction_of(ranker, CSIMD_SPACE_TASTE)}};
    double magnitude = fabs(setup->bias) + fabs(setup->prior_weight) * 100;
    for (size_t k = 0; k < setup->affinities_count; k++) {
        const affinity *affinity = &ranker->affinities[k];
        if (affinity->count == 0) {
            continue;
        }
        magnitude += magnitude_of(affinity);
        if (affinity->setup.shape == CSIMD_SHAPE_POSITIVE && affinity->scale > 0) {
            plan.sums[plan.sums_count++] = affinity;
        }
    }
    double follow = ranker->follows.count > 0 ? fmax(setup->follow_weight, 0) : 0;
    plan.constant = setup->bias + follow + fatigue_most(ranker) + rounding_of(setup, magnitude);
    return plan;
}

/* What a bound must reach: a value above it may enter. On ads bounds are logarithms of values. */
static double bar_of(const csimd_ranker *ranker) {
    /* Further out, probabilities are so near 1 that many logits share one. */
    const double logit_most = 30;
    double value = ranker->setup.floor;
    if (ranker->leaders.bar > 0) {
        value = fmax(value, csimd_double_of_key(ranker->leaders.bar));
    }
    if (!(value > 0)) {
        return -INFINITY;
    }
    if (ranker->setup.is_ads) {
        return bound_logarithm(value); /* p <= exp(logit), so log(bid p) <= log(bid) + logit */
    }
    return value < 1 ? fmin(csimd_logit(value), logit_most) : logit_most;
}

/* -- Bounds of a block --------------------------------------------------------------------------
 */

static void point_at(scan_block *block, const catalogue *catalogue, const row_chunk *chunk,
                     size_t offset) {
    for (size_t i = 0; i < block->count; i++) {
        block->vectors[i] = chunk->rows + block->indices[i] * catalogue->row_bytes + offset;
    }
}

/* What is the same for all rows of the chunk. */
static double constant_of(const scan_plan *plan, const row_chunk *chunk) {
    const chunk_bounds *bounds = &chunk->bounds;
    _Atomic uint32_t const *norms2[SPACES_COUNT] = {&bounds->text_norm2_max,
                                                    &bounds->taste_norm2_max};
    double constant = plan->constant;
    for (size_t space = 0; space < SPACES_COUNT; space++) {
        double norm2 = (double)atomic_load_explicit(norms2[space], memory_order_acquire);
        constant += plan->directions[space].error * sqrt(norm2);
    }
    return constant;
}

static void add_direction(scan_block *block, const direction *direction, const row_chunk *chunk,
                          const catalogue *catalogue) {
    const csimd_kernels *kernels = csimd_kernels_current();
    if (direction->is_used) {
        point_at(block, catalogue, chunk, direction->row_offset);
        kernels->row_dots(direction->query, block->vectors, block->count, direction->dimension,
                          block->dots);
        kernels->bounds_add_dots(block->bounds, block->dots, direction->scale, block->count);
    }
}

static void add_sums(scan_block *block, const affinity *affinity, const row_chunk *chunk,
                     const catalogue *catalogue) {
    point_at(block, catalogue, chunk, affinity->row_offset);
    for (size_t i = 0; i < block->count; i++) {
        block->dots[i] = csimd_row_sum(block->vectors[i], affinity->dimension);
    }
    csimd_pack_sums(&affinity->pack, block->vectors, block->dots, block->count, block->sums);
    csimd_logits_add_sums(block->bounds, block->sums, affinity->scale, block->count);
}

static void gather(scan_block *block, const float *column) {
    for (size_t i = 0; i < block->count; i++) {
        block->column[i] = column[block->indices[i]];
    }
}

static void add_column(scan_block *block, const float *column, double weight, double missing) {
    gather(block, column);
    csimd_kernels_current()->bounds_add_column(block->bounds, block->column, weight, missing,
                                               block->count);
}

/* Upper bounds of logits, on ads of logarithms of values, for the rows of the block. */
static void bound_block(const csimd_ranker *ranker, const scan_plan *plan, scan_block *block,
                        const row_chunk *chunk) {
    const csimd_rank_setup *setup = &ranker->setup;
    const catalogue *catalogue = ranker->reader->catalogue;
    double constant = constant_of(plan, chunk);
    for (size_t i = 0; i < block->count; i++) {
        block->bounds[i] = constant;
    }
    for (size_t space = 0; space < SPACES_COUNT; space++) {
        add_direction(block, &plan->directions[space], chunk, catalogue);
    }
    for (size_t k = 0; k < plan->sums_count; k++) {
        add_sums(block, plan->sums[k], chunk, catalogue);
    }
    /* The priors' column also tells which items no bound keeps out. */
    if (setup->prior_weight != 0 ||
        atomic_load_explicit(&chunk->bounds.has_sensitive, memory_order_acquire)) {
        add_column(block, chunk->priors, setup->prior_weight, setup->prior_logit);
    }
    if (setup->freshness_weight > 0) {
        gather(block, chunk->created);
        csimd_kernels_current()->bounds_add_freshness(
            block->bounds, block->column, (double)setup->clock_ms / 1000,
            (double)setup->freshness_half_life_ms / 1000, setup->freshness_weight, block->count);
    }
    if (setup->is_ads) {
        add_column(block, chunk->bid_logs, 1, 0);
    }
}

/* Scores the rows of the block whose bounds reach the bar. */
static void offer_block(csimd_ranker *ranker, const scan_plan *plan, scan_block *block,
                        const row_chunk *chunk, uint32_t first_row) {
    leaders_raise_bar(ranker);
    double bar = bar_of(ranker);
    if (bar == -INFINITY) {
        for (size_t i = 0; i < block->count; i++) {
            results_offer(ranker, chunk, first_row + block->indices[i]);
        }
    } else {
        bound_block(ranker, plan, block, chunk);
        size_t reaching =
            csimd_kernels_current()->bounds_reach(block->bounds, bar, block->places, block->count);
        for (size_t i = 0; i < reaching; i++) {
            results_offer(ranker, chunk, first_row + block->indices[block->places[i]]);
        }
    }
}

/* -- Chunks -------------------------------------------------------------------------------------
 */

static bool allows_all(const bool *allowed, uint64_t sets, uint32_t sets_max) {
    for (uint32_t set = 0; set < 64; set++) {
        if ((sets >> set & 1) == 0) {
            continue;
        }
        if (set == 63 && sets_max > 63) {
            return false; /* it stands for several */
        }
        if (!allowed[set]) {
            return false;
        }
    }
    return true;
}

/* How many rows the chunk has, if each of them is a candidate, all first in the chunk; 0 if that is
 * not known without looking at them. */
static uint32_t all_eligible(const csimd_ranker *ranker, const row_chunk *chunk) {
    const chunk_bounds *bounds = &chunk->bounds;
    /* First: what is published later is born later, and then that shows in what is read next. */
    uint32_t published = atomic_load_explicit(&bounds->published, memory_order_acquire);
    int64_t clock_ms = ranker->setup.clock_ms;
    bool are_eligible =
        atomic_load_explicit(&bounds->born_max, memory_order_acquire) <= ranker->reader->sequence &&
        atomic_load_explicit(&bounds->deaths, memory_order_acquire) == 0 &&
        atomic_load_explicit(&bounds->created_max, memory_order_acquire) <= clock_ms &&
        atomic_load_explicit(&bounds->expires_min, memory_order_acquire) > clock_ms &&
        allows_all(ranker->region_allowed,
                   atomic_load_explicit(&bounds->region_sets, memory_order_acquire),
                   CSIMD_REGION_SETS_MAX) &&
        allows_all(ranker->language_allowed,
                   atomic_load_explicit(&bounds->language_sets, memory_order_acquire),
                   CSIMD_LANGUAGE_SETS_MAX);
    return are_eligible ? published : 0;
}

static bool ranks_chunk(uint32_t kinds, const row_chunk *chunk) {
    return chunk->group != GROUP_HELD && (kinds >> chunk->group & 1) != 0;
}

/* Takes the rows of a chunk all of which are candidates. */
static void scan_sure(csimd_ranker *ranker, const scan_plan *plan, scan_block *block,
                      const row_chunk *chunk, uint32_t first_row, uint32_t rows_count) {
    for (uint32_t from = 0; from < rows_count && !results_late(ranker); from += SCAN_ROWS) {
        block->count = rows_count - from < SCAN_ROWS ? rows_count - from : SCAN_ROWS;
        for (uint32_t i = 0; i < block->count; i++) {
            block->indices[i] = from + i;
        }
        offer_block(ranker, plan, block, chunk, first_row);
        ranker->candidates_count += block->count;
        ranker->eligible_count += block->count;
        ranker->covered_count += block->count;
    }
}

/* Takes a chunk's rows one by one. */
static void scan_filtered(csimd_ranker *ranker, const scan_plan *plan, scan_block *block,
                          const row_chunk *chunk, uint32_t first_row) {
    uint32_t used = atomic_load_explicit(&chunk->used, memory_order_acquire);
    block->count = 0;
    for (uint32_t index = 0; index < used; index++) {
        if (index % SCAN_ROWS == 0 && results_late(ranker)) {
            break;
        }
        csimd_filter filter = block_filter(ranker, chunk, first_row + index);
        ranker->covered_count += 1;
        ranker->candidates_count += filter != CSIMD_FILTER_UNKNOWN;
        if (filter != CSIMD_ELIGIBLE) {
            continue;
        }
        ranker->eligible_count += 1;
        block->indices[block->count++] = index;
        if (block->count == SCAN_ROWS) {
            offer_block(ranker, plan, block, chunk, first_row);
            block->count = 0;
        }
    }
    offer_block(ranker, plan, block, chunk, first_row);
}

csimd_rank_result csimd_rank_all(csimd_ranker *ranker, size_t top) {
    const catalogue *catalogue = ranker->reader->catalogue;
    scan_plan plan = plan_of(ranker);
    scan_block block = {.count = 0};
    results_begin(ranker, top);
    ranker->offered_count = csimd_reader_rows_count(ranker->reader, ranker->setup.kinds);
    uint32_t chunks_count = atomic_load_explicit(&catalogue->chunks_count, memory_order_acquire);
    for (uint32_t i = 0; i < chunks_count; i++) {
        const row_chunk *chunk = catalogue_chunk(catalogue, i << CHUNK_SHIFT);
        if (!ranks_chunk(ranker->setup.kinds, chunk)) {
            continue;
        }
        uint32_t sure = all_eligible(ranker, chunk);
        if (sure > 0) {
            scan_sure(ranker, &plan, &block, chunk, i << CHUNK_SHIFT, sure);
        } else {
            scan_filtered(ranker, &plan, &block, chunk, i << CHUNK_SHIFT);
        }
    }
    return results_finish(ranker);
}

size_t csimd_reader_rows_count(const csimd_reader *reader, uint32_t kinds) {
    const catalogue *catalogue = reader->catalogue;
    uint32_t chunks_count = atomic_load_explicit(&catalogue->chunks_count, memory_order_acquire);
    size_t rows_count = 0;
    for (uint32_t i = 0; i < chunks_count; i++) {
        const row_chunk *chunk = catalogue_chunk(catalogue, i << CHUNK_SHIFT);
        if (ranks_chunk(kinds, chunk)) {
            rows_count += atomic_load_explicit(&chunk->used, memory_order_acquire);
        }
    }
    return rows_count;
}
