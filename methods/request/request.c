#include "methods/request/request.h"

#include "backend/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How members of a kind are kept. NULL: bit by bit. */
struct kind {
    void (*own)(void *p); /* copies what a copy of the bits refers to */
    void (*dispose)(void *p);
    bool (*equal)(const void *a, const void *b);
    void (*write)(struct text_buffer *b, const char *key, const void *from);
    bool (*read)(void *to, const char *key, const struct json_value *v); /* false: not this field */
};

/* --- texts --- */

static void own_text(void *p) {
    const char **text = p;
    *text = mem_text(*text);
}

/* Strings are const for those who borrow them. */
static void dispose_text(void *p) {
    const char **text = p;
    free((char *)*text);
}

static bool equal_text(const void *a, const void *b) {
    return text_same(*(const char *const *)a, *(const char *const *)b);
}

static void write_text(struct text_buffer *b, const char *key, const void *from) {
    json_put_string(b, key, *(const char *const *)from);
}

static bool read_text(void *to, const char *key, const struct json_value *v) {
    if (!json_named(v, key) || v->type != JSON_STRING)
        return false;
    dispose_text(to);
    *(const char **)to = mem_text_n(v->text, v->n_text);
    return true;
}

static const struct kind kind_TEXT = {own_text, dispose_text, equal_text, write_text, read_text};

static void own_names(void *p) {
    struct names *names = p;
    const char **items = names->n ? mem_alloc(names->n * sizeof *items) : NULL;
    for (size_t i = 0; i < names->n; i++)
        items[i] = mem_text(names->items[i]);
    names->items = items;
}

static void dispose_names(void *p) {
    struct names *names = p;
    for (size_t i = 0; i < names->n; i++)
        free((char *)names->items[i]);
    free((char **)names->items);
}

static bool equal_names(const void *a, const void *b) {
    const struct names *x = a, *y = b;
    bool same = x->n == y->n;
    for (size_t i = 0; i < x->n && same; i++)
        same = text_same(x->items[i], y->items[i]);
    return same;
}

static void write_names(struct text_buffer *b, const char *key, const void *from) {
    const struct names *names = from;
    struct text_buffer list = {0};
    for (size_t i = 0; i < names->n; i++) {
        text_buffer_puts(&list, i ? "," : "[");
        json_write_flat_string(&list, names->items[i], strlen(names->items[i]));
    }
    text_buffer_puts(&list, "]");
    if (names->n)
        json_put_value(b, key, list.text);
    text_buffer_dispose(&list);
}

static bool read_names(void *to, const char *key, const struct json_value *v) {
    struct names *out = to;
    if (!json_named(v, key) || v->type != JSON_ARRAY)
        return false;
    const char **items = mem_alloc(v->n_members * sizeof *items);
    dispose_names(out);
    *out = (struct names){.items = items};
    for (const struct json_value *item = v->first; item; item = item->next)
        if (item->type == JSON_STRING)
            items[out->n++] = mem_text_n(item->text, item->n_text);
    return true;
}

static const struct kind kind_NAMES = {own_names, dispose_names, equal_names, write_names,
                                       read_names};

/* --- flags and numbers --- */

static bool equal_flag(const void *a, const void *b) {
    return *(const bool *)a == *(const bool *)b;
}

static void write_flag(struct text_buffer *b, const char *key, const void *from) {
    if (*(const bool *)from)
        json_put_flag(b, key, true);
}

static bool read_flag(void *to, const char *key, const struct json_value *v) {
    if (!json_named(v, key))
        return false;
    *(bool *)to = v->type == JSON_TRUE;
    return true;
}

static const struct kind kind_FLAG = {NULL, NULL, equal_flag, write_flag, read_flag};

static bool equal_position(const void *a, const void *b) {
    return optional_equal(a, b);
}

static void write_position(struct text_buffer *b, const char *key, const void *from) {
    const struct optional *position = from;
    if (position->given)
        json_put_number(b, key, (double)position->value);
}

static bool read_position(void *to, const char *key, const struct json_value *v) {
    return json_named(v, key) && position_read(to, v);
}

static const struct kind kind_POSITION = {NULL, NULL, equal_position, write_position,
                                          read_position};

static bool equal_bytes(const void *a, const void *b) {
    return *(const int64_t *)a == *(const int64_t *)b;
}

static void write_bytes(struct text_buffer *b, const char *key, const void *from) {
    const int64_t *bytes = from;
    if (*bytes > 0)
        json_put_number(b, key, (double)*bytes);
}

static bool read_bytes(void *to, const char *key, const struct json_value *v) {
    double bytes;
    const bool good = json_named(v, key) && json_number(&bytes, v) && bytes >= LEAST_BUDGET &&
                      bytes <= MOST_BUDGET;
    if (good)
        *(int64_t *)to = (int64_t)bytes;
    return good;
}

static const struct kind kind_BYTES = {NULL, NULL, equal_bytes, write_bytes, read_bytes};

