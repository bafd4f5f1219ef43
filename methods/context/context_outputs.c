/* The output's context and current text: given, or written by the model and parted. As
 * prepare_outputs of Inseq 0.7.1's attribute_context_helpers.py, but that no lone separator stands
 * before what a language model writes. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"
#include "backend/generate.h"

#include <stdlib.h>
#include <string.h>

void context_outputs_dispose(struct context_outputs *o) {
    free(o->context);
    free(o->current);
    free(o->between);
    free(o->taken.items);
    *o = (struct context_outputs){0};
}

char *context_stripped(const char *text) {
    text += strspn(text, CONTEXT_BLANKS);
    size_t n = strlen(text);
    while (n && strchr(CONTEXT_BLANKS, text[n - 1]))
        n--;
    return mem_text_n(text, n);
}

/* --- what the model writes --------------------------------------------------------------- */

/* Who watches a text being written. */
struct writing {
    struct model *model;
    const struct context_request *request;
    const struct context_events *events;
};

static enum err_code on_token(void *user, const int32_t *ids, int64_t n, int64_t n_prompt,
                              struct err *e) {
    const struct writing *w = user;
    struct token_list tokens = {0};
    char *text = NULL;
    enum err_code code = context_decode(&text, w->model, w->request, ids, (size_t)n, e);
    for (int64_t i = 0; i < n && !code; i++)
        code = tokenizer_token(model_tokenizer(w->model), TEXT_TARGET, ids[i], &tokens, e);
    if (!code)
        w->events->base.generated(w->events->base.user, text, &tokens, n_prompt);
    token_list_dispose(&tokens);
    free(text);
    return code;
}

static enum err_code generate_ids(struct generation *g, struct model *m,
                                  const struct context_request *r,
                                  const struct context_events *events,
                                  const struct token_list *input, const struct token_list *prefix,
                                  const struct run_ctl *ctl, struct err *e) {
    const char *kwargs = r->how.generation_kwargs;
    struct writing writing = {m, r, events};
    const struct generate_events told = {&writing, on_token};
    const bool watched = events && events->base.generated;
    struct generation_config config = model_config(m)->generation;
    int32_t *ids = token_list_ids(input), *begun = token_list_ids(prefix);
    enum err_code code = generation_config_apply(&config, kwargs && *kwargs ? kwargs : NULL, e);
    if (!code)
        code = generate(g, m, ids, (int64_t)input->n, prefix->n ? begun : NULL, (int64_t)prefix->n,
                        &config, watched ? &told : NULL, ctl, e);
    free(ids);
    free(begun);
    return code;
}

enum err_code context_write_on(char **out, struct model *m, const struct context_request *r,
                               const struct context_events *events, const char *input,
                               const char *begun, const struct run_ctl *ctl, struct err *e) {
    const bool two = model_config(m)->encoder_decoder;
    struct token_list tokens = {0}, prefix = {0};
    struct generation g = {0};
    char *whole = NULL, *known = NULL;
    *out = NULL;
    char *prompt = two || !*begun
                       ? mem_text(input)
                       : mem_format("%s%s%s", input, context_between(r, input, begun), begun);
    enum err_code code =
        context_encode(&tokens, m, r, events, two ? TEXT_SOURCE : TEXT_TARGET, prompt, e);
    if (code)
        goto out;
    if (two && *begun)
        code = tokenizer_encode(model_tokenizer(m), TEXT_TARGET, begun, strlen(begun), false,
                                &prefix, e);
    if (code)
        goto out;
    code = generate_ids(&g, m, r, events, &tokens, &prefix, ctl, e);
    if (code)
        goto out;
    code = context_decode(&whole, m, r, g.ids, (size_t)g.n, e);
    if (code)
        goto out;
    code = context_decode(&known, m, r, g.ids, (size_t)g.n_prompt, e);
    if (code)
        goto out;
    const size_t n = strlen(known);
    *out = mem_text(strncmp(whole, known, n) == 0 ? whole + n : whole);
    if (two && !*begun)
        mem_replace(out, mem_text(whole));
out:
    generation_dispose(&g);
    token_list_dispose(&tokens);
    token_list_dispose(&prefix);
    free(prompt);
    free(whole);
    free(known);
    return code;
}

