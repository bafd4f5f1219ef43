#include "backend/architectures/families.h"

#define FAMILY(architecture, id) extern const struct family family_##id;
#include "backend/architectures/families.def"
#undef FAMILY

const struct family *family_of(enum architecture a) {
    static const struct family *const table[] = {
#define FAMILY(architecture, id) [architecture] = &family_##id,
#include "backend/architectures/families.def"
#undef FAMILY
    };
    return table[a];
}
