#include "backend/settings/settings.h"

#include "backend/settings/harmless.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a row reads with: the struct, the file, and the bound of ids. */
struct reading {
    char *to;
    struct fields *f;
    const int64_t *n_vocab;
};

static void *member_of(const struct reading *r, size_t offset) {
    return r->to + offset;
}

/* What stands where the file says nothing. */
static double fallback_of(const struct reading *r, const struct setting *row) {
    bool given = row->value != 0 && !(row->key && field_null(r->f, row->key));
    if (!row->like || given)
        return row->value;
    if (row->kind == SETTING_NUMBER)
        return *(const double *)member_of(r, row->like);
    const int64_t like = *(const int64_t *)member_of(r, row->like),
                  over = row->over ? *(const int64_t *)member_of(r, row->over) : 1,
                  times = row->times ? row->times : 1;
    return (double)(like * times / (over ? over : 1));
}

static double read_number(const struct reading *r, const struct setting *row) {
    const double fallback = fallback_of(r, row);
    if (!row->key)
        return fallback;
    if (row->or_none && field_null(r->f, row->key))
        return 0;
    if (row->kind == SETTING_NUMBER)
        return field_real(r->f, row->key, fallback, row->min, row->max);
    return (double)field_int(r->f, row->key, (int64_t)fallback, (int64_t)row->min,
                             (int64_t)row->max);
}

static bool read_flag(const struct reading *r, const struct setting *row) {
    return row->key ? field_flag(r->f, row->key, row->value != 0) : row->value != 0;
}

static int32_t read_token(const struct reading *r, const struct setting *row) {
    const int32_t fallback =
        row->like ? *(const int32_t *)member_of(r, row->like) : (int32_t)row->value;
    if (row->like && !field_present(r->f, row->key))
        return fallback;
    return row->key ? field_token(r->f, row->key, fallback, *r->n_vocab) : fallback;
}

/* --- only this value --- */

/* What a file says, or means without the key, is another value than the only one. */
static void refuse(const struct reading *r, const struct setting *row, const char *only) {
    char said[80];
    if (field_present(r->f, row->key))
        field_show(r->f, row->key, said, sizeof said);
    else
        snprintf(said, sizeof said, row->kind == SETTING_ONLY_TEXT ? "\"%s\"" : "%s", row->absent);
    if (!row->notice) {
        field_fail(r->f, ERR_UNSUPPORTED, "%s%s is %s; only %s runs here", field_prefix(r->f),
                   row->key, said, only);
        return;
    }
    char *text = mem_format("%s = %s", row->key, said);
    setting_note(r->f->notes, text, r->f->file);
    free(text);
}

static void check_number(const struct reading *r, const struct setting *row) {
    const double only = row->like ? (double)*(const int64_t *)member_of(r, row->like) : row->value;
    const double absent = row->absent ? strtod(row->absent, NULL) : only;
    char text[40];
    snprintf(text, sizeof text, "%.15g", only);
    if (field_real(r->f, row->key, absent, -1e300, 1e300) != only)
        refuse(r, row, text);
}

static void check_flag(const struct reading *r, const struct setting *row) {
    const bool only = row->like ? *(const bool *)member_of(r, row->like) : row->value != 0;
    const bool absent = row->absent ? strcmp(row->absent, "true") == 0 : only;
    if (field_flag(r->f, row->key, absent) != only)
        refuse(r, row, only ? "true" : "false");
}

static void check_text(const struct reading *r, const struct setting *row) {
    char text[80], *shown;
    field_text(r->f, row->key, row->absent ? row->absent : row->text, text, sizeof text);
    if (strcmp(text, row->text) == 0)
        return;
    shown = mem_format("\"%s\"", row->text);
    refuse(r, row, shown);
    free(shown);
}

/* --- all rows --- */

static struct fields fields_inside(struct fields *f, const char *key, char *prefix, size_t n) {
    struct fields in = *f;
    snprintf(prefix, n, "%s%s.", field_prefix(f), key);
    in.json = cJSON_GetObjectItemCaseSensitive(f->json, key);
    in.prefix = prefix;
    return in;
}

static void read_inside(const struct reading *r, const struct setting *row) {
    char prefix[64];
    struct fields in = fields_inside(r->f, row->key, prefix, sizeof prefix);
    if (!cJSON_IsObject(in.json)) {
        field_fail(r->f, ERR_FORMAT, "%s is no object", row->key);
        return;
    }
    settings_read(r->to, &in, row->inside, r->n_vocab);
    r->f->code = in.code;
}

