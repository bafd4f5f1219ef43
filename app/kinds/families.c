#include "app/kinds/kind.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/family_names.h"

#include <stdlib.h>
#include <string.h>

#define MOST 200

/* What a family is made of. Owned by the caller. */
static char *stacks_of(const struct family_name *f) {
    if (f->pair)
        return family_pairs();
    return mem_text(f->encoder_decoder ? "encoder and decoder" : "decoder");
}

static void list(struct kind_items *out) {
    struct family_name names[MOST];
    const size_t n = family_names(names, MOST);
    for (size_t i = 0; i < n; i++) {
        const struct family_name *f = &names[i];
        char *gguf = f->gguf ? mem_format(", in a GGUF %s", f->gguf) : mem_text(""),
             *stacks = stacks_of(f);
        kind_items_add(out, f->class, NULL, "%s%s, %s", f->type ? f->type : "native", gguf, stacks);
        free(stacks);
        free(gguf);
    }
}

static bool explain(struct explanation *x, const char *name) {
    struct family_name names[MOST];
    const size_t n = family_names(names, MOST);
    size_t i = 0;
    while (i < n && !text_same(names[i].class, name) && !text_same(names[i].type, name) &&
           !text_same(names[i].gguf, name))
        i++;
    if (i == n)
        return false;
    char *stacks = stacks_of(&names[i]);
    explanation_begin(x, names[i].class, NULL, NULL);
    explanation_add(x, "model type", names[i].type);
    explanation_add(x, "in a GGUF", names[i].gguf);
    explanation_add(x, "made of", stacks);
    free(stacks);
    return true;
}

const struct kind kind_families = {
    .id = "families",
    .one = "a family of models",
    .summary = "families of models that run here, by Transformers' classes",
    .list = list,
    .explain = explain,
};
