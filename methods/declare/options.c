#include "methods/declare/options.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void set_default(struct option_value *v, const struct option_decl *d) {
    const char *text = d->default_value;
    switch (d->type) {
    case OPTION_TEXT:
    case OPTION_CHOICE:
    case OPTION_JSON:
        v->text = mem_text(text);
        break;
    case OPTION_BOOL:
        v->number = strcmp(text, "true") == 0;
        break;
    case OPTION_INT:
    case OPTION_FLOAT:
        v->number = text ? strtod(text, NULL) : NAN;
        break;
    }
}

void option_set_init(struct option_set *s, const struct option_decl *decls, size_t n) {
    *s = (struct option_set){decls, n, mem_alloc(n * sizeof *s->values)};
    for (size_t i = 0; i < n; i++)
        set_default(&s->values[i], &decls[i]);
}

void option_set_dispose(struct option_set *s) {
    for (size_t i = 0; i < s->n; i++)
        free(s->values[i].text);
    free(s->values);
    *s = (struct option_set){0};
}

static enum err_code wrong_choice(const struct option_decl *d, const char *owner, struct err *e) {
    char list[200] = "";
    for (size_t i = 0; d->choices[i]; i++) {
        strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, d->choices[i], sizeof list - strlen(list) - 1);
    }
    return err_set(e, ERR_USAGE, "%s: option \"%s\" is one of %s", owner, d->name, list);
}

static enum err_code set_text(struct option_value *v, const struct option_decl *d,
                              const char *owner, const struct json_value *json, struct err *e) {
    if (json->type != JSON_STRING)
        return err_set(e, ERR_USAGE, "%s: option \"%s\" is a text", owner, d->name);
    bool good = d->type == OPTION_TEXT;
    for (size_t i = 0; !good && d->choices[i]; i++)
        good = json_is(json, d->choices[i]);
    if (!good)
        return wrong_choice(d, owner, e);
    mem_replace(&v->text, mem_text_n(json->text, json->n_text));
    return ERR_OK;
}

static enum err_code set_json(struct option_value *v, const struct json_value *json) {
    struct text_buffer b = {0};
    json_write_flat(&b, json);
    mem_replace(&v->text, text_buffer_take(&b));
    return ERR_OK;
}

static enum err_code set_flag(struct option_value *v, const struct option_decl *d,
                              const char *owner, const struct json_value *json, struct err *e) {
    if (json->type != JSON_TRUE && json->type != JSON_FALSE)
        return err_set(e, ERR_USAGE, "%s: option \"%s\" is true or false", owner, d->name);
    v->number = json->type == JSON_TRUE;
    return ERR_OK;
}

static enum err_code set_number(struct option_value *v, const struct option_decl *d,
                                const char *owner, const struct json_value *json, struct err *e) {
    double x = NAN;
    (void)json_number(&x, json);
    if (!(x >= d->minimum && x <= d->maximum) || (d->type == OPTION_INT && x != floor(x)))
        return err_set(e, ERR_USAGE, "%s: option \"%s\" is a %s from %g to %g", owner, d->name,
                       d->type == OPTION_INT ? "whole number" : "number", d->minimum, d->maximum);
    v->number = x;
    return ERR_OK;
}

static enum err_code set_value(struct option_value *v, const struct option_decl *d,
                               const char *owner, const struct json_value *json, struct err *e) {
    switch (d->type) {
    case OPTION_TEXT:
    case OPTION_CHOICE:
        return set_text(v, d, owner, json, e);
    case OPTION_JSON:
        return set_json(v, json);
    case OPTION_BOOL:
        return set_flag(v, d, owner, json, e);
    case OPTION_INT:
    case OPTION_FLOAT:
        break;
    }
    return set_number(v, d, owner, json, e);
}

enum err_code option_set_json(struct option_set *s, const char *owner,
                              const struct json_value *member, bool *known, struct err *e) {
    *known = false;
    for (size_t i = 0; i < s->n; i++) {
        const struct option_decl *d = &s->decls[i];
        struct option_value *v = &s->values[i];
        if (!json_named(member, d->name))
            continue;
        *known = true;
        v->given = true;
        return set_value(v, d, owner, member, e);
    }
    return ERR_OK;
}

static const struct option_value *find(const struct option_set *s, const char *name) {
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->decls[i].name, name) == 0)
            return &s->values[i];
    assert(!"an option that is not declared");
    return NULL;
}

int64_t option_int(const struct option_set *s, const char *name) {
    return (int64_t)find(s, name)->number;
}
double option_float(const struct option_set *s, const char *name) {
    return find(s, name)->number;
}
bool option_given(const struct option_set *s, const char *name) {
    return find(s, name)->given;
}
bool option_bool(const struct option_set *s, const char *name) {
    return find(s, name)->number != 0;
}
const char *option_text(const struct option_set *s, const char *name) {
    return find(s, name)->text;
}
