/* Someone cancels during any call that a method makes of the model: it stops before it has begun
 * more than one step of work. */
#include "backend/model_ops.h"
#include "methods/method.h"
#include "methods/registry.h"
#include "methods/request/attribute.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CALLS_AFTER 2 /* both attentions of a layer are read together */
#define PLACES 16          /* of a run at which it is cancelled, besides its first and last calls */

static atomic_bool cancel;
static int64_t n_calls, cancel_at, n_after, n_open;

/* work: more than reading out what is there already. */
static void tick(bool work) {
    n_after += work && atomic_load(&cancel);
    if (++n_calls == cancel_at)
        atomic_store(&cancel, true);
}

static struct forward *behind(const struct forward *f) {
    return ((const struct forward_head *)f)->behind;
}

/* A call of the model, counted. */
#define CALL(name, work, parameters, ...)                                                          \
    static enum err_code name parameters {                                                         \
        tick(work);                                                                                \
        return forward_##name(behind(f), __VA_ARGS__);                                             \
    }
#define COUNTED(name, parameters, ...) CALL(name, true, parameters, __VA_ARGS__)
#define READING(name, parameters, ...) CALL(name, false, parameters, __VA_ARGS__)
#define RUN const struct run_ctl *ctl, struct err *e
READING(logits,
        (struct forward * f, const struct position *at, int64_t n, float *out, struct err *e), at,
        n, out, e)
COUNTED(vjp, (struct forward * f, const struct vjp_request *r, RUN), r, ctl, e)
COUNTED(attentions,
        (struct forward * f, enum attention_kind kind, int64_t layer, int64_t first, int64_t n,
         float *out, struct err *e),
        kind, layer, first, n, out, e)
READING(hidden,
        (struct forward * f, enum model_stack stack, int64_t layer, float *out, struct err *e),
        stack, layer, out, e)
COUNTED(attention_parts,
        (struct forward * f, enum attention_kind kind, int64_t layer, struct attention_parts *out,
         struct err *e),
        kind, layer, out, e)
COUNTED(block_rest,
        (struct forward * f, enum attention_kind after, int64_t layer, const int64_t *rows,
         const float *sums, int64_t n, bool final_norm, float *out, struct err *e),
        after, layer, rows, sums, n, final_norm, out, e)
COUNTED(share_rest,
        (struct forward * f, enum model_stack stack, int64_t layer, int64_t row, const float *sum,
         const float *shares, int64_t n, bool whole, float *out, struct err *e),
        stack, layer, row, sum, shares, n, whole, out, e)
COUNTED(rest_terms,
        (struct forward * f, enum model_stack stack, int64_t layer, const int64_t *rows,
         const float *sums, int64_t n, float *a, float *b, float *out, struct err *e),
        stack, layer, rows, sums, n, a, b, out, e)
COUNTED(logit_directions,
        (struct forward * f, const float *states, const float *d, int64_t n, float *out,
         struct err *e),
        states, d, n, out, e)
READING(activation, (struct forward * f, int64_t site, float *out, struct err *e), site, out, e)
COUNTED(lens,
        (struct forward * f, int64_t site, const struct position *at, int64_t n, float *out,
         struct err *e),
        site, at, n, out, e)

static void counted_free(struct forward *f) {
    n_open--;
    forward_free(behind(f));
    free(f);
}

static const struct forward_ops counted_forward = {.free = counted_free,
                                                   .logits = logits,
                                                   .vjp = vjp,
                                                   .attentions = attentions,
                                                   .hidden = hidden,
                                                   .attention_parts = attention_parts,
                                                   .block_rest = block_rest,
                                                   .share_rest = share_rest,
                                                   .rest_terms = rest_terms,
                                                   .logit_directions = logit_directions,
                                                   .activation = activation,
                                                   .lens = lens};

static struct model *model_behind(const struct model *m) {
    return ((const struct model_head *)m)->behind;
}

static enum err_code embed(struct model *m, enum model_stack stack, const int32_t *ids, int64_t n,
                           float *out, struct err *e) {
    tick(false);
    return model_embed(model_behind(m), stack, ids, n, out, e);
}

static enum err_code forward(struct forward **out, struct model *m, const struct forward_input *in,
                             const struct run_ctl *ctl, struct err *e) {
    struct forward_input own = *in;
    struct forward_head *f = mem_alloc(sizeof *f);
    f->ops = &counted_forward;
    own.past = in->past ? behind(in->past) : NULL;
    tick(true);
    enum err_code code = model_forward(&f->behind, model_behind(m), &own, ctl, e);
    n_open += code == ERR_OK;
    if (code != ERR_OK)
        free(f);
    *out = code == ERR_OK ? (struct forward *)f : NULL;
    return code;
}

