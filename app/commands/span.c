/* A span of generated tokens as one target: selected on the map with v, run with V. */
#include "app/commands/handlers.h"

#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"
#include "methods/request/request.h"

#include <stdlib.h>
#include <string.h>

enum span_choice { SPAN_SUM, SPAN_MEAN, SPAN_TO_FORM };

/* Positions of the selected columns, or of the one under the cursor. False: nothing to select from;
 * says why. */
static bool selected_span(int64_t *start, int64_t *end, struct app *a) {
    const struct attribution_sequence *s = app_sequence(a);
    const struct map *m = &a->map;
    if (!s || !a->has_shown || m->column >= m->n_columns) {
        app_say(a, STYLE_NOTICE, "run something first: a span is made of the tokens it generated");
        return false;
    }
    if (span_given(&a->current->request.span)) {
        app_say(a, STYLE_NOTICE,
                "this run's column is a span already: edit Span in the form, or ( and ) show a run "
                "with single steps");
        return false;
    }
    int64_t from = m->selecting && m->anchor_column < m->column ? m->anchor_column : m->column;
    int64_t to = m->selecting && m->anchor_column > m->column ? m->anchor_column : m->column;
    *start = s->attr_pos_start + app_raw_columns(a, from).from;
    *end = s->attr_pos_start + app_raw_columns(a, to).to;
    return true;
}

static bool same_text(const char *x, const char *y) {
    return strcmp(x ? x : "", y ? y : "") == 0;
}

/* The form's request with this span. False: it cannot be run; says why. The caller disposes of it
 * if true. */
static bool request_of_span(struct attribute_request *r, struct app *a, int64_t start, int64_t end,
                            bool mean) {
    const struct attribute_request *shown = &a->current->request;
    struct err e;
    if (form_fields_collect(r, &a->form, &e) != ERR_OK) {
        app_say(a, STYLE_ERROR, "%s", e.message);
        return false;
    }
    bool same = same_text(r->input_text, shown->input_text) &&
                same_text(r->generated_text, shown->generated_text) &&
                same_text(r->generation_kwargs, shown->generation_kwargs) &&
                same_text(form_fields_model(&a->form), a->current->model);
    r->span = span_make(start, end, mean);
    r->attr_pos_start = r->attr_pos_end = (struct optional){0};
    if (same && attribute_check(r, &e) == ERR_OK)
        return true;
    app_say(
        a, STYLE_WARNING, "%s",
        same ? e.message
             : "the form's text is not the map's any more: {RUN} runs it, then select its tokens");
    request_dispose(r);
    return false;
}

static void chose_span(struct app *a, const struct overlay_answer *answer) {
    int64_t start, end;
    if (!selected_span(&start, &end, a))
        return;
    const struct span span = span_make(start, end, answer->id == SPAN_MEAN);
    form_fields_set_span(&a->form, &span);
    a->map.selecting = false;
    if (answer->id == SPAN_TO_FORM)
        command_edit(a, FIELD_SPAN);
    else
        app_run(a);
}

/* "\"·Paris … ·France\" as one target". */
static char *span_title(const struct app *a, int64_t start, int64_t end) {
    const struct attribution_sequence *s = app_sequence(a);
    const char *first = s->target.items[start].printable,
               *last = s->target.items[end - 1].printable;
    return end - start == 1 ? mem_format("\"%s\" as the target", first)
                            : mem_format("%lld tokens, \"%s … %s\", as one target",
                                         (long long)(end - start), first, last);
}

void command_span(struct app *a, int unused) {
    struct picker p;
    struct attribute_request r;
    int64_t start, end;
    (void)unused;
    if (!selected_span(&start, &end, a) || !request_of_span(&r, a, start, end, false))
        return;
    const struct method_decl *method = method_decl_find(r.method);
    char *title = span_title(a, start, end), *detail;
    picker_init(&p, title);
    p.detail_rows = 3;
    if (method && !method->needs_attributed_fn) {
        detail = mem_format(
            "%s attributes no function: its scores are averaged over the span's steps. Runs now.",
            method->title);
        picker_add(&p, SPAN_MEAN, "the mean of the steps", NULL, detail);
    } else {
        const char *function = r.attributed_fn ? r.attributed_fn : "the function";
        detail = mem_format("One column: what each token counted for the sum of %s over positions "
                            "%lld to before %lld. Runs now.",
                            function, (long long)start, (long long)end);
        picker_add(&p, SPAN_SUM, "the sum over the span", NULL, detail);
        picker_add(&p, SPAN_MEAN, "the mean over the span", NULL,
                   "The same divided by the span's length. Runs now.");
    }
    picker_add(&p, SPAN_TO_FORM, "only put it into the form", NULL,
               "To change something else before it runs.");
    picker_ready(&p, SPAN_SUM);
    overlay_pick(app_overlay(a, chose_span), &p);
    request_dispose(&r);
    free(title);
    free(detail);
}
