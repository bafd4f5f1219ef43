/*
 * From request to result. The order of Inseq 0.7.1 (models/attribution_model.py: attribute):
 * encode, generate, decode, encode the whole text again, so that attributed tokens are those of the
 * text; then positions, contrast, method.
 */
#include "methods/request/attribute.h"

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/generate.h"
#include "methods/engine/together.h"
#include "methods/request/attribute_info.h"
#include "methods/request/attribute_job.h"
#include "methods/request/foil_resolve.h"
#include "methods/request/own_ids.h"
#include "methods/request/positions.h"
#include "methods/result/steps_split.h"

#include <math.h>
#include <stdlib.h>

static enum err_code check_ids(const struct step_function *f, int64_t n_vocab, struct err *e) {
    return f->n_vocab <= n_vocab
               ? ERR_OK
               : err_set(e, ERR_USAGE,
                         "%s names token #%lld, the model's vocabulary has %lld: #0 to #%lld",
                         f->decl.id, (long long)f->n_vocab - 1, (long long)n_vocab,
                         (long long)n_vocab - 1);
}

/* Whether the model has every token that a formula names by its id. */
static enum err_code check_vocabulary(const struct run_arguments *a, int64_t n_vocab,
                                      struct err *e) {
    enum err_code code = check_ids(a->target.function, n_vocab, e);
    for (size_t i = 0; i < a->n_scores && !code; i++)
        code = check_ids(a->scores[i].function, n_vocab, e);
    return code;
}

/* What can be said before anything is encoded. */
static enum err_code begin(struct attribute_job *j, struct err *e) {
    const struct run_arguments *a = &j->arguments;
    if (job_has_span(j) && j->use)
        return err_set(e, ERR_USAGE, "faithfulness is measured step by step: leave the span out");
    if (foil_count(&j->request->foil) > 1 && j->use)
        return err_set(e, ERR_USAGE,
                       "faithfulness is measured against one foil: explain each by itself");
    enum err_code code = check_vocabulary(a, j->config->n_vocab, e);
    if (code)
        return code;
    if (!j->known)
        run_arguments_tell_of_contrast(&j->arguments, j->request);
    for (size_t i = 0; i < a->n_notices; i++)
        job_tell(j, NULL, a->notices[i]);
    if (j->request->attribute_target && !j->config->encoder_decoder)
        job_tell(j, &j->arguments,
                 "attribute_target is meant for encoder-decoder models; a decoder-only model "
                 "always attributes its own text.");
    if (j->request->from_target_prefix && !j->config->encoder_decoder)
        job_tell(
            j, &j->arguments,
            "generate_from_target_prefix is meant for encoder-decoder models, and ignored, as "
            "in Inseq: the whole text is given. A decoder-only model goes on from its prompt.");
    if (!run_arguments_contrast(a) || foil_given(&j->request->foil))
        return ERR_OK;
    return aligner_find(&j->aligner, &a->contrast_alignment, e);
}

/* The whole text's tokens: as the model wrote them, or as the text is encoded. */
static enum err_code take_target(struct attribute_job *j, struct err *e) {
    if (j->arguments.own_ids && j->written.n) {
        token_list_append(&j->target, &j->written);
        return ERR_OK;
    }
    enum err_code code = job_encode_target(j, j->text, &j->target, e);
    if (code || !j->written.n)
        return code;
    char *notice = own_ids_notice(&j->written, &j->target, j->n_prompt);
    if (notice)
        job_tell(j, &j->arguments, notice);
    free(notice);
    return ERR_OK;
}

/* The input's tokens and the whole text's. */
static enum err_code encode(struct attribute_job *j, struct err *e) {
    if (j->given) {
        job_take_given(j);
        return ERR_OK;
    }
    enum err_code code = job_encode_input(j, e);
    if (code)
        return code;
    code = model_config_check_prompt(j->config, (int64_t)j->source.n, e);
    if (code)
        return code;
    code = job_is_forced(j) ? job_take_forced(j, e) : job_generate(j, e);
    if (code)
        return code;
    j->n_prompt = j->config->encoder_decoder ? 1 : (int64_t)j->source.n;
    code = take_target(j, e);
    if (code)
        return code;
    job_tell_of_unknown(j, j->config->encoder_decoder ? "the output" : "the text", &j->target);
    if (j->events && j->events->generated)
        j->events->generated(j->events->user, j->text, &j->target, j->n_prompt);
    return ERR_OK;
}

