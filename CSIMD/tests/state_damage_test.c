/* Damaged states: whatever is done to the bytes of a copy, the worst is a refusal with the reason
 * and the place, after which nothing is held. */
#include "state_world.h"

/* Refuses what was cut off, at every place. */
static void test_truncation(const stream *copy) {
    world target = world_create(2);
    bool refused = true;
    bool emptied = true;
    size_t step = copy->count / small_or(40, 400) + 1;
    for (size_t count = 0; count < copy->count; count += count < 64 ? 1 : step) {
        csimd_state_fault fault;
        csimd_state_counts counts;
        csimd_status status = restore(&target, copy->bytes, count, 100000, &fault, &counts);
        refused = refused && status == CSIMD_STATUS_DAMAGED && fault.reason != NULL &&
                  fault.offset <= count;
        emptied = emptied && is_empty(&target);
    }
    check("a stream that was cut off is refused, with the reason and the place", refused);
    check("and nothing of it is held", emptied);
    csimd_state_fault fault;
    csimd_state_counts counts;
    check("then the whole one is taken",
          restore(&target, copy->bytes, copy->count, 1000, &fault, &counts) == CSIMD_STATUS_OK);
    world_destroy(&target);
}

/* What a flipped bit leaves is refused, or is another state that can be held. */
static void test_flips(const stream *copy) {
    world target = world_create(2);
    bool emptied = true;
    bool described = true;
    size_t refusals = 0;
    size_t flips = small_or(60, 1500);
    uint8_t *bytes = need(malloc(copy->count));
    for (size_t i = 0; i < flips; i++) {
        memcpy(bytes, copy->bytes, copy->count);
        for (size_t j = 0; j < 1 + random_below(3); j++) {
            bytes[random_below(copy->count)] ^= (uint8_t)(1u << random_below(8));
        }
        csimd_state_fault fault;
        csimd_state_counts counts;
        if (restore(&target, bytes, copy->count, 100000, &fault, &counts) == CSIMD_STATUS_OK) {
            (void)meaning_of(&target, &counts);
            live_on(&target, 20);
            world_destroy(&target);
            target = world_create(2);
        } else {
            refusals += 1;
            described = described && fault.reason != NULL;
            emptied = emptied && is_empty(&target);
        }
    }
    check("flipped bits are refused with a reason, or make a state that can be lived in",
          described && refusals > flips / 10);
    check("a refused one leaves nothing", emptied);
    free(bytes);
    world_destroy(&target);
}

static void test_rubbish(const stream *copy) {
    world target = world_create(1);
    csimd_state_fault fault;
    csimd_state_counts counts;
    bool refused = true;
    uint8_t *bytes = need(malloc(copy->count + 5));
    for (size_t i = 0; i < small_or(20, 300); i++) {
        size_t count = 1 + random_below(4000);
        fill_row((int8_t *)bytes, count);
        bytes[0] = (uint8_t)"SIUBTE"[random_below(6)];
        memset(bytes + 2, 0, count > 5 ? 3 : 0); /* a length that is there */
        refused = refused &&
                  restore(&target, bytes, count, 1000, &fault, &counts) == CSIMD_STATUS_DAMAGED;
    }
    check("rubbish is refused", refused && is_empty(&target));
    memcpy(bytes, copy->bytes, copy->count);
    memset(bytes + copy->count, 0, 5);
    check("so is what goes on behind the end",
          restore(&target, bytes, copy->count + 5, 1000, &fault, &counts) == CSIMD_STATUS_DAMAGED &&
              fault.offset == copy->count);
    free(bytes);
    world_destroy(&target);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    world original = random_world(2, 150, true);
    stream copy = copy_of(&original);
    test_truncation(&copy);
    test_flips(&copy);
    test_rubbish(&copy);
    free(copy.bytes);
    world_destroy(&original);
    return check_end();
}