static bool equal_number(const void *a, const void *b) {
    const struct optional_number *x = a, *y = b;
    return x->given == y->given && (!x->given || x->value == y->value);
}

static void write_number(struct text_buffer *b, const char *key, const void *from) {
    const struct optional_number *number = from;
    if (number->given)
        json_put_number(b, key, number->value);
}

static bool read_number(void *to, const char *key, const struct json_value *v) {
    struct optional_number *out = to;
    double value;
    if (!json_named(v, key) || !json_number(&value, v) || !isfinite(value))
        return false;
    *out = (struct optional_number){true, value};
    return true;
}

static const struct kind kind_NUMBER = {NULL, NULL, equal_number, write_number, read_number};

static bool read_count(void *to, const char *key, const struct json_value *v) {
    int64_t count;
    const bool good =
        json_named(v, key) && json_integer(&count, v) && count >= 1 && count <= MOST_POSITION;
    if (good)
        *(int64_t *)to = count;
    return good;
}

static const struct kind kind_COUNT = {NULL, NULL, equal_bytes, write_bytes, read_count};

/* --- types of their own --- */

static void own_alignment(void *p) {
    struct alignment *a = p;
    *a = alignment_copy(a);
}

static void dispose_alignment(void *p) {
    alignment_dispose(p);
}

static bool equal_alignment(const void *a, const void *b) {
    return alignment_equal(a, b);
}

static void write_alignment(struct text_buffer *b, const char *key, const void *from) {
    char *text = alignment_text(from);
    json_put_string(b, key, text);
    free(text);
}

static bool read_alignment(void *to, const char *key, const struct json_value *v) {
    struct err ignored;
    if (!json_named(v, key))
        return false;
    alignment_dispose(to);
    return alignment_read(to, v, &ignored) == ERR_OK;
}

static const struct kind kind_ALIGNMENT = {own_alignment, dispose_alignment, equal_alignment,
                                           write_alignment, read_alignment};

static bool equal_span(const void *a, const void *b) {
    return span_equal(a, b);
}

static void write_span(struct text_buffer *b, const char *key, const void *from) {
    (void)key;
    span_write(b, from);
}

static bool read_span(void *to, const char *key, const struct json_value *v) {
    bool known;
    struct err ignored;
    (void)key;
    return span_read(to, v, &known, &ignored) == ERR_OK && known;
}

static const struct kind kind_SPAN = {NULL, NULL, equal_span, write_span, read_span};

static void own_foil(void *p) {
    struct foil *f = p;
    *f = foil_copy(f);
}

static void dispose_foil(void *p) {
    foil_dispose(p);
}

static bool equal_foil(const void *a, const void *b) {
    return foil_equal(a, b);
}

static void write_foil(struct text_buffer *b, const char *key, const void *from) {
    (void)key;
    foil_write(b, from);
}

static bool read_foil(void *to, const char *key, const struct json_value *v) {
    (void)key;
    return foil_read(to, v);
}

static const struct kind kind_FOIL = {own_foil, dispose_foil, equal_foil, write_foil, read_foil};

/* --- the rows --- */

static const struct row {
    const struct kind *kind;
    const char *json; /* NULL: not saved */
    size_t offset;
} rows[] = {
#define FIELD(kind, member, json, told, cli, form)                                                 \
    {&kind_##kind, json, offsetof(struct attribute_request, member)},
#define PART(cli, form)
#include "methods/request/request.def"
};
#define N_ROWS (sizeof rows / sizeof *rows)

void request_copy(struct attribute_request *out, const struct attribute_request *from) {
    *out = *from;
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].kind->own)
            rows[i].kind->own((char *)out + rows[i].offset);
}

void request_dispose(struct attribute_request *r) {
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].kind->dispose)
            rows[i].kind->dispose((char *)r + rows[i].offset);
    *r = (struct attribute_request){0};
}

bool request_equal(const struct attribute_request *a, const struct attribute_request *b) {
    bool same = true;
    for (size_t i = 0; i < N_ROWS && same; i++)
        same =
            rows[i].kind->equal((const char *)a + rows[i].offset, (const char *)b + rows[i].offset);
    return same;
}

bool request_has_context(const struct attribute_request *r) {
    return r->input_context || r->input_template || r->output_current || r->output_context ||
           r->output_template || r->contextless_input || r->contextless_output || r->documents.n;
}

char *request_text(const struct attribute_request *r) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].json)
            rows[i].kind->write(&b, rows[i].json, (const char *)r + rows[i].offset);
    return json_take_object(&b);
}

struct attribute_request request_read(const struct json_value *object) {
    struct attribute_request out = {0};
    const bool good = object && object->type == JSON_OBJECT;
    for (const struct json_value *v = good ? object->first : NULL; v; v = v->next)
        for (size_t i = 0; i < N_ROWS; i++)
            if (rows[i].json && rows[i].kind->read((char *)&out + rows[i].offset, rows[i].json, v))
                break;
    return out;
}
