#include "methods/request/contrast_ids.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define IDS "contrast_ids"
#define MASK "contrast_attention_mask"

/* A list within a list is of the one text that there is. */
static const struct json_value *inner_list(const struct json_value *v) {
    const bool outer = v->type == JSON_ARRAY && v->n_members == 1 && v->first->type == JSON_ARRAY;
    return outer ? v->first : v;
}

/* [n_members] whole numbers from 0 to `most`. */
static enum err_code read_list(int32_t **out, size_t *n, const struct json_value *v,
                               const char *name, int32_t most, struct err *e) {
    double number;
    v = inner_list(v);
    if (v->type != JSON_ARRAY || v->n_members == 0)
        return err_set(e, ERR_USAGE, "attribution_kwargs: %s is a list such as [1, 0]", name);
    int32_t *items = mem_alloc(v->n_members * sizeof *items);
    *n = 0;
    for (const struct json_value *item = v->first; item; item = item->next) {
        if (!json_number(&number, item) || number != floor(number) || number < 0 || number > most) {
            free(items);
            return err_set(e, ERR_USAGE,
                           "attribution_kwargs: %s holds whole numbers from 0 to %d; number %zu is "
                           "none",
                           name, most, *n + 1);
        }
        items[(*n)++] = (int32_t)number;
    }
    *out = items;
    return ERR_OK;
}

static enum err_code given_twice(const char *name, struct err *e) {
    return err_set(e, ERR_USAGE, "attribution_kwargs: %s is given twice", name);
}

static enum err_code read_mask(struct contrast_ids *c, const struct json_value *v, struct err *e) {
    int32_t *items;
    if (c->mask)
        return given_twice(MASK, e);
    enum err_code code = read_list(&items, &c->n_mask, v, MASK, 1, e);
    if (code)
        return code;
    c->mask = mem_alloc(c->n_mask);
    for (size_t i = 0; i < c->n_mask; i++)
        c->mask[i] = items[i] == 1;
    free(items);
    return ERR_OK;
}

enum err_code contrast_ids_read(struct contrast_ids *c, const struct json_value *v, bool *known,
                                struct err *e) {
    *known = true;
    if (json_named(v, MASK))
        return read_mask(c, v, e);
    *known = json_named(v, IDS);
    if (!*known)
        return ERR_OK;
    if (c->ids)
        return given_twice(IDS, e);
    return read_list(&c->ids, &c->n, v, IDS, INT32_MAX, e);
}

enum err_code contrast_ids_mask(struct contrast_ids *c, struct err *e) {
    size_t from = 0, to = c->n_mask, kept = 0;
    if (!c->mask)
        return ERR_OK;
    if (!c->ids)
        return err_set(e, ERR_USAGE, MASK " is given without " IDS ", which it is of");
    if (c->n_mask != c->n)
        return err_set(e, ERR_USAGE, MASK " has %zu numbers, and " IDS " has %zu", c->n_mask, c->n);
    while (from < to && !c->mask[from])
        from++;
    while (to > from && !c->mask[to - 1])
        to--;
    for (size_t i = from; i < to; i++)
        kept += c->mask[i];
    if (kept != to - from || kept == 0)
        return err_set(e, ERR_USAGE,
                       MASK " hides %s; it hides padding, at the beginning or at the end",
                       kept ? "ids between others" : "all ids");
    memmove(c->ids, c->ids + from, kept * sizeof *c->ids);
    c->n = kept;
    return ERR_OK;
}

char *contrast_ids_text(const struct contrast_ids *c) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < c->n; i++)
        text_buffer_format(&b, "%s%d", i ? ", " : "[", c->ids[i]);
    text_buffer_puts(&b, "]");
    return text_buffer_take(&b);
}

void contrast_ids_dispose(struct contrast_ids *c) {
    free(c->ids);
    free(c->mask);
    *c = (struct contrast_ids){0};
}
