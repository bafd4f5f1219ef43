/* Some rows count as nothing: their scores are 0, and the others keep theirs, or share what these
 * had. For attention sinks (aggregators/sinks.h). Not in Inseq. */
#include "aggregators/hand_spans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Adds the magnitudes of every column, and layer and head that is left. */
static void add_magnitudes(double *sums, const struct scores *s, int64_t cells) {
    for (int64_t row = 0; s->data && row < s->dims[0]; row++)
        for (int64_t i = 0; i < cells; i++) {
            const float x = s->data[row * cells + i];
            sums[i] += isnan(x) ? 0 : fabs((double)x);
        }
}

static void empty_rows(struct scores *s, const struct partition *spans, int64_t cells) {
    for (size_t k = 0; k < spans->n; k++)
        for (int64_t row = spans->items[k].from; row < spans->items[k].to; row++)
            for (int64_t i = 0; s->data && row < s->dims[0] && i < cells; i++)
                if (!isnan(s->data[row * cells + i]))
                    s->data[row * cells + i] = 0;
}

static void multiply(struct scores *s, const double *before, const double *after, int64_t cells) {
    for (int64_t row = 0; s->data && row < s->dims[0]; row++)
        for (int64_t i = 0; i < cells; i++)
            if (after[i] > 0)
                s->data[row * cells + i] =
                    (float)((double)s->data[row * cells + i] * before[i] / after[i]);
}

static enum err_code leave_out(struct attribution_sequence *s, const struct partition spans[2],
                               bool renormalize, struct err *e) {
    struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    const struct scores *any = sides[0]->data ? sides[0] : sides[1];
    if (!any->data || any->dims[0] < 1)
        return ERR_OK;
    const int64_t cells = scores_count(any) / any->dims[0];
    double *before = calloc((size_t)cells, sizeof *before),
           *after = calloc((size_t)cells, sizeof *after);
    enum err_code code =
        before && after ? ERR_OK
                        : err_set(e, ERR_NOMEM, "no memory for %lld columns", (long long)cells);
    for (int side = 0; side < 2 && !code; side++) {
        add_magnitudes(before, sides[side], cells);
        empty_rows(sides[side], &spans[side], cells);
        add_magnitudes(after, sides[side], cells);
    }
    for (int side = 0; side < 2 && !code && renormalize; side++)
        multiply(sides[side], before, after, cells);
    free(before);
    free(after);
    return code;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    struct partition spans[2] = {{0}, {0}};
    enum err_code code = hand_spans_read(&spans[0], c->options, "source_spans", s->source.n, e);
    if (code)
        goto out;
    code = hand_spans_read(&spans[1], c->options, "target_spans", s->target.n, e);
    if (code)
        goto out;
    code = leave_out(s, spans, option_bool(c->options, "renormalize"), e);
out:
    partition_dispose(&spans[0]);
    partition_dispose(&spans[1]);
    return code;
}

static enum err_code check(const struct option_set *set, struct err *e) {
    return hand_spans_check(set, "leave_out", e);
}

static const struct option_decl options[] = {
    OPTION_SPANS("source_spans", "Source tokens that are left out:"),
    OPTION_SPANS("target_spans", "Tokens of the prompt and the text that are left out:"),
    {.name = "renormalize",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "The other rows share what these had: columns keep their sums."},
};

const struct aggregator aggregator_leave_out = {
    .id = "leave_out",
    .title = "Leave out",
    .summary = "Rows of given spans count as 0, as attention sinks: the first token, which heads "
               "look at when they look at nothing.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
