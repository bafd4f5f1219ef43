#include "app/kinds/kinds.h"

#define KIND(name) extern const struct kind kind_##name;
#include "app/kinds/kinds.def"
#undef KIND

static const struct kind *const all[] = {
#define KIND(name) &kind_##name,
#include "app/kinds/kinds.def"
#undef KIND
};

const struct kind *const *kinds(size_t *n) {
    *n = sizeof all / sizeof *all;
    return all;
}
