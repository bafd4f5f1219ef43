/* From saved results to what is evaluated: the request that would make them again, with the file's
 * own tokens and positions. */
#include "methods/evaluation/faithfulness.h"

#include "backend/base/mem.h"
#include "backend/model.h"
#include "backend/tokenizer.h"
#include "methods/declare/declare.h"
#include "methods/method.h"
#include "methods/registry.h"
#include "methods/request/attribute.h"
#include "methods/request/request_result.h"

#include <stdlib.h>
#include <string.h>

struct evaluation {
    struct faithfulness *f;
    const struct attribution *const *results;
    size_t n, i_sequence, i_method;
    const struct faithfulness_spec *spec;
    const struct faithfulness_reducer *reducer;
    const struct faithfulness_events *events;
    bool noise;                          /* this pass runs the method; else the curves */
    struct attribution_sequence *scores; /* [n] per token */
};

/* --- the request of a result ------------------------------------------------------------- */

static const struct attribution *result_of(const struct evaluation *v) {
    return v->results[v->i_method];
}

/* Only what is attributed matters, and the method only where it is to run. Owned by the caller. */
static struct attribute_request request_of(const struct evaluation *v) {
    struct attribution told = *result_of(v); /* refers to the result's own */
    told.info.step_scores = (struct info_texts){0};
    told.info.score_args = (struct info_arguments){0};
    told.info.context = (struct info_texts){0}; /* of what it kept, the whole text is evaluated */
    if (!v->noise)
        told.info.method_args = (struct info_arguments){0};
    struct attribute_request r = request_of_result(&told, v->i_sequence);
    if (!v->noise) {
        free((char *)r.method);
        r.method = mem_text("dummy");
    }
    r.memory_budget = v->spec->memory_budget;
    return r;
}

static enum err_code check_info(const struct result_info *info, struct err *e) {
    if (span_given(&info->span))
        return err_set(e, ERR_USAGE,
                       "this result's column is a span of several tokens, and faithfulness is "
                       "measured step by step: evaluate a run of single steps");
    const struct step_function_decl *f =
        info->function.id ? step_function_decl_find(info->function.id) : NULL;
    if (info->context.items && f && f->contrastive)
        return err_set(e, ERR_UNSUPPORTED,
                       "this result's %s is held against a run without the context, which nothing "
                       "here runs again: evaluate one of a function without a contrast",
                       f->id);
    if (!info->function.id || !info->method)
        return err_set(e, ERR_FORMAT,
                       "the result does not say what it was made of (info: attribution_method, "
                       "attributed_fn)");
    return ERR_OK;
}

/* --- the file's own tokens --------------------------------------------------------------- */

static enum err_code other_model(const struct token *t, size_t i, const char *side, const char *own,
                                 struct err *e) {
    return err_set(e, ERR_FORMAT,
                   "%s token %zu of the result, \"%.40s\", %s%.40s: is it the model that made it?",
                   side, i, t->printable, own ? "is to this model " : "is none of this model's",
                   own ? own : "");
}

/* A token named after a contrast, "foil → token", has no id in a file, but its piece has. */
static int32_t id_of(const struct token *t, const struct tokenizer *tokenizer) {
    const char *piece = t->piece, *arrow;
    while (t->id < 0 && (arrow = strstr(piece, " → ")))
        piece = arrow + strlen(" → ");
    return t->id < 0 ? tokenizer_piece_id(tokenizer, piece) : t->id;
}

/* Gives every token its id, and sees that the model knows it by the same piece. What a vocabulary
 * lacks has a name of its own. */
static enum err_code check_token(struct token *t, size_t i, const struct model *m,
                                 enum text_side side, struct err *e) {
    const struct model_config *c = model_config(m);
    const char *name = side == TEXT_SOURCE ? "source" : "target";
    const int64_t n_vocab =
        model_config_vocab(c, side == TEXT_SOURCE ? STACK_ENCODER : STACK_DECODER);
    const bool named = t->id >= 0;
    struct token_list known = {0};
    t->id = id_of(t, tokenizer_of_side(model_tokenizer(m), side));
    if (t->id < 0 || t->id >= n_vocab)
        return other_model(t, i, name, NULL, e);
    enum err_code code = tokenizer_token(model_tokenizer(m), side, t->id, &known, e);
    if (!code && named && t->id != c->unk_token_id && strcmp(known.items[0].piece, t->piece) != 0)
        code = other_model(t, i, name, known.items[0].printable, e);
    token_list_dispose(&known);
    return code;
}

