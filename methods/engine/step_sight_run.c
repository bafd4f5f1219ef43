/* Another run of the model as a step function asks for it: made from the input, then checked, since
 * what comes back is anybody's. */
#include "methods/engine/step_sight_internal.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MORE_ROOM 4096

enum err_code step_sight_no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM,
                   "out of memory for what a step function looks at; attribute fewer steps");
}

void other_run_dispose(struct other_run *r) {
    free(r->source_ids);
    free(r->target_ids);
    free(r->source_from);
    free(r->target_from);
    free(r->rows);
    *r = (struct other_run){0};
}

static int64_t encode(const struct tinseq_step_texts *texts, int source, const char *text,
                      int32_t *ids, int64_t most) {
    struct token_list tokens = {0};
    struct err ignored = {0};
    if (!texts->tokenizer || !text ||
        tokenizer_encode(texts->tokenizer, source ? TEXT_SOURCE : TEXT_TARGET, text, strlen(text),
                         false, &tokens, &ignored) != ERR_OK) {
        token_list_dispose(&tokens);
        return -1;
    }
    const int64_t n = (int64_t)tokens.n;
    for (int64_t i = 0; i < n && i < most; i++)
        ids[i] = tokens.items[i].id;
    token_list_dispose(&tokens);
    return n;
}

/* The input itself. */
static void begin(struct tinseq_step_run *run, const struct method_input *in) {
    for (int64_t i = 0; i < run->most; i++) {
        run->source_ids[i] = i < in->n_source ? in->source_ids[i] : 0;
        run->target_ids[i] = i < in->n_target ? in->target_ids[i] : 0;
        run->source_from[i] = i < in->n_source ? i : -1;
        run->target_from[i] = i < in->n_target ? i : -1;
    }
    for (int64_t s = 0; s < in->end - in->start; s++)
        run->rows[s] = in->start + s - 1;
    run->n_source = in->n_source;
    run->n_target = in->end - 1;
}

/* Ids within the vocabulary, copies of what there is; where one is a copy, its id is the
 * original's. */
static enum err_code check_side(int32_t *ids, const int64_t *from, int64_t n,
                                const int32_t *original, int64_t n_original,
                                const struct method_input *in, const char *name, struct err *e) {
    for (int64_t i = 0; i < n; i++) {
        if (from[i] < -1 || from[i] >= n_original)
            return err_set(e, ERR_USAGE, "the other run of %s copies token %lld of %lld", name,
                           (long long)from[i], (long long)n_original);
        if (from[i] >= 0)
            ids[i] = original[from[i]];
        if (ids[i] < 0 || ids[i] >= in->config->n_vocab)
            return err_set(
                e, ERR_USAGE,
                "the other run of %s has token %d, which is outside the model's vocabulary", name,
                ids[i]);
    }
    return ERR_OK;
}

static enum err_code check(const struct tinseq_step_run *run, int32_t *source, int32_t *target,
                           const struct method_input *in, const char *name, struct err *e) {
    const bool two = in->config->encoder_decoder;
    if (run->n_target < 1 || run->n_target > run->most || run->n_source < two ||
        run->n_source > (two ? run->most : 0))
        return err_set(e, ERR_USAGE, "the other run of %s has %lld source and %lld target tokens",
                       name, (long long)run->n_source, (long long)run->n_target);
    enum err_code code = check_side(source, run->source_from, run->n_source, in->source_ids,
                                    in->n_source, in, name, e);
    if (code)
        return code;
    code = check_side(target, run->target_from, run->n_target, in->target_ids, in->n_target, in,
                      name, e);
    if (code)
        return code;
    for (int64_t s = 0; s < in->end - in->start; s++) {
        if (run->rows[s] < 0 || run->rows[s] >= run->n_target)
            return err_set(e, ERR_USAGE,
                           "step %lld looks at row %lld of the other run of %s, which has %lld",
                           (long long)s, (long long)run->rows[s], name, (long long)run->n_target);
        for (int64_t i = 0; i <= run->rows[s]; i++)
            if (run->target_from[i] >= in->start + s)
                return err_set(e, ERR_USAGE,
                               "step %lld of the other run of %s comes after a copy of token %lld, "
                               "which the step cannot know",
                               (long long)s, name, (long long)run->target_from[i]);
    }
    return code;
}

enum err_code other_run_make(struct other_run *out, const struct method_input *in,
                             const struct step_request *r, struct err *e) {
    const int64_t most = (in->n_source > in->n_target ? in->n_source : in->n_target) + MORE_ROOM;
    const char *name = r->function->decl.id;
    *out = (struct other_run){.source_ids = mem_alloc((size_t)most * sizeof *out->source_ids),
                              .target_ids = mem_alloc((size_t)most * sizeof *out->target_ids),
                              .source_from = mem_alloc((size_t)most * sizeof *out->source_from),
                              .target_from = mem_alloc((size_t)most * sizeof *out->target_from),
                              .rows = mem_alloc((size_t)(in->end - in->start) * sizeof *out->rows)};
    struct tinseq_step_texts texts = {.source_ids = in->source_ids,
                                      .n_source = in->n_source,
                                      .target_ids = in->target_ids,
                                      .n_target = in->n_target,
                                      .start = in->start,
                                      .n_steps = in->end - in->start,
                                      .contrast_ids = in->contrast_ids,
                                      .n_contrast = in->n_contrast,
                                      .alignment = in->alignment,
                                      .contrast_source_ids = in->contrast_source_ids,
                                      .n_contrast_source = in->n_contrast_source,
                                      .n_vocab = in->config->n_vocab,
                                      .encode = encode,
                                      .tokenizer = in->tokenizer};
    /* Arrays of its own pointers: a function that replaces them replaces nothing. */
    struct tinseq_step_run run = {.source_ids = out->source_ids,
                                  .target_ids = out->target_ids,
                                  .source_from = out->source_from,
                                  .target_from = out->target_from,
                                  .most = most,
                                  .rows = out->rows};
    begin(&run, in);
    const char *wrong = r->function->run(r->function, &r->options, &texts, &run);
    struct tinseq_step_run made = {.source_from = out->source_from,
                                   .target_from = out->target_from,
                                   .n_source = run.n_source,
                                   .n_target = run.n_target,
                                   .most = most,
                                   .rows = out->rows};
    enum err_code code = wrong ? err_set(e, ERR_USAGE, "%s: %.300s", name, wrong)
                               : check(&made, out->source_ids, out->target_ids, in, name, e);
    out->n_source = run.n_source;
    out->n_target = run.n_target;
    if (code)
        other_run_dispose(out);
    return code;
}

int64_t other_run_rows(const struct other_run *r, const struct method_input *in, int64_t n_target) {
    int64_t n = 0;
    for (int64_t s = 0; s < in->end - in->start && in->start + s <= n_target; s++)
        n = r->rows[s] + 1 > n ? r->rows[s] + 1 : n;
    return n;
}
