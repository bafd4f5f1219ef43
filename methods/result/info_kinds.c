#include "methods/result/info_kinds.h"

#include <stdlib.h>
#include <string.h>

/* --- numbers and flags --- */

static bool read_number(void *to, const struct json_value *v) {
    struct optional *out = to;
    out->given = json_integer(&out->value, v);
    return out->given;
}

static bool write_number(struct text_buffer *b, const void *from) {
    const struct optional *n = from;
    if (n->given)
        text_buffer_format(b, "%lld", (long long)n->value);
    return n->given;
}

const struct info_kind info_kind_number = {read_number, write_number, NULL, NULL};

static bool read_flag(void *to, const struct json_value *v) {
    struct optional *out = to;
    if (v->type != JSON_TRUE && v->type != JSON_FALSE)
        return false;
    *out = optional_of(v->type == JSON_TRUE);
    return true;
}

static bool write_flag(struct text_buffer *b, const void *from) {
    const struct optional *flag = from;
    if (flag->given)
        text_buffer_puts(b, flag->value ? "true" : "false");
    return flag->given;
}

const struct info_kind info_kind_flag = {read_flag, write_flag, NULL, NULL};

/* As Python prints a float. */
static void print_seconds(struct text_buffer *b, double value) {
    json_write_number(b, value);
    if (!b->text[strspn(b->text, "-0123456789")])
        text_buffer_puts(b, ".0");
}

/* Only what prints as it was written: another spelling stays as it is. */
static bool read_seconds(void *to, const struct json_value *v) {
    struct info_seconds *out = to;
    struct text_buffer b = {0};
    double value;
    if (!json_number(&value, v))
        return false;
    print_seconds(&b, value);
    const bool good = b.n == v->n_text && memcmp(b.text, v->text, b.n) == 0;
    text_buffer_dispose(&b);
    *out = good ? (struct info_seconds){true, value} : *out;
    return good;
}

static bool write_seconds(struct text_buffer *b, const void *from) {
    const struct info_seconds *s = from;
    if (s->given)
        print_seconds(b, s->value);
    return s->given;
}

const struct info_kind info_kind_seconds = {read_seconds, write_seconds, NULL, NULL};

/* --- texts --- */

static void write_string(struct text_buffer *b, const char *text) {
    if (text)
        json_write_flat_string(b, text, strlen(text));
    else
        text_buffer_puts(b, "null");
}

static bool read_text(void *to, const struct json_value *v) {
    char **out = to;
    if (v->type == JSON_STRING)
        mem_replace(out, mem_text_n(v->text, v->n_text));
    return v->type == JSON_STRING;
}

static bool write_text(struct text_buffer *b, const void *from) {
    const char *text = *(char *const *)from;
    if (text)
        write_string(b, text);
    return text != NULL;
}

static void own_text(void *p) {
    char **text = p;
    *text = mem_text(*text);
}

static void dispose_text(void *p) {
    mem_replace(p, NULL);
}

const struct info_kind info_kind_text = {read_text, write_text, own_text, dispose_text};

static bool read_json(void *to, const struct json_value *v) {
    struct text_buffer b = {0};
    if (v->type != JSON_OBJECT)
        return false;
    json_write_flat(&b, v);
    mem_replace(to, text_buffer_take(&b));
    return true;
}

static bool write_json(struct text_buffer *b, const void *from) {
    const char *json = *(char *const *)from;
    text_buffer_puts(b, json ? json : "");
    return json != NULL;
}

const struct info_kind info_kind_json = {read_json, write_json, own_text, dispose_text};

static void dispose_texts(void *p) {
    struct info_texts *t = p;
    for (size_t i = 0; i < t->n; i++)
        free(t->items[i]);
    free(t->items);
    *t = (struct info_texts){0};
}

/* A text alone, or a list; what is no text in a list keeps its place. */
static bool read_texts(void *to, const struct json_value *v) {
    if (v->type != JSON_STRING && v->type != JSON_ARRAY)
        return false;
    dispose_texts(to);
    struct info_texts *out = to;
    const bool alone = v->type == JSON_STRING;
    out->items = mem_alloc((v->n_members + 1) * sizeof *out->items);
    out->alone = alone;
    for (const struct json_value *item = alone ? v : v->first; item; item = item->next) {
        (void)read_text(&out->items[out->n++], item);
        if (alone)
            break;
    }
    return true;
}

static bool write_texts(struct text_buffer *b, const void *from) {
    const struct info_texts *t = from;
    if (t->alone && t->n == 1) {
        write_string(b, t->items[0]);
        return true;
    }
    text_buffer_puts(b, t->items ? "[" : "");
    for (size_t i = 0; i < t->n; i++) {
        text_buffer_puts(b, i ? "," : "");
        write_string(b, t->items[i]);
    }
    text_buffer_puts(b, t->items ? "]" : "");
    return t->items != NULL;
}

