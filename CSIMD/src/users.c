/* One user: settings, what is held altogether, and copies of it. The signals themselves are in
 * rings.c, the counters of impressions in impressions.c. */
#include "users.h"

#include <assert.h>
#include <string.h>

_Static_assert(CSIMD_SUPPRESSED_MAX <= UINT8_MAX, "suppressed topics are counted in 8 bits");
_Static_assert(CSIMD_RINGS_MAX <= UINT8_MAX, "rings are counted in 8 bits");

/* Room for `bytes`, none of 0; false when memory runs out. */
static bool allocate_some(csimd_arena *arena, size_t bytes, void **memory) {
    *memory = bytes > 0 ? csimd_arena_allocate(arena, bytes, 8) : NULL;
    return bytes == 0 || *memory != NULL;
}

void *block_resize(csimd_arena *arena, void *block, size_t used_bytes, size_t bytes,
                   size_t alignment) {
    assert(used_bytes <= bytes);
    void *resized = csimd_arena_allocate(arena, bytes, alignment);
    if (resized == NULL) {
        return NULL;
    }
    if (used_bytes > 0) {
        memcpy(resized, block, used_bytes);
    }
    csimd_arena_release(arena, block);
    return resized;
}

/* -- Settings -----------------------------------------------------------------------------------
 */

csimd_user_settings csimd_user_settings_of(const csimd_user *user) {
    csimd_user_settings settings = {
        .notice_ms = user->notice_ms,
        .links = user->links,
        .language = user->language,
        .regions_count = user->regions_count,
        .suppressed_count = user->suppressed_count,
        .is_configured = user->is_configured,
    };
    if (user->regions_count > 0) {
        memcpy(settings.regions, user->regions, user->regions_count * sizeof(csimd_region_period));
    }
    if (user->suppressed_count > 0) {
        memcpy(settings.suppressed, user->suppressed, user->suppressed_count * sizeof(uint16_t));
    }
    return settings;
}

csimd_status csimd_user_configure(csimd_shard *shard, csimd_user *user,
                                  const csimd_user_settings *settings) {
    assert(settings->regions_count <= CSIMD_REGION_HISTORY_MAX);
    assert(settings->suppressed_count <= CSIMD_SUPPRESSED_MAX);
    size_t regions_bytes = settings->regions_count * sizeof(csimd_region_period);
    size_t suppressed_bytes = settings->suppressed_count * sizeof(uint16_t);
    void *regions;
    void *suppressed;
    if (!allocate_some(shard->arena, regions_bytes, &regions)) {
        return CSIMD_STATUS_NO_MEMORY;
    }
    if (!allocate_some(shard->arena, suppressed_bytes, &suppressed)) {
        csimd_arena_release(shard->arena, regions);
        return CSIMD_STATUS_NO_MEMORY;
    }
    if (regions_bytes > 0) {
        memcpy(regions, settings->regions, regions_bytes);
    }
    if (suppressed_bytes > 0) {
        memcpy(suppressed, settings->suppressed, suppressed_bytes);
    }
    csimd_arena_release(shard->arena, user->regions);
    csimd_arena_release(shard->arena, user->suppressed);
    user->regions = regions;
    user->regions_count = (uint8_t)settings->regions_count;
    user->suppressed = suppressed;
    user->suppressed_count = (uint8_t)settings->suppressed_count;
    user->is_configured = settings->is_configured;
    user->notice_ms = settings->notice_ms;
    user->links = settings->links;
    user->language = settings->language;
    return CSIMD_STATUS_OK;
}

/* -- What is held -------------------------------------------------------------------------------
 */

bool csimd_user_is_empty(const csimd_user *user) {
    return !user->is_configured && user->suppressed_count == 0 && user->rings_count == 0 &&
           user->impressions_count == 0;
}

const uint8_t *csimd_user_identifier(const csimd_user *user, size_t *bytes) {
    *bytes = user->identifier_bytes;
    return user->identifier;
}

bool csimd_user_knows(const csimd_user *user, uint64_t event) {
    assert(event != 0);
    return rings_know(user, event) || impressions_know(user, event);
}

