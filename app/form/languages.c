/* The languages of a translator's texts: fields that only a model with language tokens has. */
#include "app/form/own.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE, TARGET };

static const int field_of[] = {FIELD_SOURCE_LANGUAGE, FIELD_TARGET_LANGUAGE};

static int side_of(int field) {
    return field == FIELD_TARGET_LANGUAGE ? TARGET : SOURCE;
}

static bool is_listed(const char *names, const char *name) {
    const size_t n = strlen(name);
    for (const char *at = names; (at = strstr(at, name)); at += n)
        if ((at == names || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

void form_fields_set_languages(struct form_fields *f, const char *names, const char *const own[2]) {
    names = names && *names ? names : NULL;
    mem_replace(&f->languages, mem_text(names));
    for (int i = 0; i < 2; i++) {
        const bool had = own && own[i] && *own[i];
        mem_replace(&f->own_language[i], mem_text(had ? own[i] : NULL));
        if (f->language[i] && !(names && is_listed(names, f->language[i])))
            form_fields_set_language(f, field_of[i], NULL);
    }
    form_fields_refresh(f);
}

void form_fields_set_language(struct form_fields *f, int field, const char *name) {
    mem_replace(&f->language[side_of(field)], mem_text(name));
    form_set_text(f, field, name);
}

/* --- the rows --- */

static void add(struct form *f, const struct form_fields *of, int id, const char *label,
                const char *help) {
    const char *own = of->own_language[side_of(id)];
    char *empty =
        own ? mem_format("%s (the model's own)", own) : mem_text("unset: {CHOOSE} to choose");
    if (of->languages)
        edit_set(&form_add(f, id, FORM_PICK, GROUP_MAIN, label, help, empty)->edit,
                 of->language[side_of(id)]);
    free(empty);
}

static void add_source(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)before;
    add(f, of, FIELD_SOURCE_LANGUAGE, "From language",
        "The prompt's language (src_lang). {CHOOSE}: choose; {ERASE}: unset.");
}

static void add_target(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)before;
    add(f, of, FIELD_TARGET_LANGUAGE, "To language",
        "The language to translate into (tgt_lang): generation begins with it. {CHOOSE}: choose; "
        "{ERASE}: unset.");
}

static void fill_source(struct form_fields *f, const struct attribute_request *r) {
    form_fields_set_language(f, FIELD_SOURCE_LANGUAGE, r->source_language);
}

static void fill_target(struct form_fields *f, const struct attribute_request *r) {
    form_fields_set_language(f, FIELD_TARGET_LANGUAGE, r->target_language);
}

static enum err_code collect_source(struct attribute_request *out, struct form_fields *f,
                                    struct err *e) {
    (void)e;
    out->source_language = mem_text(f->language[SOURCE]);
    return ERR_OK;
}

static enum err_code collect_target(struct attribute_request *out, struct form_fields *f,
                                    struct err *e) {
    (void)e;
    out->target_language = mem_text(f->language[TARGET]);
    return ERR_OK;
}

const struct own_field own_SOURCE_LANGUAGE = {add_source, fill_source, collect_source};
const struct own_field own_TARGET_LANGUAGE = {add_target, fill_target, collect_target};