static void own_texts(void *p) {
    struct info_texts *t = p;
    if (!t->items)
        return;
    t->items = mem_copy(t->items, t->n * sizeof *t->items);
    for (size_t i = 0; i < t->n; i++)
        own_text(&t->items[i]);
}

const struct info_kind info_kind_texts = {read_texts, write_texts, own_texts, dispose_texts};

/* What is no object in the list keeps its place. */
static bool read_jsons(void *to, const struct json_value *v) {
    if (v->type != JSON_ARRAY)
        return false;
    dispose_texts(to);
    struct info_texts *out = to;
    out->items = mem_alloc((v->n_members + 1) * sizeof *out->items);
    for (const struct json_value *item = v->first; item; item = item->next)
        (void)read_json(&out->items[out->n++], item);
    return true;
}

static bool write_jsons(struct text_buffer *b, const void *from) {
    const struct info_texts *t = from;
    text_buffer_puts(b, t->items ? "[" : "");
    for (size_t i = 0; i < t->n; i++) {
        text_buffer_puts(b, i ? "," : "");
        text_buffer_puts(b, t->items[i] ? t->items[i] : "null");
    }
    text_buffer_puts(b, t->items ? "]" : "");
    return t->items != NULL;
}

const struct info_kind info_kind_jsons = {read_jsons, write_jsons, own_texts, dispose_texts};

/* --- the attributed function --- */

static bool read_function(void *to, const struct json_value *v) {
    struct info_function *out = to;
    if (!read_text(&out->id, v))
        return false;
    const size_t n = strlen(out->id);
    out->suffixed = n > 3 && strcmp(out->id + n - 3, "_fn") == 0;
    if (out->suffixed)
        out->id[n - 3] = '\0';
    return true;
}

static bool write_function(struct text_buffer *b, const void *from) {
    const struct info_function *f = from;
    if (!f->id)
        return false;
    char *name = mem_format("%s%s", f->id, f->suffixed ? "_fn" : "");
    write_string(b, name);
    free(name);
    return true;
}

static void own_function(void *p) {
    struct info_function *f = p;
    own_text(&f->id);
}

static void dispose_function(void *p) {
    struct info_function *f = p;
    mem_replace(&f->id, NULL);
}

const struct info_kind info_kind_function = {read_function, write_function, own_function,
                                             dispose_function};

/* --- members as they are --- */

void info_values_own(struct info_values *v) {
    v->items = v->n ? mem_copy(v->items, v->n * sizeof *v->items) : NULL;
    for (size_t i = 0; i < v->n; i++) {
        own_text(&v->items[i].key);
        own_text(&v->items[i].json);
    }
}

void info_values_keep(struct info_values *v, const struct json_value *member) {
    struct text_buffer b = {0};
    char *key = mem_text_n(member->key, member->n_key);
    json_write_flat(&b, member);
    info_values_add(v, key, b.text);
    text_buffer_dispose(&b);
    free(key);
}

void info_values_add(struct info_values *v, const char *key, const char *json) {
    v->items = mem_resize(v->items, (v->n + 1) * sizeof *v->items);
    v->items[v->n++] = (struct info_value){mem_text(key), mem_text(json)};
}

void info_values_put(struct info_values *v, const char *key, const char *json) {
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->items[i].key, key) == 0) {
            mem_replace(&v->items[i].json, mem_text(json));
            return;
        }
    info_values_add(v, key, json);
}

bool info_values_have(const struct info_values *v, const char *key) {
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->items[i].key, key) == 0)
            return true;
    return false;
}

void info_values_dispose(struct info_values *v) {
    for (size_t i = 0; i < v->n; i++) {
        free(v->items[i].key);
        free(v->items[i].json);
    }
    free(v->items);
    *v = (struct info_values){0};
}

void info_values_write(struct text_buffer *b, const struct info_values *v) {
    struct text_buffer members = {0};
    for (size_t i = 0; i < v->n; i++)
        json_put_value(&members, v->items[i].key, v->items[i].json);
    char *object = json_take_object(&members);
    text_buffer_puts(b, object);
    free(object);
}

/* --- options, with a contrast --- */

void info_contrast_drop_alignments(struct info_contrast *c) {
    for (size_t i = 0; i < c->n_alignments; i++)
        alignment_dispose(&c->alignments[i]);
    free(c->alignments);
    c->alignments = NULL;
    c->n_alignments = 0;
}