static void tell_of_length(struct attribute_job *j, const char *format, int64_t n, int64_t most) {
    char *text = mem_format(format, (long long)n, (long long)most);
    job_tell(j, &j->arguments, text);
    free(text);
}

/* Columns up to `end` read end − 1 tokens. Rotations go on beyond the positions that a model was
 * made for; tables do not. The model's own text, which stopped there, can be longer when it is
 * encoded again. */
static enum err_code check_length(struct attribute_job *j, int64_t start, int64_t *end,
                                  struct err *e) {
    const bool own = !job_is_forced(j) && !j->given;
    const int64_t longest = model_config_longest(j->config), n = (int64_t)j->target.n,
                  n_positions = j->config->n_positions;
    if (longest && *end - 1 > longest && start <= longest && own) {
        *end = longest + 1;
        tell_of_length(j,
                       "The text has %lld tokens when it is encoded again, more than this model "
                       "runs on: what follows the first %lld is not attributed.",
                       n, *end);
    }
    enum err_code code = model_config_check_text(j->config, *end - 1, e);
    if (!code && n_positions && *end - 1 > n_positions && !model_config_reaches_further(j->config))
        tell_of_length(j,
                       "The text has %lld tokens and this model was made for %lld: beyond them it "
                       "runs, as in Transformers, on positions that it never learnt.",
                       n, n_positions);
    return code;
}

/* Which tokens are attributed, and what each is held against. */
static enum err_code place(struct attribute_job *j, int64_t *start, int64_t *end, struct err *e) {
    enum err_code code = job_positions(j, (int64_t)j->target.n, j->n_prompt, start, end, e);
    if (code)
        return code;
    code = check_length(j, *start, end, e);
    if (code)
        return code;
    code = job_align(j, *start, *end, e);
    if (code)
        return code;
    job_tell_of_positions(j, *start, *end);
    return ERR_OK;
}

static double *unknown(int64_t n) {
    double *list = mem_alloc((size_t)n * sizeof *list);
    for (int64_t i = 0; i < n; i++)
        list[i] = NAN;
    return list;
}

static void tell_of_forced(struct attribute_job *j, int64_t start, int64_t end) {
    char *unlikely = NULL;
    if (j->log_probabilities)
        unlikely = forced_notice(&j->target, start, end - start, j->log_probabilities);
    if (unlikely)
        job_tell(j, &j->arguments, unlikely);
    free(unlikely);
}

/* Of a run that was cancelled, the columns that are there; a span is one column when all is done.
 */
static bool keep_finished(struct attribute_job *j, struct attribution_sequence *s) {
    struct err damage;
    if (j->use || job_has_span(j) || !s->done || !s->n_done || model_whole(j->model, &damage))
        return false;
    attribution_void_unfinished(s);
    j->info.cut_short = optional_of(true);
    return true;
}

static enum err_code attribute(struct attribute_job *j, struct attribution **out, int64_t start,
                               int64_t end, struct err *e) {
    const double begun = clock_seconds();
    struct attribution *a = attribution_new(1);
    if (job_is_forced(j) && !j->use && job_columns(j, start, end) == end - start)
        j->log_probabilities = unknown(end - start);
    enum err_code code = job_attribute(j, start, end, &a->sequences[0], e);
    if (!code)
        code = model_whole(j->model, e);
    if (j->use || (code && (code != ERR_CANCELLED || !keep_finished(j, &a->sequences[0]))))
        goto out;
    if (j->request->step_attributions && !attribution_split_steps(a)) {
        code = err_set(e, ERR_NOMEM, "no memory for step attributions");
        goto out;
    }
    tell_of_forced(j, start, end);
    attribute_info_finish(&j->info, &j->arguments, &a->sequences[0], clock_seconds() - begun);
    a->info = j->info;
    j->info = (struct result_info){0}; /* it now belongs to the result */
    *out = a;
    a = NULL;
out:
    attribution_release(a);
    return code;
}

