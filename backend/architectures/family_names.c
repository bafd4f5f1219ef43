#include "backend/family_names.h"

#include "backend/architectures/families.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* What GGUF calls the class; NULL: it has no name for it. */
static const char *gguf_name(const struct family *f, const char *class) {
    const struct family_class *classes = f->layouts[LAYOUT_GGUF].classes;
    for (size_t i = 0; i < FAMILY_CLASSES && classes[i].name; i++)
        if (strcmp(classes[i].name, class) == 0)
            return classes[i].type;
    return NULL;
}

size_t family_names(struct family_name *out, size_t most) {
    size_t n_families, n = 0;
    const struct family *const *all = families(&n_families);
    for (size_t i = 0; i < n_families; i++) {
        const struct family_class *classes = all[i]->layouts[LAYOUT_HUGGING_FACE].classes;
        for (size_t k = 0; k < FAMILY_CLASSES && classes[k].name && family_writes(all[i]); k++) {
            if (n < most)
                out[n] = (struct family_name){classes[k].name, classes[k].type,
                                              gguf_name(all[i], classes[k].name),
                                              family_translates(all[i]), all[i]->pair};
            n++;
        }
    }
    return n;
}

char *family_pairs(void) {
    char *readers = family_list_sides(STACK_ENCODER), *writers = family_list_sides(STACK_DECODER),
         *text = mem_format("encoder (%s) and decoder (%s)", readers, writers);
    free(readers);
    free(writers);
    return text;
}
