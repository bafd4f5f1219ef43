#include "views/export/heat.h"

#include "aggregators/aggregate.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdlib.h>

static bool read_end(float *out, const char **at, char until) {
    char *end;
    *out = strtof(*at, &end);
    const bool good = end > *at && *end == until && isfinite(*out);
    *at = end + 1;
    return good;
}

enum err_code heat_ends_read(struct heat_ends *out, const char *text, struct err *e) {
    const char *at = text;
    *out = (struct heat_ends){.given = true};
    if (read_end(&out->from, &at, ':') && read_end(&out->to, &at, '\0') && out->from < out->to)
        return ERR_OK;
    char *shown = text_clean(text);
    (void)err_set(e, ERR_USAGE,
                  "a colour scale is two numbers, the smaller first, as in 0:0.4 or -1:1, not "
                  "\"%.100s\"",
                  shown);
    free(shown);
    *out = (struct heat_ends){0};
    return ERR_USAGE;
}

struct heat heat_of(const struct attribution_sequence *s, const struct heat_ends *ends) {
    if (ends && ends->given)
        return (struct heat){ends->from, ends->to, ends->from < 0, true};
    const struct aggregate_range range = aggregate_range_of(s);
    return (struct heat){.from = range.any_negative ? -range.magnitude : 0,
                         .to = range.magnitude,
                         .has_signs = range.any_negative};
}

float heat_part(const struct heat *h, float value) {
    if (isnan(value) || !(h->to > h->from))
        return isnan(value) ? value : 0;
    const float held = fminf(fmaxf(value, h->from), h->to);
    if (h->has_signs)
        return held / fmaxf(fabsf(h->from), fabsf(h->to));
    return (held - h->from) / (h->to - h->from);
}

const struct colour_map *heat_map(bool has_signs, const struct colour_map *own,
                                  const struct theme *theme) {
    if (own && own->diverging == has_signs)
        return own;
    return colour_map_find(has_signs ? theme->diverging : theme->sequential);
}

static size_t beyond(const struct heat *h, const struct scores *s) {
    size_t n = 0;
    for (int64_t i = 0, all = scores_count(s); i < all; i++)
        n += s->data[i] < h->from || s->data[i] > h->to;
    return n;
}

/* Scores beyond the ends, which have an end's colour. */
static size_t heat_beyond(const struct heat *h, const struct attribution_sequence *s) {
    return beyond(h, &s->source_attributions) + beyond(h, &s->target_attributions);
}

char *heat_told(const struct heat *h, const struct attribution_sequence *s) {
    if (!h->fixed)
        return NULL;
    const size_t n = heat_beyond(h, s);
    struct text_buffer b = {0};
    text_buffer_puts(&b, "colours fixed from ");
    number_exact(&b, h->from);
    text_buffer_puts(&b, " to ");
    number_exact(&b, h->to);
    if (n)
        text_buffer_format(&b, ", %zu score%s beyond", n, n == 1 ? "" : "s");
    return text_buffer_take(&b);
}