static void read_row(const struct reading *r, const struct setting *row) {
    void *at = member_of(r, row->member);
    if (row->required && !field_present(r->f, row->key))
        field_fail(r->f, ERR_FORMAT, "key %s%s is missing", field_prefix(r->f), row->key);
    switch (row->kind) {
    case SETTING_COUNT:
        *(int64_t *)at = (int64_t)read_number(r, row);
        break;
    case SETTING_INT:
        *(int *)at = (int)read_number(r, row);
        break;
    case SETTING_NUMBER:
        *(double *)at = read_number(r, row);
        break;
    case SETTING_FLAG:
        *(bool *)at = read_flag(r, row);
        break;
    case SETTING_EITHER:
        *(unsigned *)at = (unsigned)(read_flag(r, row) ? row->max : row->min);
        break;
    case SETTING_TOKEN:
        *(int32_t *)at = read_token(r, row);
        break;
    case SETTING_ACTIVATION:
        *(enum activation *)at = row->like ? *(const enum activation *)member_of(r, row->like)
                                           : field_activation(r->f, row->key, row->text);
        break;
    case SETTING_INSIDE:
        read_inside(r, row);
        break;
    case SETTING_BY:
        row->read(r->to, r->f, row, *r->n_vocab);
        break;
    case SETTING_ONLY_NUMBER:
        check_number(r, row);
        break;
    case SETTING_ONLY_FLAG:
        check_flag(r, row);
        break;
    case SETTING_ONLY_TEXT:
        check_text(r, row);
        break;
    case SETTING_ONLY_EMPTY:
        if (field_says_something(r->f, row->key))
            refuse(r, row, "null");
        break;
    case SETTING_ELSEWHERE:
        break;
    }
}

/* The row of a key: a table's own stands before its base's. */
static const struct setting *row_of(const struct settings *s, const char *key) {
    for (; s; s = s->base)
        for (size_t i = 0; i < s->n; i++)
            if (s->rows[i].key && strcmp(s->rows[i].key, key) == 0)
                return &s->rows[i];
    return NULL;
}

static void read_rows(const struct reading *r, const struct settings *s,
                      const struct settings *whole) {
    if (s->base)
        read_rows(r, s->base, whole);
    for (size_t i = 0; i < s->n; i++) {
        const struct setting *row = &s->rows[i];
        if (row->key && s->base && row_of(s->base, row->key))
            continue; /* it was read in the base's place */
        read_row(r, row->key ? row_of(whole, row->key) : row);
    }
}

void settings_read(void *to, struct fields *f, const struct settings *s, const int64_t *n_vocab) {
    const struct reading r = {to, f, n_vocab};
    read_rows(&r, s, s);
}

static const struct setting *find_row(const char *key, const struct settings *const tables[],
                                      const char *const prefixes[], size_t n) {
    for (size_t i = 0; i < n; i++) {
        const size_t length = prefixes ? strlen(prefixes[i]) : 0;
        if ((length == 0 || strncmp(key, prefixes[i], length) == 0) &&
            row_of(tables[i], key + length))
            return row_of(tables[i], key + length);
    }
    return NULL;
}

static void note_key(struct fields *f, const char *key) {
    char *name = mem_format("%s%s", f->json ? field_prefix(f) : "", key);
    if (!setting_is_harmless(key))
        setting_note(f->notes, name, f->file);
    free(name);
}

/* The keys of an object: those of the first table's row for it, and of the other tables. */
static void check_inside(struct fields *f, const struct setting *row,
                         const struct settings *const tables[], size_t n) {
    const struct settings *own[2] = {row->inside, n > 1 ? tables[1] : NULL};
    char prefix[64];
    struct fields in = fields_inside(f, row->key, prefix, sizeof prefix);
    settings_check_keys(&in, own, NULL, n);
}

void settings_check_keys(struct fields *f, const struct settings *const tables[],
                         const char *const prefixes[], size_t n) {
    const cJSON *item;
    cJSON_ArrayForEach(item, f->json) {
        const struct setting *row = find_row(item->string, tables, prefixes, n);
        if (!row)
            note_key(f, item->string);
        else if (row->kind == SETTING_INSIDE)
            check_inside(f, row, tables, n);
    }
    for (size_t i = 0; f->gguf && i < weights_meta_count(f->gguf); i++)
        if (!find_row(weights_meta_key(f->gguf, i), tables, prefixes, n))
            note_key(f, weights_meta_key(f->gguf, i));
}
