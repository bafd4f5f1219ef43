#include "aggregators/spread.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>

/* For each of n tokens the span that it is in, or −1. */
static int64_t *owners(const struct partition *p, int64_t n) {
    int64_t *owner = mem_alloc((size_t)n * sizeof *owner);
    for (int64_t i = 0; i < n; i++)
        owner[i] = p->items ? -1 : i;
    for (size_t k = 0; k < p->n; k++)
        for (int64_t i = p->items[k].from; i < p->items[k].to && i < n; i++)
            owner[i] = (int64_t)k;
    return owner;
}

/* Owners of rows and of columns, the latter as target tokens of merged and raw. */
struct owned {
    const int64_t *rows, *target;
    int64_t merged_start, raw_start, columns;
};

static enum err_code spread(struct scores *s, const struct owned *o, int64_t n_rows,
                            struct err *e) {
    struct scores to;
    if (!s->data)
        return ERR_OK;
    if (!scores_init(&to, 2, (int64_t[]){n_rows, o->columns}, NAN))
        return err_set(e, ERR_NOMEM, "no memory for scores of tokens");
    for (int64_t r = 0; r < n_rows; r++)
        for (int64_t g = 0; g < o->columns; g++) {
            const int64_t row = o->rows[r], column = o->target[o->raw_start + g] - o->merged_start;
            if (row >= 0 && row < s->dims[0] && column >= 0 && column < s->dims[1])
                to.data[r * o->columns + g] = s->data[row * s->dims[1] + column];
        }
    scores_dispose(s);
    *s = to;
    return ERR_OK;
}

enum err_code spread_tokens(struct attribution_sequence *s, const struct attribution_sequence *raw,
                            const struct grouping *made, struct err *e) {
    const int64_t n_source = raw->source_attributions.data ? raw->source_attributions.dims[0] : 0,
                  n_target = raw->target_attributions.data ? raw->target_attributions.dims[0] : 0;
    int64_t *source = owners(&made->source, (int64_t)raw->source.n),
            *target = owners(&made->target, (int64_t)raw->target.n);
    struct owned o = {source, target, s->attr_pos_start, raw->attr_pos_start,
                      attribution_steps(raw)};
    struct attribution_sequence tokens;
    enum err_code code = spread(&s->source_attributions, &o, n_source, e);
    if (code)
        goto out;
    o.rows = target;
    code = spread(&s->target_attributions, &o, n_target, e);
    if (code)
        goto out;
    if (!attribution_sequence_copy(&tokens, raw, false)) {
        code = err_set(e, ERR_NOMEM, "no memory for scores of tokens");
        goto out;
    }
    tokens.class = s->class;
    mem_replace(&tokens.class_name, mem_text(s->class_name));
    tokens.source_attributions = s->source_attributions;
    tokens.target_attributions = s->target_attributions;
    s->source_attributions = s->target_attributions = (struct scores){0};
    attribution_sequence_dispose(s);
    *s = tokens;
out:
    free(source);
    free(target);
    return code;
}