bool csimd_user_retract(csimd_shard *shard, csimd_user *user, uint64_t event, uint32_t *slot) {
    assert(event != 0);
    csimd_signal removed;
    if (rings_retract(shard, user, event, &removed)) {
        *slot = removed.about == CSIMD_ABOUT_ITEM ? removed.subject : CSIMD_SLOT_NONE;
        return true;
    }
    return impressions_retract(shard, user, event, slot);
}

size_t csimd_user_slots(const csimd_user *user, uint32_t *slots) {
    size_t count = 0;
    for (size_t i = 0; i < user->rings_count; i++) {
        const signal_ring *ring = &user->rings[i];
        for (size_t j = 0; j < ring->count; j++) {
            if (ring->signals[j].about == CSIMD_ABOUT_ITEM) {
                slots[count++] = ring->signals[j].subject;
            }
        }
    }
    for (size_t i = 0; i < user->impressions_count; i++) {
        slots[count++] = user->impressions[i].slot;
    }
    assert(count <= CSIMD_USER_SLOTS_MAX);
    return count;
}

/* -- Copies -------------------------------------------------------------------------------------
 */

csimd_profile *csimd_profile_create(csimd_arena *arena) {
    csimd_profile *profile = csimd_arena_allocate(arena, sizeof(csimd_profile), 64);
    if (profile == NULL) {
        return NULL;
    }
    profile->signals =
        csimd_arena_allocate(arena, CSIMD_USER_SIGNALS_MAX * sizeof(csimd_signal), 64);
    profile->vectors =
        csimd_arena_allocate(arena, CSIMD_USER_SIGNALS_MAX * CSIMD_DIMENSION_MAX, 64);
    return profile->signals != NULL && profile->vectors != NULL ? profile : NULL;
}

static void copy_ring(csimd_profile *profile, const csimd_user *user, const signal_ring *ring,
                      bool whole) {
    uint32_t reserved = whole ? ring->reserved : 0;
    uint32_t visible = (uint32_t)ring->count - ring->reserved;
    uint32_t count = reserved + visible;
    assert(profile->signals_count + count <= CSIMD_USER_SIGNALS_MAX);
    csimd_signal *target = &profile->signals[profile->signals_count];
    memcpy(target, ring->signals + (ring->count - count), count * sizeof(csimd_signal));
    for (size_t i = 0; i < count && user->vectors != NULL; i++) {
        if (signal_has_vector(&target[i])) {
            memcpy(&profile->vectors[profile->vectors_count * CSIMD_DIMENSION_MAX],
                   user->vectors[target[i].subject], CSIMD_DIMENSION_MAX);
            target[i].subject = (uint32_t)profile->vectors_count;
            profile->vectors_count += 1;
        }
    }
    profile->rings[profile->rings_count] = (csimd_ring_range){
        .ring = ring->key,
        .first = (uint32_t)profile->signals_count + reserved,
        .count = visible,
        .reserved = reserved,
    };
    profile->rings_count += 1;
    profile->signals_count += count;
}

static void copy(csimd_profile *profile, const csimd_user *user, bool whole) {
    profile->signals_count = 0;
    profile->vectors_count = 0;
    profile->rings_count = 0;
    profile->impressions_count = 0;
    if (user == NULL) {
        profile->settings = (csimd_user_settings){.notice_ms = CSIMD_NO_NOTICE};
        return;
    }
    profile->settings = csimd_user_settings_of(user);
    for (size_t i = 0; i < user->rings_count; i++) {
        copy_ring(profile, user, &user->rings[i], whole);
    }
    if (user->impressions_count > 0) {
        memcpy(profile->impressions, user->impressions,
               user->impressions_count * sizeof(csimd_impression));
    }
    profile->impressions_count = user->impressions_count;
}

void csimd_profile_copy(csimd_profile *profile, const csimd_user *user) {
    copy(profile, user, false);
}

void csimd_profile_copy_whole(csimd_profile *profile, const csimd_user *user) {
    copy(profile, user, true);
}
