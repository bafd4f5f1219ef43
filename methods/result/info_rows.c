#include "methods/result/info_rows.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Members that each sequence has its own of: what stands above rows does not depend on which of
 * them is the first. */
static bool is_text(const struct json_value *v) {
    static const char *const names[] = {"input_texts",    "generated_texts", "fields", "command",
                                        "attr_pos_start", "attr_pos_end",    "notices"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_named(v, names[i]))
            return true;
    return false;
}

/* The object "tinseq", whose members are compared one by one, too. */
static bool is_own(const struct json_value *v) {
    return v->type == JSON_OBJECT && json_named(v, "tinseq");
}

/* The member of the same name; NULL: none. */
static const struct json_value *same_name(const struct json_value *object,
                                          const struct json_value *v) {
    const struct json_value *found = NULL;
    const bool has = object && object->type == JSON_OBJECT;
    for (const struct json_value *m = has ? object->first : NULL; m; m = m->next)
        if (m->n_key == v->n_key && memcmp(m->key, v->key, v->n_key) == 0)
            found = m;
    return found;
}

static bool same_value(const struct json_value *a, const struct json_value *b) {
    struct text_buffer x = {0}, y = {0};
    json_write_flat(&x, a);
    json_write_flat(&y, b);
    const bool same = x.n == y.n && memcmp(x.text, y.text, x.n) == 0;
    text_buffer_dispose(&x);
    text_buffer_dispose(&y);
    return same;
}

/* The document of a text that this program printed; freed by the caller. */
static struct json_document *parsed(const char *json) {
    struct json_document *d = NULL;
    struct err ignored;
    const bool good = json && json_parse(&d, json, strlen(json), &ignored) == ERR_OK;
    return good ? d : NULL;
}

static const struct json_value *root_of(struct json_document *d) {
    return d ? json_root(d) : NULL;
}

/* Appends members but those that each sequence has its own of. */
static void put_common(struct text_buffer *b, const struct json_value *object) {
    for (const struct json_value *v = object ? object->first : NULL; v; v = v->next) {
        if (is_text(v))
            continue;
        if (!is_own(v)) {
            json_put_member(b, v);
            continue;
        }
        struct text_buffer members = {0};
        put_common(&members, v);
        char *json = json_take_object(&members);
        json_put_value(b, "tinseq", json);
        free(json);
    }
}

char *info_above(const struct result_info *info) {
    char *all = result_info_text(info);
    struct json_document *d = parsed(all);
    struct text_buffer b = {0};
    put_common(&b, root_of(d));
    json_free(d);
    free(all);
    return json_take_object(&b);
}

/* --- writing --- */

/* Appends "name":[names of members that `object` has and `own` lacks], . */
static void put_without(struct text_buffer *b, const char *name, const struct json_value *object,
                        const struct json_value *own) {
    size_t n = 0;
    const bool has = object && object->type == JSON_OBJECT;
    for (const struct json_value *v = has ? object->first : NULL; v; v = v->next)
        if (!same_name(own, v)) {
            text_buffer_format(b, n++ ? "," : "\"%s\":[", name);
            json_write_flat_string(b, v->key, v->n_key);
        }
    text_buffer_puts(b, n ? "]," : "");
}

/* Appends the members of `own` that are not the same above. */
static void put_different(struct text_buffer *b, const struct json_value *above,
                          const struct json_value *own) {
    for (const struct json_value *v = own->first; v; v = v->next) {
        const struct json_value *other = same_name(above, v);
        struct text_buffer inner = {0};
        if (other && is_own(v) && is_own(other))
            put_different(&inner, other, v);
        else if (!other || !same_value(v, other))
            json_put_member(b, v);
        if (!inner.n)
            continue;
        char *json = json_take_object(&inner);
        json_put_value(b, "tinseq", json);
        free(json);
    }
}

static size_t bytes_of_texts(const struct json_value *info) {
    struct text_buffer b = {0};
    size_t n = 0;
    for (const struct json_value *v = info->first; v; v = v->next) {
        if (is_text(v))
            json_put_member(&b, v);
        else if (is_own(v))
            n += bytes_of_texts(v);
    }
    n += b.n;
    text_buffer_dispose(&b);
    return n;
}

size_t info_row_write(struct text_buffer *b, const char *above, const struct result_info *info) {
    char *all = result_info_text(info);
    struct json_document *d = parsed(all), *d_above = parsed(above);
    const struct json_value *own = root_of(d), *over = root_of(d_above);
    struct text_buffer members = {0};
    const size_t before = b->n;
    size_t n = 0;
    if (!own)
        goto out;
    put_different(&members, over, own);
    if (members.n) {
        char *json = json_take_object(&members);
        json_put_value(b, "info", json);
        free(json);
    }
    put_without(b, "without", over, own);
    if (json_get(own, "tinseq"))
        put_without(b, "without_tinseq", json_get(over, "tinseq"), json_get(own, "tinseq"));
    n = b->n - before - bytes_of_texts(own);
out:
    json_free(d);
    json_free(d_above);
    free(all);
    return n;
}

/* --- reading --- */

static bool is_named_in(const struct json_value *names, const struct json_value *v) {
    const bool list = names && names->type == JSON_ARRAY;
    for (const struct json_value *n = list ? names->first : NULL; n; n = n->next)
        if (n->type == JSON_STRING && n->n_text == v->n_key &&
            memcmp(n->text, v->key, v->n_key) == 0)
            return true;
    return false;
}

/* Appends the members of `above` that are neither named in `without` nor other in `own`, then those
 * of `own`. */
static void put_merged(struct text_buffer *b, const struct json_value *above,
                       const struct json_value *own, const struct json_value *row, bool inner) {
    const struct json_value *without = json_get(row, inner ? "without_tinseq" : "without");
    const bool has_above = above && above->type == JSON_OBJECT,
               has_own = own && own->type == JSON_OBJECT;
    for (const struct json_value *v = has_above ? above->first : NULL; v; v = v->next) {
        const struct json_value *other = same_name(own, v);
        if (is_named_in(without, v) || (other && !(is_own(v) && is_own(other))))
            continue;
        if (inner || !is_own(v)) {
            json_put_member(b, v);
            continue;
        }
        struct text_buffer members = {0};
        put_merged(&members, v, other, row, true);
        char *json = json_take_object(&members);
        json_put_value(b, "tinseq", json);
        free(json);
    }
    for (const struct json_value *v = has_own ? own->first : NULL; v; v = v->next) {
        const struct json_value *other = same_name(above, v);
        if (!(other && is_own(v) && is_own(other) && !inner))
            json_put_member(b, v);
    }
}

void info_row_read(struct result_info *out, const struct json_value *above,
                   const struct json_value *row) {
    struct text_buffer b = {0};
    put_merged(&b, above, json_get(row, "info"), row, false);
    char *json = json_take_object(&b);
    struct json_document *d = parsed(json);
    result_info_read(out, root_of(d));
    json_free(d);
    free(json);
}