static enum err_code run_counted(void *user, const struct attribution_sequence *tokens,
                                 const struct method_input *in, const struct run_ctl *ctl,
                                 struct err *e) {
    const struct method *method = user;
    static const struct model_ops ops = {.embed = embed, .forward = forward};
    struct model_head counted = {&ops, in->model};
    struct method_input mine = *in;
    struct attribution_sequence out = {.attr_pos_start = tokens->attr_pos_start,
                                       .attr_pos_end = tokens->attr_pos_end};
    mine.model = (struct model *)&counted;
    n_calls = n_after = n_open = 0;
    enum err_code code = method->run(&out, &mine, ctl, e);
    cr_expect_eq(n_open, 0, "%s: %d forwards were not freed", method->decl.id, (int)n_open);
    cr_expect(code != ERR_OK || out.n_done == attribution_steps(tokens),
              "%s: fine, but %d columns are done", method->decl.id, (int)out.n_done);
    attribution_sequence_dispose(&out);
    return code;
}

static enum err_code run_at(struct model *m, const char *method, const char *kwargs, int64_t at,
                            struct err *e) {
    const bool two = model_config(m)->encoder_decoder;
    struct attribute_request r = {
        .input_text = two ? "The manager said hi." : "The dog",
        .generated_text = two ? "O gerente disse" : "The dog barks at the",
        .method = method,
        .attribution_kwargs = kwargs,
        .attribute_target = two && strcmp(method, "activation_patching") != 0};
    const struct run_ctl ctl = {.cancel = &cancel};
    atomic_store(&cancel, false);
    cancel_at = at;
    return attribute_prepare(m, &r, NULL, run_counted, (void *)(uintptr_t)method_find(method), &ctl,
                             e);
}

static void cancel_everywhere(struct model *m, const char *method, const char *kwargs) {
    struct err e = {0};
    cr_assert_eq(run_at(m, method, kwargs, 0, &e), ERR_OK, "%s: %s", method, e.message);
    const int64_t total = n_calls, stride = total > PLACES ? total / PLACES : 1;
    int n_cancelled = 0;
    for (int64_t at = 1; at <= total; at += at < 4 || at + 4 > total ? 1 : stride) {
        enum err_code code = run_at(m, method, kwargs, at, &e);
        cr_expect(code == ERR_CANCELLED || (code == ERR_OK && at == total), "%s, call %d of %d: %s",
                  method, (int)at, (int)total, e.message);
        cr_expect_leq(n_after, MOST_CALLS_AFTER,
                      "%s: %d calls after the one of %d in which it was cancelled, %d", method,
                      (int)n_after, (int)total, (int)at);
        n_cancelled += code == ERR_CANCELLED;
        err_clear(&e);
    }
    cr_expect_gt(n_cancelled, 0, "%s", method);
}

static void check(const char *name) {
    static const char *const cases[][2] = {
        {"attention", NULL},
        {"value_zeroing", NULL},
        {"attention_rollout", NULL},
        {"attention_flow", NULL},
        {"attention_vector_norm", "{\"per_head\": true}"},
        {"attention_block_norm", NULL},
        {"transformer_block_norm", NULL},
        {"globenc", NULL},
        {"alti", NULL},
        {"information_flow_routes", NULL},
        {"activation_patching", "{\"n_samples\": 2}"},
        {"layer_gradient", "{\"layers\": \"all\"}"},
        {"layer_gradient_x_activation", "{\"layers\": [0, 1]}"},
        {"layer_integrated_gradients", "{\"layers\": \"all\", \"n_steps\": 6}"},
        {"layer_deeplift", "{\"layers\": \"all\"}"},
        {"contrastive_tracing", NULL},
        {"logit_lens", NULL},
        {"information_bottleneck",
         "{\"layer\": 1, \"n_steps\": 2, \"n_samples\": 3, \"n_references\": 6}"},
        {"input_reduction", "{\"beam\": 2}"}};
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {0};
    char *path = mem_format("tests/fixtures/tiny/%s", name);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cancel_everywhere(m, cases[i][0], cases[i][1]);
    if (!model_config(m)->encoder_decoder)
        cancel_everywhere(m, "alti_logit", "{\"feed_forward\": true}");
    free(path);
    model_free(m);
}

Test(cancel, llama) {
    check("llama");
}
Test(cancel, gpt2) {
    check("gpt2");
}
Test(cancel, marian) {
    check("marian");
}
