#include "methods/context/context.h"

#include "backend/base/mem.h"
#include "methods/context/context_job.h"
#include "methods/step_functions/registry.h"

#include <stdlib.h>
#include <string.h>

void context_result_free(struct context_result *r) {
    if (!r)
        return;
    attribution_release(r->attribution);
    token_list_dispose(&r->current);
    for (size_t i = 0; i < r->n_cues; i++) {
        free(r->cues[i].foil);
        free(r->cues[i].foil_shown);
        free(r->cues[i].otherwise);
        free(r->cues[i].contextual_output);
        free(r->cues[i].contextless_output);
    }
    free(r->cues);
    closed_book_dispose(&r->closed_book);
    free(r->documents);
    free(r->marks);
    free(r->scores);
    free(r->metric);
    free(r->input_context);
    free(r->output_context);
    free(r->output_current);
    free(r);
}

/* --- what is asked for -------------------------------------------------------------------- */

static enum err_code read_strategy(enum context_strategy *out, const char *word, struct err *e) {
    static const char *const names[] = {
        [CONTEXT_MANUAL] = "manual", [CONTEXT_AUTO] = "auto", [CONTEXT_PRE] = "pre"};
    *out = CONTEXT_MANUAL;
    for (size_t i = 0; word && i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i]) == 0) {
            *out = (enum context_strategy)i;
            return ERR_OK;
        }
    return word ? err_set(e, ERR_USAGE,
                          "unknown strategy \"%.40s\": --handle_output_context_strategy is manual, "
                          "auto or pre",
                          word)
                : ERR_OK;
}

enum err_code context_request_of(struct context_request *out, const struct attribute_request *r,
                                 struct err *e) {
    *out =
        (struct context_request){.input_current = r->input_text,
                                 .input_context = r->input_context,
                                 .input_template = r->input_template,
                                 .output_current = r->output_current,
                                 .output_context = r->output_context,
                                 .output_template = r->output_template,
                                 .contextless_input = r->contextless_input,
                                 .contextless_output = r->contextless_output,
                                 .separator = r->separator,
                                 .keep = r->keep_special,
                                 .foils = r->context_foils,
                                 .ask_foils = r->ask_foils,
                                 .metric = r->context_metric,
                                 .threshold = number_or(&r->context_threshold, CONTEXT_THRESHOLD),
                                 .most = r->context_most,
                                 .cue_threshold = number_or(&r->cue_threshold, CONTEXT_THRESHOLD),
                                 .cue_most = r->cue_most,
                                 .closed_book = r->closed_book,
                                 .how = *r};
    return read_strategy(&out->strategy, r->context_strategy, e);
}

static enum err_code check_metric(const char *name, struct err *e) {
    const struct step_function *f = step_function_find(name);
    if (f && f->decl.contrastive)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "%.80s is no function that compares two runs: kl_divergence, pcxmi, "
                   "contrast_prob_diff and the like ('tinseq list step_functions')",
                   name);
}

static enum err_code check_template(const char *name, const char *template, bool with_context,
                                    struct err *e) {
    struct context_filled filled;
    enum err_code code = context_fill(&filled, name, template, "", with_context ? "" : NULL, e);
    free(filled.text);
    return code;
}

static enum err_code check_order(const char *template, struct err *e) {
    struct context_filled f;
    enum err_code code = context_fill(&f, "--output_template", template, "a", "a", e);
    if (!code && f.context.given && f.context.from > f.current.from)
        code = err_set(e, ERR_USAGE,
                       "--output_template: {context} is to stand before {current}: \"%.80s\"",
                       template);
    free(f.text);
    return code;
}

