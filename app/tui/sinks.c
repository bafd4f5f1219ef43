#include "app/tui/sinks.h"

#include "app/commands/command_table.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"

#include <stdlib.h>

const struct sinks *app_sinks(const struct app *a, bool target) {
    const struct atlas *atlas = &a->atlas;
    for (size_t i = 0; i < atlas->n_sides; i++)
        if (atlas->sides[i].steps && atlas->sides[i].target == target && atlas->sinks[i].rows)
            return &atlas->sinks[i];
    return NULL;
}

bool app_leaves_out(const struct app *a) {
    return a->reduction.sinks != SINKS_KEPT && (app_sinks(a, false) || app_sinks(a, true));
}

static void set_spans(struct aggregate_stage *s, const char *key, const struct sinks *sinks) {
    struct text_buffer b = {0};
    for (int64_t row = 0; sinks && row < sinks->n_rows; row++)
        if (sinks->rows[row])
            text_buffer_format(&b, "%s[%lld,%lld]", b.n ? "," : "[", (long long)row,
                               (long long)row + 1);
    text_buffer_puts(&b, "]");
    if (sinks)
        pipeline_set(s, key, b.text);
    text_buffer_dispose(&b);
}

void app_add_sinks(struct pipeline *p, const struct app *a) {
    struct aggregate_stage *s = pipeline_append(p, "leave_out", NULL);
    set_spans(s, "source_spans", app_sinks(a, false));
    set_spans(s, "target_spans", app_sinks(a, true));
    pipeline_set(s, "renormalize", a->reduction.sinks == SINKS_RENORMALISED ? "true" : "false");
}

char *app_sinks_line(const struct app *a, const struct sinks *sinks,
                     const struct token_list *tokens, bool marks) {
    static const char *const keys[] = {[SINKS_KEPT] = "{SINKS} leaves it out",
                                       [SINKS_LEFT_OUT] = "Left out; {SINKS}: the rest shares it",
                                       [SINKS_RENORMALISED] =
                                           "Left out, the rest shares it; {SINKS}: all again"};
    char *names = sinks_names(sinks, tokens),
         *key = app_hint_format(keys[a->reduction.sinks], false, marks),
         *line =
             mem_format("Attention sink, where heads look that find nothing: %s, %.0f %% of all "
                        "attention. %s.",
                        names, 100 * sinks->share, key);
    free(names);
    free(key);
    return line;
}

void app_sinks_lines(struct text_buffer *b, const struct app *a,
                     const struct attribution_sequence *raw) {
    for (int target = 0; target < 2; target++) {
        const struct token_list *tokens = target ? &raw->target : &raw->source;
        const struct sinks *sinks = app_sinks(a, target);
        if (!sinks)
            continue;
        char *line = app_sinks_line(a, sinks, tokens, false);
        text_buffer_format(b, "%s%s", b->n ? "   " : "", line);
        free(line);
    }
}