static enum err_code check_tokens(struct token_list *tokens, const struct model *m,
                                  enum text_side side, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < tokens->n && !code; i++)
        code = check_token(&tokens->items[i], i, m, side, e);
    return code;
}

/* The sequence's tokens and positions, without scores; to be disposed also on failure. */
static enum err_code own_tokens(struct attribution_sequence *out, const struct evaluation *v,
                                const struct model *m, struct err *e) {
    const struct attribution_sequence *s = &result_of(v)->sequences[v->i_sequence];
    *out = (struct attribution_sequence){.attr_pos_start = s->attr_pos_start,
                                         .attr_pos_end = s->attr_pos_end};
    token_list_append(&out->target, &s->target);
    token_list_append(&out->source, &s->source);
    enum err_code code = check_tokens(&out->target, m, TEXT_TARGET, e);
    if (code || !model_config(m)->encoder_decoder)
        return code;
    if (!out->source.n)
        return err_set(e, ERR_FORMAT,
                       "the result has no source tokens: is it the model that made "
                       "it?");
    return check_tokens(&out->source, m, TEXT_SOURCE, e);
}

/* A file of several texts says the first one's foil; each is in its own column's name. */
static void take_foil(struct attribute_request *r, const struct attribution_sequence *s,
                      const struct tokenizer *tokenizer) {
    const struct token *t = &s->target.items[s->attr_pos_start];
    const char *arrow = strstr(t->piece, " → ");
    char *piece = arrow ? mem_text_n(t->piece, (size_t)(arrow - t->piece)) : mem_text(t->piece);
    const int32_t id = tokenizer_piece_id(tokenizer_of_side(tokenizer, TEXT_TARGET), piece);
    if (foil_given(&r->foil) && id >= 0)
        r->foil.id = id;
    free(piece);
}

static enum err_code use(void *user, const struct attribution_sequence *tokens,
                         const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    struct evaluation *v = user;
    if (!v->noise)
        return faithfulness_curves(v->f, in, v->scores, v->events, ctl, e);
    return faithfulness_noise(v->f, v->i_method, method_find(result_of(v)->info.method), in, tokens,
                              v->reducer, ctl, e);
}

/* --- all of it --------------------------------------------------------------------------- */

/* What all results must share. */
static enum err_code check_same(const struct attribution_sequence *a,
                                const struct attribution_sequence *b, struct err *e) {
    bool same = a->attr_pos_start == b->attr_pos_start && a->attr_pos_end == b->attr_pos_end &&
                a->target.n == b->target.n && a->source.n == b->source.n;
    for (size_t i = 0; same && i < a->target.n; i++)
        same = a->target.items[i].id == b->target.items[i].id || a->target.items[i].id < 0 ||
               b->target.items[i].id < 0;
    for (size_t i = 0; same && i < a->source.n; i++)
        same = a->source.items[i].id == b->source.items[i].id || a->source.items[i].id < 0 ||
               b->source.items[i].id < 0;
    return same ? ERR_OK
                : err_set(e, ERR_USAGE,
                          "the results are of other texts or positions: only methods on the same "
                          "text can be compared");
}

static enum err_code check_whole(const struct attribution *a, size_t i, struct err *e) {
    const int64_t n = attribution_left_out(a, i);
    if (!n)
        return ERR_OK;
    return err_set(e, ERR_FORMAT,
                   "%lld of the prompt's tokens, which equal the padding token, are missing from "
                   "this file of Inseq's, so the model's input is not known: attribute the text "
                   "again",
                   (long long)n);
}

static enum err_code check_scores(const struct attribution_sequence *raw,
                                  const struct attribution_sequence *s, const char *method,
                                  struct err *e) {
    int64_t steps = attribution_steps(raw);
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    bool any = false, fits = steps > 0 && raw->attr_pos_start >= 1 &&
                             raw->attr_pos_end <= (int64_t)raw->target.n;
    for (int side = 0; side < 2; side++) {
        any |= sides[side]->data != NULL;
        fits &= !sides[side]->data || (sides[side]->n_dims == 2 && sides[side]->dims[1] == steps);
    }
    if (!any)
        return err_set(e, ERR_USAGE, "%s has no scores to evaluate", method);
    return fits ? ERR_OK
                : err_set(e, ERR_FORMAT, "%s has scores that do not belong to its positions",
                          method);
}

