#include "app/statistics/map.h"

#include "app/statistics/observe.h"
#include "app/statistics/order.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_label(struct token_list *to, const char *label) {
    token_list_add(to, -1, false, label, label, strlen(label));
}

/* Labels of a key that occur, in their order. */
struct axis {
    uint32_t *labels;
    size_t n;
};

static struct axis axis_of(const struct groups *g, const struct stats_spec *spec, size_t key) {
    struct axis out;
    out.labels = stats_labels(&out.n, g, spec, key);
    return out;
}

static void name_axis(struct token_list *to, const struct groups *g, size_t key,
                      const struct axis *axis) {
    for (size_t i = 0; i < axis->n; i++)
        add_label(to, groups_label_text(g, key, axis->labels[i]));
}

static void put_means(struct scores *to, const struct groups *g, const struct axis *rows,
                      const struct axis *columns) {
    for (size_t r = 0; r < rows->n; r++)
        for (size_t c = 0; c < columns->n; c++) {
            const uint32_t labels[GROUPS_MOST_KEYS] = {rows->labels[r], columns->labels[c]};
            const struct group *group = groups_find(g, labels);
            if (group)
                to->data[r * columns->n + c] = (float)running_mean(&group->values);
        }
}

/* A column may be called anything. Owned by the caller. */
static char *map_of(const struct stats_spec *spec) {
    char *rows = text_clean(stats_by_name(&spec->by[0])),
         *columns = spec->n_by > 1 ? text_clean(stats_by_name(&spec->by[1])) : NULL,
         *title = columns ? mem_format("%s × %s", rows, columns) : mem_format("mean by %s", rows);
    free(rows);
    free(columns);
    return title;
}

enum err_code stats_map(struct attribution_sequence *out, const struct groups *g,
                        const struct stats_spec *spec, struct err *e) {
    static uint32_t first = 0;
    struct axis rows, columns = {&first, 1};
    enum err_code code = ERR_OK;
    *out = (struct attribution_sequence){0};
    if (spec->n_by < 1 || spec->n_by > 2)
        return err_set(e, ERR_USAGE,
                       "a map has rows and columns: it needs two groupings, as in --by layer role");
    rows = axis_of(g, spec, 0);
    if (spec->n_by == 2)
        columns = axis_of(g, spec, 1);
    *out = (struct attribution_sequence){
        .class = ATTRIBUTION_COARSE, .attr_pos_end = (int64_t)columns.n, .map_of = map_of(spec)};
    name_axis(&out->source, g, 0, &rows);
    if (spec->n_by == 2)
        name_axis(&out->target, g, 1, &columns);
    else
        add_label(&out->target, "mean");
    if (scores_init(&out->source_attributions, 2, (int64_t[]){(int64_t)rows.n, (int64_t)columns.n},
                    NAN))
        put_means(&out->source_attributions, g, &rows, &columns);
    else
        code = err_set(e, ERR_NOMEM, "no memory for a map of %zu groups", groups_count(g));
    free(rows.labels);
    if (spec->n_by == 2)
        free(columns.labels);
    return code;
}

/* --- examples --- */

/* What was explained: "·Rome → ·Paris, …". Owned by the caller. */
static char *heading_of(const struct stats_text *t, const struct stats_spec *spec) {
    struct stats_spec by_output = *spec;
    struct groups *g = groups_new(1);
    struct text_buffer b = {0};
    struct err ignored;
    bool found;
    by_output.n_by = 1;
    by_output.by[0] = (struct stats_by){.id = STATS_KEY_OUTPUT};
    if (stats_observe(g, &found, t, &by_output, &ignored) == ERR_OK)
        for (size_t i = 0; i < groups_n_labels(g, 0); i++)
            text_buffer_format(&b, "%s%s", i ? ", " : "", groups_label_text(g, 0, (uint32_t)i));
    groups_free(g);
    return text_buffer_take(&b);
}

/* Rows that are places get the tokens that stand there. */
static void name_places(struct attribution_sequence *s, const struct stats_text *t,
                        const struct stats_spec *spec) {
    const bool target = spec->target || (!spec->source && !t->s.source_attributions.data);
    const struct token_list *tokens = target ? &t->s.target : &t->s.source;
    struct token_list named = {0};
    for (size_t i = 0; i < s->source.n; i++) {
        const size_t place = strtoul(s->source.items[i].piece, NULL, 10);
        if (place < tokens->n)
            token_list_append(&named, &(struct token_list){&tokens->items[place], 1});
        else
            token_list_append(&named, &(struct token_list){&s->source.items[i], 1});
    }
    token_list_dispose(&s->source);
    s->source = named;
}

enum err_code stats_example(struct attribution_sequence *out, const struct stats_text *t,
                            const struct stats_spec *spec, struct err *e) {
    struct stats_spec by_place = *spec;
    struct groups *g = groups_new(2);
    bool found;
    *out = (struct attribution_sequence){0};
    by_place.n_by = 2;
    by_place.by[0] = (struct stats_by){.id = STATS_KEY_POSITION};
    by_place.by[1] = (struct stats_by){.id = STATS_KEY_LAYER};
    enum err_code code = stats_observe(g, &found, t, &by_place, e);
    if (!code)
        code = stats_map(out, g, &by_place, e);
    if (code)
        goto out;
    mem_replace(&out->map_of, mem_text("token × layer"));
    mem_replace(&out->heading, heading_of(t, spec));
    name_places(out, t, spec);
out:
    groups_free(g);
    return code;
}