/* --- the whole --------------------------------------------------------------------------- */

/* Takes what the template has before and behind the current text (or the context) away. */
static enum err_code take_frame(char **text, const char *template, const char *before,
                                const char *behind, struct err *e) {
    const size_t n = strlen(*text), m = strlen(behind), k = strlen(before);
    if (k && strncmp(*text, before, k) != 0)
        return err_set(e, ERR_USAGE,
                       "the output template \"%.80s\" begins with \"%.40s\", but the model wrote "
                       "\"%.80s\": mend the template, or give the output",
                       template, before, *text);
    if (m && (n < m + k || strcmp(*text + n - m, behind) != 0))
        return err_set(e, ERR_USAGE,
                       "the output template \"%.80s\" ends with \"%.40s\", but the model wrote "
                       "\"%.80s\": mend the template, or give the output",
                       template, behind, *text);
    mem_replace(text, mem_text_n(*text + k, n - m - k));
    return ERR_OK;
}

/* Blanks that a language model begins with stand between input and output. */
static void take_blanks(struct context_outputs *out, char **written) {
    const size_t n = strspn(*written, CONTEXT_BLANKS);
    out->between = mem_text_n(*written, n);
    mem_replace(written, mem_text(*written + n));
}

static enum err_code write_output(struct context_outputs *out, struct model *m,
                                  const struct context_request *r,
                                  const struct context_events *events, const char *input,
                                  const struct run_ctl *ctl, struct err *e) {
    const char *template = context_output_template(r);
    const bool two = model_config(m)->encoder_decoder,
               asks = context_template_has(template, "{context}"),
               given = r->output_context != NULL, begun = asks && given;
    struct context_frame frame = context_frame_of(template);
    /* What stands before the model's own words where the context is given. */
    char *beginning = begun ? mem_format("%s%s%s", frame.before, r->output_context, frame.between)
                            : mem_text(""),
         *prefix = context_stripped(beginning), *text = NULL;
    enum err_code code = context_write_on(&text, m, r, events, input, prefix, ctl, e);
    if (code)
        goto out;
    if (!two && !begun)
        take_blanks(out, &text);
    else if (!two)
        out->between = mem_text(context_between(r, input, prefix));
    code = take_frame(&text, template, begun ? "" : frame.before, frame.behind, e);
    if (code)
        goto out;
    out->context = mem_text(r->output_context);
    if (asks && !given)
        code = context_part(&out->context, &text, m, r, events, ctl, e);
    if (code)
        goto out;
    out->current = context_stripped(text);
out:
    context_frame_dispose(&frame);
    free(beginning);
    free(prefix);
    free(text);
    return code;
}

enum err_code context_outputs_find(struct context_outputs *out, struct model *m,
                                   const struct context_request *r,
                                   const struct context_events *events, const char *input,
                                   const struct run_ctl *ctl, struct err *e) {
    const bool asks = context_template_has(context_output_template(r), "{context}"),
               given = r->output_context != NULL;
    enum err_code code = ERR_OK;
    *out = (struct context_outputs){0};
    if (r->output_current && asks == given) {
        out->context = mem_text(r->output_context);
        out->current = mem_text(r->output_current);
        return ERR_OK;
    }
    code = write_output(out, m, r, events, input, ctl, e);
    if (code)
        return code;
    if (r->output_current) {
        context_tell(events,
                     "The model wrote \"%.100s\", and the output that was given is explained "
                     "instead.",
                     out->current);
        mem_replace(&out->current, mem_text(r->output_current));
    }
    if (!*out->current)
        return err_set(e, ERR_USAGE,
                       "the model wrote no output%s: give one with --output_current_text",
                       asks ? " behind its context" : "");
    return ERR_OK;
}