/* Columns that a result was cut short of cannot be evaluated. ERR_USAGE: there is no other. */
static enum err_code choose_columns(struct evaluation *v, struct err *e) {
    bool any = false;
    for (int64_t g = 0; g < v->f->n_columns; g++) {
        for (size_t i = 0; i < v->n; i++)
            v->f->wanted[g] &= attribution_done(&v->results[i]->sequences[v->i_sequence], g);
        any |= v->f->wanted[g];
    }
    if (any)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "no column is finished in %s: there is nothing to evaluate",
                   v->n == 1 ? "the result" : "all results");
}

static enum err_code pass(struct evaluation *v, struct model *m, size_t i, bool noise,
                          const struct run_ctl *ctl, struct err *e) {
    struct attribution_sequence tokens = {0};
    v->i_method = i;
    v->noise = noise;
    struct attribute_request request = request_of(v);
    enum err_code code = check_info(&result_of(v)->info, e);
    if (code)
        goto out;
    code = own_tokens(&tokens, v, m, e);
    if (code)
        goto out;
    take_foil(&request, &result_of(v)->sequences[v->i_sequence], model_tokenizer(m));
    code = attribute_prepare(m, &request, &tokens, use, v, ctl, e);
out:
    attribution_sequence_dispose(&tokens);
    request_dispose(&request);
    return code;
}

static enum err_code open_evaluation(struct evaluation *v, struct err *e) {
    const char **names = mem_alloc(v->n * sizeof *names);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < v->n; i++) {
        if (v->i_sequence >= v->results[i]->n_sequences) {
            code =
                err_set(e, ERR_USAGE, "result %zu has no sequence %zu", i + 1, v->i_sequence + 1);
            goto out;
        }
        const struct attribution_sequence *s = &v->results[i]->sequences[v->i_sequence];
        names[i] = v->results[i]->info.method ? v->results[i]->info.method : "unknown";
        code = check_same(&v->results[0]->sequences[v->i_sequence], s, e);
        if (code)
            goto out;
        code = check_whole(v->results[i], v->i_sequence, e);
        if (code)
            goto out;
        code = v->reducer->reduce(v->reducer->user, &v->scores[i], s, e);
        if (code)
            goto out;
        code = check_scores(s, &v->scores[i], names[i], e);
        if (code)
            goto out;
    }
    v->f = faithfulness_new(v->spec, names, v->n,
                            attribution_steps(&v->results[0]->sequences[v->i_sequence]));
out:
    free(names);
    return code;
}

enum err_code faithfulness_run(struct faithfulness **out, struct model *m,
                               const struct attribution *const *results, size_t n, size_t i,
                               const struct faithfulness_spec *spec,
                               const struct faithfulness_reducer *reducer,
                               const struct faithfulness_events *events, const struct run_ctl *ctl,
                               struct err *e) {
    struct evaluation v = {.results = results,
                           .n = n,
                           .i_sequence = i,
                           .spec = spec,
                           .reducer = reducer,
                           .events = events};
    *out = NULL;
    if (n == 0)
        return err_set(e, ERR_USAGE, "there is no result to evaluate");
    v.scores = mem_alloc(n * sizeof *v.scores);
    enum err_code code = open_evaluation(&v, e);
    if (code)
        goto out;
    code = choose_columns(&v, e);
    if (code)
        goto out;
    faithfulness_agree(v.f, v.scores);
    code = pass(&v, m, 0, false, ctl, e);
    if (code)
        goto out;
    for (size_t k = 0; k < n && spec->n_noise > 0; k++) {
        code = pass(&v, m, k, true, ctl, e);
        if (code)
            goto out;
    }
out:
    if (v.f)
        faithfulness_average(v.f);
    for (size_t k = 0; k < n; k++)
        attribution_sequence_dispose(&v.scores[k]);
    free(v.scores);
    *out = v.f;
    return code;
}