static enum err_code run(struct attribute_job *j, struct attribution **out, struct err *e) {
    int64_t start = 0, end = 0;
    enum err_code code = run_arguments_init(&j->arguments, j->request, e);
    if (code)
        return code;
    code = model_speak(j->model, j->request->source_language, j->request->target_language, e);
    if (code)
        goto out;
    code = begin(j, e);
    if (code)
        goto out;
    model_watch(j->model, j->ctl);
    code = encode(j, e);
    if (code)
        goto out;
    code = place(j, &start, &end, e);
    if (code)
        goto out;
    code = job_clean(j, e);
    if (code)
        goto out;
    code = attribute(j, out, start, end, e);
out:
    model_watch(j->model, NULL);
    job_dispose(j);
    return code;
}

enum err_code attribute_run(struct attribution **out, struct model *m,
                            const struct attribute_request *request,
                            const struct attribute_events *events, const struct run_ctl *ctl,
                            struct err *e) {
    struct attribute_job j = {.model = m,
                              .config = model_config(m),
                              .tokenizer = model_tokenizer(m),
                              .request = request,
                              .events = events,
                              .ctl = ctl};
    *out = NULL;
    return run(&j, out, e);
}

/* --- several --- */

#define TOGETHER_BYTES ((int64_t)256 << 20) /* that their forward keeps */

struct several {
    struct attribute_row *rows;
    size_t n;
    struct model *model;
    const struct attribute_events *events;
    const struct run_ctl *ctl;
};

static void run_row(void *user, size_t i, struct model *computes) {
    const struct several *s = user;
    struct attribute_row *row = &s->rows[i];
    struct attribute_job j = {.model = s->model,
                              .computes = computes,
                              .n_together = (int64_t)s->n,
                              .config = model_config(s->model),
                              .tokenizer = model_tokenizer(s->model),
                              .request = row->request,
                              .events = s->events,
                              .ctl = s->ctl};
    row->out = NULL;
    row->code = run(&j, &row->out, &row->error);
}

void attribute_run_together(struct attribute_row *rows, size_t n, struct model *m,
                            const struct attribute_events *events, const struct run_ctl *ctl) {
    struct several s = {rows, n, m, events, ctl};
    if (n == 1)
        run_row(&s, 0, m);
    else
        together_run(m, model_config(m), TOGETHER_BYTES, n, run_row, &s);
}

enum err_code attribute_run_text(struct attribution **out, struct model *m,
                                 const struct attribute_request *request,
                                 const struct attribute_text *text,
                                 const struct attribute_events *events, const struct run_ctl *ctl,
                                 struct err *e) {
    struct attribute_job j = {.model = m,
                              .config = model_config(m),
                              .tokenizer = model_tokenizer(m),
                              .request = request,
                              .given = text->tokens,
                              .known = text,
                              .events = events,
                              .ctl = ctl};
    *out = NULL;
    return run(&j, out, e);
}

enum err_code attribute_prepare(struct model *m, const struct attribute_request *request,
                                const struct attribution_sequence *given, attribute_use use,
                                void *user, const struct run_ctl *ctl, struct err *e) {
    struct attribute_job j = {.model = m,
                              .config = model_config(m),
                              .tokenizer = model_tokenizer(m),
                              .request = request,
                              .given = given,
                              .ctl = ctl,
                              .use = use,
                              .use_user = user};
    struct attribution *none;
    return run(&j, &none, e);
}

enum err_code attribute_check(const struct attribute_request *r, struct err *e) {
    const char *kwargs = r->generation_kwargs;
    struct run_arguments a;
    struct generation_config config = {0};
    struct aligner aligner = {0};
    enum err_code code = run_arguments_init(&a, r, e);
    if (code)
        return code;
    if (run_arguments_contrast(&a) && !foil_given(&r->foil)) /* an encoder may be missing */
        code = aligner_find(&aligner, &a.contrast_alignment, e);
    if (code)
        goto out;
    code = generation_config_apply(&config, kwargs && *kwargs ? kwargs : NULL, e);
out:
    aligner_dispose(&aligner);
    run_arguments_dispose(&a);
    return code;
}
