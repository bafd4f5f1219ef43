#include "backend/architectures/families.h"

#include "backend/base/mem.h"

#include <stdio.h>
#include <string.h>

#define FAMILY(id) extern const struct family family_##id;
#include "backend/architectures/families.def"
#undef FAMILY

const struct family *const *families(size_t *n) {
    static const struct family *const all[] = {
#define FAMILY(id) &family_##id,
#include "backend/architectures/families.def"
#undef FAMILY
    };
    *n = sizeof all / sizeof *all;
    return all;
}

static bool is_called(const struct family_class *class, const char *name, const char *type) {
    if (name)
        return strcmp(class->name, name) == 0;
    return !type || strcmp(class->type, type) == 0;
}

struct family_match family_find(enum model_layout layout, const char *name, const char *type) {
    size_t n;
    const struct family *const *all = families(&n);
    for (size_t i = 0; i < n; i++) {
        const struct family_layout *l = &all[i]->layouts[layout];
        for (size_t j = 0; j < FAMILY_CLASSES && l->classes[j].name; j++)
            if (is_called(&l->classes[j], name, type))
                return (struct family_match){all[i], l, &l->classes[j]};
    }
    return (struct family_match){0};
}

bool family_writes(const struct family *f) {
    return f->pair || f->decoder.parts[0] != PART_NONE;
}

bool family_translates(const struct family *f) {
    return f->pair || plan_has(&f->decoder, PART_CROSS_ATTENTION);
}

/* "a, b and c", word by word. */
struct word_list {
    struct text_buffer text;
    const char *last, *between;
};

static void list_word(struct word_list *l, const char *word) {
    if (l->last) {
        text_buffer_format(&l->text, "%s%s", l->between ? l->between : "", l->last);
        l->between = ", ";
    }
    l->last = word;
}

static char *list_end(struct word_list *l) {
    text_buffer_format(&l->text, "%s%s", l->between ? " and " : "", l->last ? l->last : "none");
    return l->text.text;
}

char *family_list_encoders(enum model_layout layout) {
    struct word_list out = {0};
    size_t n;
    const struct family *const *all = families(&n);
    for (size_t i = 0; i < n; i++) {
        const struct family_class *class = all[i]->layouts[layout].classes;
        for (size_t j = 0; j < FAMILY_CLASSES && class[j].name; j++)
            if (!family_writes(all[i]))
                list_word(&out, class[j].type);
    }
    return list_end(&out);
}

/* The next family from *i on that may be such a side. */
static const struct family_side *next_side(size_t *i, enum model_stack stack) {
    size_t n;
    const struct family *const *all = families(&n);
    while (*i < n) {
        const struct family_side *side = &all[(*i)++]->sides[stack];
        if (side->plan.parts[0])
            return side;
    }
    return NULL;
}

const struct family_side *family_side_find(enum model_stack stack, const char *type) {
    const struct family_side *side;
    for (size_t i = 0; (side = next_side(&i, stack));)
        if (strcmp(side->layout.classes[0].type, type) == 0)
            return side;
    return NULL;
}

char *family_list_sides(enum model_stack stack) {
    struct word_list out = {0};
    const struct family_side *side;
    for (size_t i = 0; (side = next_side(&i, stack));)
        list_word(&out, side->layout.classes[0].type);
    return list_end(&out);
}

void family_begin(struct model_config *c, const struct family_match *m) {
    *c = (struct model_config){.family = m->family,
                               .layout = c->layout,
                               .encoder = m->family->encoder,
                               .decoder = m->family->decoder,
                               .encoder_decoder = family_translates(m->family),
                               .zero_start = m->family->zero_start,
                               .bos_token_id = -1,
                               .eos_token_id = -1,
                               .pad_token_id = -1,
                               .unk_token_id = -1,
                               .decoder_start_token_id = -1};
    snprintf(c->class_name, sizeof c->class_name, "%s", m->class->name);
}

const char *family_tensor(const struct family_layout *l, enum slot slot) {
    const struct tensor_row *row;
    for (size_t i = 0; (row = family_row(l, i)); i++)
        if (row->slot == slot)
            return row->name + (*row->name == '?');
    return NULL;
}
