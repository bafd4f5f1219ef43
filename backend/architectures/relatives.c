#include "backend/architectures/relatives.h"

#include "backend/architectures/families.h"
#include "backend/base/mem.h"

#include <string.h>

#define ALL "'tinseq list families' shows all"

static const struct relative all[] = {
#define RELATIVE(type, class, gguf, has, nearest) {type, class, gguf, has, nearest},
#include "backend/architectures/relatives.def"
#undef RELATIVE
};

const struct relative *relatives(size_t *n) {
    return *n = sizeof all / sizeof *all, all;
}

static bool is_it(const struct relative *r, enum model_layout layout, const char *name,
                  const char *type) {
    if (layout == LAYOUT_GGUF)
        return *r->gguf && strcmp(r->gguf, type) == 0;
    return strcmp(*name ? r->class : r->type, *name ? name : type) == 0;
}

char *relative_refusal(enum model_layout layout, const char *name, const char *type) {
    const char *what = layout == LAYOUT_GGUF ? "GGUF architecture " : "",
               *called = *name ? name : type;
    if (!*called)
        return mem_text("a model without architectures and model_type does not run here; " ALL
                        " that do");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (is_it(&all[i], layout, name, type))
            return mem_format("%s%s does not run here: %s; the nearest that does is %s (" ALL ")",
                              what, called, all[i].has, all[i].nearest);
    return mem_format("%s%s does not run here; " ALL " that do", what, called);
}