/* Lists of pairs, one for each sequence. */
static bool read_alignments(void *to, const struct json_value *v) {
    struct info_contrast *c = to;
    struct err ignored;
    bool good = v->type == JSON_ARRAY && v->n_members > 0;
    info_contrast_drop_alignments(c);
    c->alignments = mem_alloc(v->n_members * sizeof *c->alignments);
    for (const struct json_value *list = good ? v->first : NULL; list && good; list = list->next)
        good = list->type == JSON_ARRAY &&
               alignment_read(&c->alignments[c->n_alignments++], list, &ignored) == ERR_OK;
    if (!good)
        info_contrast_drop_alignments(c);
    return good;
}

static bool write_alignments(struct text_buffer *b, const void *from) {
    const struct info_contrast *c = from;
    for (size_t i = 0; i < c->n_alignments; i++) {
        text_buffer_puts(b, i ? "," : "[");
        alignment_write_pairs(b, &c->alignments[i]);
    }
    text_buffer_puts(b, c->n_alignments ? "]" : "");
    return c->n_alignments > 0;
}

static void own_alignments(void *p) {
    struct info_contrast *c = p;
    struct alignment *from = c->alignments;
    c->alignments = mem_alloc(c->n_alignments * sizeof *c->alignments);
    for (size_t i = 0; i < c->n_alignments; i++)
        c->alignments[i] = alignment_copy(&from[i]);
}

static void dispose_alignment_list(void *p) {
    info_contrast_drop_alignments(p);
}

static const struct info_kind kind_alignments = {read_alignments, write_alignments, own_alignments,
                                                 dispose_alignment_list};

/* The contrast's members among the options. */
static const struct {
    const struct info_kind *kind;
    const char *key;
    size_t offset;
} contrast_rows[] = {
    {&info_kind_flag, "contrast_force_inputs", offsetof(struct info_contrast, force_inputs)},
    {&info_kind_texts, "contrast_sources", offsetof(struct info_contrast, sources)},
    {&info_kind_texts, "contrast_targets", offsetof(struct info_contrast, targets)},
    {&kind_alignments, "contrast_targets_alignments", 0},
};
#define N_CONTRAST_ROWS (sizeof contrast_rows / sizeof *contrast_rows)

static bool read_option(struct info_arguments *out, const struct json_value *v) {
    for (size_t i = 0; i < N_CONTRAST_ROWS; i++)
        if (json_named(v, contrast_rows[i].key))
            return contrast_rows[i].kind->read((char *)&out->contrast + contrast_rows[i].offset, v);
    return false;
}

static bool read_arguments(void *to, const struct json_value *v) {
    struct info_arguments *out = to;
    if (v->type != JSON_OBJECT)
        return false;
    out->given = true;
    for (const struct json_value *m = v->first; m; m = m->next)
        if (!read_option(out, m))
            info_values_keep(&out->options, m);
    return true;
}

static bool write_arguments(struct text_buffer *b, const void *from) {
    const struct info_arguments *a = from;
    struct info_values all = a->options;
    if (!a->given)
        return false;
    info_values_own(&all);
    for (size_t i = 0; i < N_CONTRAST_ROWS; i++) {
        struct text_buffer json = {0};
        const void *member = (const char *)&a->contrast + contrast_rows[i].offset;
        if (contrast_rows[i].kind->write(&json, member))
            info_values_put(&all, contrast_rows[i].key, json.text);
        text_buffer_dispose(&json);
    }
    info_values_write(b, &all);
    info_values_dispose(&all);
    return true;
}

static void own_arguments(void *p) {
    struct info_arguments *a = p;
    for (size_t i = 0; i < N_CONTRAST_ROWS; i++)
        if (contrast_rows[i].kind->own)
            contrast_rows[i].kind->own((char *)&a->contrast + contrast_rows[i].offset);
    info_values_own(&a->options);
}

static void dispose_arguments(void *p) {
    struct info_arguments *a = p;
    for (size_t i = 0; i < N_CONTRAST_ROWS; i++)
        if (contrast_rows[i].kind->dispose)
            contrast_rows[i].kind->dispose((char *)&a->contrast + contrast_rows[i].offset);
    info_values_dispose(&a->options);
    *a = (struct info_arguments){0};
}

bool info_arguments_parse(struct info_arguments *out, const char *json) {
    struct json_document *d;
    struct err ignored;
    if (json_parse(&d, json, strlen(json), &ignored) != ERR_OK)
        return false;
    const bool good = read_arguments(out, json_root(d));
    json_free(d);
    return good;
}

const struct info_kind info_kind_arguments = {read_arguments, write_arguments, own_arguments,
                                              dispose_arguments};