static enum err_code check_templates(const struct context_request *r, struct err *e) {
    const char *input = context_input_template(r), *output = context_output_template(r);
    const struct {
        const char *name, *template;
    } all[] = {{"--input_template", input},
               {"--output_template", output},
               {"--contextless_input_current_text", r->contextless_input},
               {"--contextless_output_current_text", r->contextless_output}};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && !code; i++)
        if (all[i].template)
            code = check_template(all[i].name, all[i].template, i < 2, e);
    if (code)
        return code;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].template && context_template_count(all[i].template, "{context}") > 1)
            return err_set(e, ERR_USAGE, "%s has {context} twice: \"%.100s\"", all[i].name,
                           all[i].template);
    for (size_t i = 1; i < sizeof all / sizeof *all; i += 2)
        if (all[i].template && context_template_count(all[i].template, "{current}") > 1)
            return err_set(e, ERR_USAGE, "%s has {current} twice: \"%.100s\"", all[i].name,
                           all[i].template);
    return check_order(output, e);
}

static enum err_code check_contexts(const struct context_request *r, struct err *e) {
    const bool input = context_template_has(context_input_template(r), "{context}"),
               output = context_template_has(context_output_template(r), "{context}");
    if (!r->input_current || !*r->input_current)
        return err_set(e, ERR_USAGE, "--input_current_text must have some text");
    if (r->input_context && !*r->input_context)
        return err_set(e, ERR_USAGE, "--input_context_text is empty: leave it out, or give a text");
    if (r->output_context && !*r->output_context)
        return err_set(e, ERR_USAGE,
                       "--output_context_text is empty: leave it out, or give a text");
    if (r->output_current && !*r->output_current)
        return err_set(e, ERR_USAGE,
                       "--output_current_text is empty: leave it out for the model's own");
    if (input && !r->input_context)
        return err_set(e, ERR_USAGE,
                       "--input_template has {context}: give it with --input_context_text");
    if (r->input_context && !input)
        return err_set(e, ERR_USAGE,
                       "--input_template has no {context}: leave --input_context_text out");
    if (r->output_context && !output)
        return err_set(e, ERR_USAGE,
                       "--output_template has no {context}: leave --output_context_text out");
    if (output && !r->output_context && r->strategy == CONTEXT_PRE)
        return err_set(e, ERR_USAGE,
                       "--output_template has {context}, and --handle_output_context_strategy is "
                       "pre: give it with --output_context_text");
    if (!input && !output)
        return err_set(e, ERR_USAGE,
                       "no context: give --input_context_text or --output_context_text");
    return ERR_OK;
}

enum err_code context_check(const struct context_request *r, struct err *e) {
    struct attribute_request how = r->how;
    enum err_code code = check_templates(r, e);
    if (code)
        return code;
    code = check_contexts(r, e);
    if (code)
        return code;
    code = check_metric(context_metric(r), e);
    if (code)
        return code;
    if (r->foils.n && r->ask_foils)
        return err_set(e, ERR_USAGE,
                       "give either --contextless_output_next_tokens or "
                       "--prompt_user_for_contextless_output_next_tokens");
    how.input_text = r->input_current;
    /* What it is compared with is found here. */
    how.contrast_force_inputs |= context_compares_all(r);
    return attribute_check(&how, e);
}

enum err_code context_run(struct context_result **out, struct model *m,
                          const struct context_request *r, const struct context_events *events,
                          const struct run_ctl *ctl, struct err *e) {
    struct context_job j = {.model = m, .request = r, .events = events, .ctl = ctl};
    *out = NULL;
    enum err_code code = context_check(r, e);
    if (code)
        return code;
    j.result = mem_alloc(sizeof *j.result);
    code = context_find_sensitive(&j, e);
    if (code)
        goto out;
    code = context_find_foils(&j, e);
    if (code)
        goto out;
    code = context_attribute(&j, e);
    if (code)
        goto out;
    *out = j.result;
    j.result = NULL;
out:
    context_result_free(j.result);
    attribution_release(j.compared);
    context_outputs_dispose(&j.outputs);
    context_side_dispose(&j.with);
    context_side_dispose(&j.without);
    return code;
}
