/* The text with its context and without, one run held against the other. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"
#include "methods/result/context_rank.h"

#include <stdlib.h>
#include <string.h>

/* events: who is told of what the texts lose; NULL: it was told already. */
static enum err_code make_side(struct context_side *out, const struct context_job *j,
                               const struct context_events *events,
                               const struct context_filled *input,
                               const struct context_filled *output, struct err *e) {
    const char *own = j->outputs.between,
               *between = own ? own : context_between(j->request, input->text, output->text);
    return context_side_make(out, j->model, j->request, events, input, between, output, e);
}

static enum err_code make_with(struct context_job *j, struct err *e) {
    const struct context_request *r = j->request;
    struct context_filled input = {0}, output = {0};
    enum err_code code = context_fill(&input, "--input_template", context_input_template(r),
                                      r->input_current, r->input_context, e);
    if (code)
        goto out;
    code = context_check_length(j, &input, e);
    if (code)
        goto out;
    code = context_outputs_find(&j->outputs, j->model, r, j->events, input.text, j->ctl, e);
    if (code)
        goto out;
    if (r->take_marks)
        context_marks_take(&j->outputs.taken, &j->outputs.current);
    code = context_fill(&output, "--output_template", context_output_template(r),
                        j->outputs.current, j->outputs.context, e);
    if (code)
        goto out;
    code = make_side(&j->with, j, j->events, &input, &output, e);
out:
    free(input.text);
    free(output.text);
    return code;
}

static enum err_code make_without(struct context_job *j, struct err *e) {
    const struct context_request *r = j->request;
    const char *input_template = r->contextless_input ? r->contextless_input : "{current}",
               *output_template = r->contextless_output ? r->contextless_output : "{current}";
    struct context_filled input = {0}, output = {0};
    enum err_code code = context_fill(&input, "--contextless_input_current_text", input_template,
                                      r->input_current, NULL, e);
    if (code)
        goto out;
    code = context_fill(&output, "--contextless_output_current_text", output_template,
                        j->outputs.current, NULL, e);
    if (code)
        goto out;
    code = make_side(&j->without, j, NULL, &input, &output, e);
out:
    free(input.text);
    free(output.text);
    return code;
}

static bool same_ids(const struct context_job *j) {
    for (int64_t g = 0; g < j->n; g++)
        if (j->with.tokens.target.items[j->with_from + g].id !=
            j->without.tokens.target.items[j->without_from + g].id)
            return false;
    return true;
}

/* Columns stand opposite each other from the end. */
static void align(struct context_job *j) {
    const int64_t with = attribution_steps(&j->with.tokens),
                  without = attribution_steps(&j->without.tokens);
    j->n = with < without ? with : without;
    j->with_from = j->with.tokens.attr_pos_end - j->n;
    j->without_from = j->without.tokens.attr_pos_end - j->n;
    j->with.tokens.attr_pos_start = j->with_from;
    j->without.tokens.attr_pos_start = j->without_from;
    if (with != without)
        context_tell(j->events,
                     "The output has %lld tokens with the context and %lld without: the last %lld "
                     "are compared.",
                     (long long)with, (long long)without, (long long)j->n);
    else if (!same_ids(j))
        context_tell(j->events, "The output has other tokens with the context than without: they "
                                "are compared in their order.");
}

/* --- which tokens the context changes ----------------------------------------------------- */

/* The text without the context, its steps scored against those with it: a run of either. */
static enum err_code compare(struct context_job *j, struct err *e) {
    const struct context_request *r = j->request;
    const char *names[] = {context_metric(r)};
    int64_t *alignment = context_opposite(j->with_from, j->n);
    const struct attribute_events events = context_notices(j->events);
    const bool two = model_config(j->model)->encoder_decoder;
    const struct attribute_text text = {.tokens = &j->without.tokens,
                                        .contrast = &j->with.tokens.target,
                                        .contrast_source = two ? &j->with.tokens.source : NULL,
                                        .alignment = alignment,
                                        .text = j->without.text};
    const struct attribute_request request = {.input_text = j->without.input,
                                              .method = "dummy",
                                              .step_scores = {names, 1},
                                              .source_language = r->how.source_language,
                                              .target_language = r->how.target_language,
                                              .memory_budget = r->how.memory_budget,
                                              .run_anyway = r->how.run_anyway};
    enum err_code code =
        attribute_run_text(&j->compared, j->model, &request, &text, &events, j->ctl, e);
    free(alignment);
    if (code)
        return code;
    const struct scores *found =
        attribution_find_step_scores(&j->compared->sequences[0], context_metric(r));
    j->result->scores = mem_copy(found->data, (size_t)j->n * sizeof *found->data);
    return ERR_OK;
}

static void choose(struct context_job *j) {
    struct context_result *out = j->result;
    size_t *places = mem_alloc((size_t)j->n * sizeof *places);
    out->threshold = context_threshold(out->scores, (size_t)j->n, j->request->threshold);
    out->n_cues =
        context_rank(places, out->scores, (size_t)j->n, out->threshold, (size_t)j->request->most);
    out->cues = mem_alloc(out->n_cues * sizeof *out->cues);
    for (size_t i = 0; i < out->n_cues; i++)
        out->cues[i] = (struct context_cue){.column = (int64_t)places[i],
                                            .score = (double)out->scores[places[i]]};
    free(places);
}

static void fill_result(struct context_job *j) {
    struct context_result *out = j->result;
    out->metric = mem_text(context_metric(j->request));
    out->input_context = mem_text(j->request->input_context);
    out->output_context = mem_text(j->outputs.context);
    out->output_current = mem_text(j->outputs.current);
    out->input_on_target = !model_config(j->model)->encoder_decoder;
    out->input_context_tokens = j->with.input_context;
    out->output_context_tokens = j->with.output_context;
    out->documents = j->with.documents;
    out->n_documents = out->documents ? j->request->n_documents : 0;
    j->with.documents = NULL;
    const struct token_list current = {j->with.tokens.target.items + j->with_from, (size_t)j->n};
    token_list_append(&out->current, &current);
}

/* Special tokens that are to be kept, and are none. */
static void tell_of_kept(const struct context_job *j) {
    const struct tokenizer *t = model_tokenizer(j->model);
    for (size_t i = 0; i < j->request->keep.n; i++) {
        const char *piece = j->request->keep.items[i];
        if (!tokenizer_is_special(t, tokenizer_piece_id(t, piece)))
            context_tell(j->events,
                         "This model has no special token %.40s: --special_tokens_to_keep changes "
                         "nothing for it.",
                         piece);
    }
}

enum err_code context_find_sensitive(struct context_job *j, struct err *e) {
    const struct attribute_request *how = &j->request->how;
    enum err_code code = model_speak(j->model, how->source_language, how->target_language, e);
    if (code)
        return code;
    tell_of_kept(j);
    code = make_with(j, e);
    if (code)
        return code;
    code = make_without(j, e);
    if (code)
        return code;
    align(j);
    fill_result(j);
    context_place_marks(j);
    code = compare(j, e);
    if (code)
        return code;
    choose(j);
    return context_close_book(j, e);
}
