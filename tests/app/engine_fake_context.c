#include "engine_fake_context.h"

#include "backend/base/mem.h"
#include "engine_fake.h"
#include "methods/result/context_kept.h"

#include <stdlib.h>
#include <string.h>

/* Of the columns that the context changes, by rank. */
static const struct {
    int64_t column;
    double score;
    const char *otherwise, *foil;
} changed[] = {{2, 1.25, "·Spain", "·Spain"}, {0, 0.75, "·Rome", "·London"}};
#define N_CHANGED (sizeof changed / sizeof *changed)
#define THRESHOLD 0.5

struct watched {
    const struct context_request *request;
    const struct attribute_events *base;
    size_t n_changed;
};

static bool is_changed(const struct watched *w, int64_t g) {
    for (size_t i = 0; i < w->n_changed; i++)
        if (changed[i].column == g)
            return true;
    return false;
}

static double score_of(int64_t g) {
    double score = 0.125 / (double)(g + 1);
    for (size_t i = 0; i < N_CHANGED; i++)
        if (changed[i].column == g)
            score = changed[i].score;
    return score;
}

static int64_t n_words(const char *text) {
    int64_t n = 1;
    for (; *text; text++)
        n += *text == ' ';
    return n;
}

/* What was found, with the measure as a step score. */
static void find(struct watched *w, struct attribution_sequence *s, struct result_info *info) {
    const bool two = s->source_attributions.data != NULL;
    struct context_kept_cue cues[N_CHANGED];
    struct context_kept kept = {.metric = "kl_divergence",
                                .threshold = THRESHOLD,
                                .input = {true, !two, 0, n_words(w->request->input_context)},
                                .cue_threshold = w->request->cue_threshold,
                                .cue_most = w->request->cue_most,
                                .cues = cues,
                                .n_cues = w->n_changed};
    struct scores *scores = attribution_add_step_scores(s, kept.metric);
    for (int64_t g = 0; g < attribution_steps(s); g++)
        scores->data[g] = (float)score_of(g);
    for (size_t i = 0; i < w->n_changed; i++)
        cues[i] = (struct context_kept_cue){.column = changed[i].column,
                                            .score = changed[i].score,
                                            .has_foil = true,
                                            .foil_id = 7,
                                            .foil = (char *)changed[i].foil,
                                            .otherwise = (char *)changed[i].otherwise};
    kept.request = request_text(&w->request->how);
    info_texts_put_take(&info->context, 0, context_kept_json(&kept, s));
    info_texts_add(&info->commands, "tinseq attribute-context --made_up");
    free(kept.request);
}

static void on_notice(void *user, const char *text) {
    const struct watched *w = user;
    w->base->notice(w->base->user, text);
}

static void on_cost(void *user, const struct cost_estimate *c) {
    const struct watched *w = user;
    w->base->cost(w->base->user, c);
}

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    const struct watched *w = user;
    w->base->generated(w->base->user, text, target, n_prompt);
}

static void on_begin(void *user, const struct attribution_sequence *skeleton,
                     const struct result_info *info) {
    struct watched *w = user;
    struct attribution_sequence s;
    struct result_info found = result_info_copy(info);
    if (!attribution_sequence_copy(&s, skeleton, true))
        abort();
    find(w, &s, &found);
    w->base->begin(w->base->user, &s, &found);
    attribution_sequence_dispose(&s);
    result_info_dispose(&found);
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    const struct watched *w = user;
    if (is_changed(w, g))
        w->base->column(w->base->user, s, g);
}

/* Other columns were never computed. */
static void leave_others(const struct watched *w, struct attribution_sequence *s) {
    for (int64_t g = 0; g < attribution_steps(s); g++)
        s->done[g] = is_changed(w, g);
    s->n_done = (int64_t)w->n_changed;
    attribution_void_unfinished(s);
}

/* What citations are found by. */
static void fill_result(struct context_result *r, const struct watched *w) {
    const struct context_request *request = w->request;
    const struct attribution_sequence *s = &r->attribution->sequences[0];
    const struct token_list current = {s->target.items + s->attr_pos_start,
                                       (size_t)attribution_steps(s)};
    r->input_on_target = !s->source_attributions.data;
    r->input_context_tokens = (struct context_span){true, 0, n_words(request->input_context)};
    r->documents = mem_alloc((request->n_documents + 1) * sizeof *r->documents);
    for (; r->n_documents < request->n_documents; r->n_documents++) {
        const struct context_range *range = &request->documents[r->n_documents];
        char *before = mem_text_n(request->input_context, range->from),
             *until = mem_text_n(request->input_context, range->to);
        r->documents[r->n_documents] =
            (struct context_span){true, n_words(before) - (range->from == 0), n_words(until)};
        free(before);
        free(until);
    }
    token_list_append(&r->current, &current);
    r->n_cues = w->n_changed;
    r->cues = mem_alloc((r->n_cues + 1) * sizeof *r->cues);
    for (size_t i = 0; i < r->n_cues; i++)
        r->cues[i] = (struct context_cue){.column = changed[i].column, .score = changed[i].score};
}

enum err_code engine_fake_context(struct engine *self, struct context_result **out,
                                  const struct context_request *request,
                                  const struct context_events *events, const struct run_ctl *ctl,
                                  struct err *e) {
    struct watched w = {.request = request, .base = &events->base};
    struct attribute_request whole = {.method = request->how.method};
    const struct attribute_events watched = {.user = &w,
                                             .notice = on_notice,
                                             .cost = on_cost,
                                             .generated = on_generated,
                                             .begin = on_begin,
                                             .column = on_column};
    struct attribution *a = NULL;
    if (strstr(request->input_context, "no part"))
        return err_set(e, ERR_USAGE, "it cannot be parted: give it with --output_context_text");
    char *text = mem_format("%s %s", request->input_context, request->input_current);
    whole.input_text = text;
    w.n_changed = strstr(text, "nothing") ? 0 : N_CHANGED;
    enum err_code code = engine_fake_ops.attribute(self, &a, &whole, &watched, ctl, e);
    free(text);
    if (code)
        return code;
    leave_others(&w, &a->sequences[0]);
    find(&w, &a->sequences[0], &a->info);
    *out = mem_alloc(sizeof **out);
    (*out)->attribution = a;
    fill_result(*out, &w);
    return ERR_OK;
}
