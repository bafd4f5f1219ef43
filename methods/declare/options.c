#include "methods/declare/options.h"

#include "backend/base/mem.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void option_set_init(struct option_set *s, const struct option_decl *decls, size_t n) {
    *s = (struct option_set){decls, n, mem_alloc(n * sizeof *s->values)};
    for (size_t i = 0; i < n; i++) {
        const char *text = decls[i].default_value;
        if (decls[i].type == OPTION_TEXT || decls[i].type == OPTION_CHOICE ||
            decls[i].type == OPTION_JSON)
            s->values[i].text = mem_text(text);
        else
            s->values[i].number = decls[i].type == OPTION_BOOL ? strcmp(text, "true") == 0
                                  : text                       ? strtod(text, NULL)
                                                               : NAN;
    }
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
                              const char *owner, const cJSON *json, struct err *e) {
    if (!cJSON_IsString(json))
        return err_set(e, ERR_USAGE, "%s: option \"%s\" is a text", owner, d->name);
    bool good = d->type == OPTION_TEXT;
    for (size_t i = 0; !good && d->choices[i]; i++)
        good = strcmp(d->choices[i], json->valuestring) == 0;
    if (!good)
        return wrong_choice(d, owner, e);
    free(v->text);
    v->text = mem_text(json->valuestring);
    return ERR_OK;
}

enum err_code option_set_json(struct option_set *s, const char *owner, const char *key,
                              const cJSON *json, bool *known, struct err *e) {
    *known = false;
    for (size_t i = 0; i < s->n; i++) {
        const struct option_decl *d = &s->decls[i];
        struct option_value *v = &s->values[i];
        if (strcmp(d->name, key) != 0)
            continue;
        *known = true;
        v->given = true;
        if (d->type == OPTION_TEXT || d->type == OPTION_CHOICE)
            return set_text(v, d, owner, json, e);
        if (d->type == OPTION_JSON) {
            free(v->text);
            v->text = cJSON_PrintUnformatted(json);
            return v->text ? ERR_OK : err_set(e, ERR_NOMEM, "out of memory for option \"%s\"", key);
        }
        if (d->type == OPTION_BOOL) {
            if (!cJSON_IsBool(json))
                return err_set(e, ERR_USAGE, "%s: option \"%s\" is true or false", owner, key);
            v->number = cJSON_IsTrue(json);
            return ERR_OK;
        }
        double x = cJSON_IsNumber(json) ? json->valuedouble : NAN;
        if (!(x >= d->minimum && x <= d->maximum) || (d->type == OPTION_INT && x != floor(x)))
            return err_set(e, ERR_USAGE, "%s: option \"%s\" is a %s from %g to %g", owner, key,
                           d->type == OPTION_INT ? "whole number" : "number", d->minimum,
                           d->maximum);
        v->number = x;
        return ERR_OK;
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
