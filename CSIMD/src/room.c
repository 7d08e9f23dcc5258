/* Whether there is room for an item, asked before anything is written of it: a change that cannot
 * be made must not be in a journal. */
#include "store.h"

#include <assert.h>

csimd_room csimd_store_room(const csimd_store *store, const csimd_item *item, bool staged) {
    assert(!staged || store->staging != NULL);
    const catalogue *live = atomic_load_explicit(&store->live, memory_order_relaxed);
    return catalogue_room(staged ? store->staging : live, item);
}
