/* The state: written by a forked child, read back in pieces of any size into a store and shards
 * that are new, equal in meaning, and equal in what comes of it. */
#include "state_world.h"

static void test_round_trip(void) {
    bool same = true;
    bool counted = true;
    bool has_all = true;
    bool goes_on = true;
    for (size_t round = 0; round < small_or(2, 12); round++) {
        world original = random_world(1u << round % 4, 100 << round % 4, round % 2 == 1);
        world restored = world_create(1u << (round + 2) % 4);
        stream copy = copy_of(&original);
        csimd_state_fault fault;
        csimd_state_counts counts;
        csimd_state_counts expected;
        csimd_state_counts found;
        same = same && restore(&restored, copy.bytes, copy.count, round % 3 == 0 ? 3 : 100000,
                               &fault, &counts) == CSIMD_STATUS_OK;
        uint64_t meaning = meaning_of(&original, &expected);
        same = same && meaning == meaning_of(&restored, &found);
        counted = counted && memcmp(&expected, &counts, sizeof counts) == 0 &&
                  memcmp(&found, &counts, sizeof counts) == 0;
        has_all = has_all && counts.items > 0 && counts.users > 0 && counts.signals > 0 &&
                  counts.impressions > 0 && counts.held > 0 && (counts.staged > 0) == (round % 2);
        /* What comes later has the same effect, also on what was full. */
        uint64_t state = random_state;
        live_on(&original, 300);
        random_state = state;
        live_on(&restored, 300);
        goes_on = goes_on && meaning_of(&original, &expected) == meaning_of(&restored, &found);
        free(copy.bytes);
        world_destroy(&original);
        world_destroy(&restored);
    }
    check("what was copied and read back means the same, whatever the shards and pieces", same);
    check("a stream, its reader and the digest count alike", counted);
    check("the streams of this test have everything in them", has_all);
    check("what comes later has the same effect", goes_on);
}

static void test_moment(void) {
    world original = random_world(2, 300, true);
    csimd_state_counts counts;
    uint64_t meaning = meaning_of(&original, &counts);
    csimd_state_child child = fork_of(&original);
    live_on(&original, 500);
    bool is_whole;
    stream copy = read_child(&child, &is_whole);
    world restored = world_create(4);
    csimd_state_fault fault;
    bool same =
        restore(&restored, copy.bytes, copy.count, 4096, &fault, &counts) == CSIMD_STATUS_OK;
    check("a copy stands for the moment of its fork, whatever comes while it is read",
          is_whole && same && meaning_of(&restored, &counts) == meaning &&
              meaning_of(&original, &counts) != meaning);
    check("readers go on from the sequence of the copy",
          csimd_store_state_of(restored.store).sequence >= 77);
    free(copy.bytes);
    world_destroy(&original);
    world_destroy(&restored);
}

static void test_child_let_go(void) {
    world original = random_world(1, small_or(300, 3000), false);
    csimd_state_child child = fork_of(&original);
    uint8_t first;
    bool has_begun = csimd_state_child_read(&child, &first, 1) == 1;
    csimd_state_child_end(&child);
    check("a child that nobody reads ends", has_begun && child.descriptor == -1);
    check("and is ended once", !csimd_state_child_end(&child));
    world_destroy(&original);
}

int main(int arguments_count, char **arguments) {
    check_begin(arguments_count, arguments);
    test_round_trip();
    test_moment();
    test_child_let_go();
    return check_end();
}
