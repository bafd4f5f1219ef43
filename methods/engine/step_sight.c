/* Whether a step function looks beyond logits, and where what it looks at stands in a row. */
#include "methods/engine/step_sight_internal.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static int64_t forward_bytes(const struct model *m, int64_t n_batch, int64_t n_source,
                             int64_t n_target, bool keep_gradient) {
    const struct step_sight *s = (const struct step_sight *)m;
    int64_t bytes = model_forward_bytes(s->head.behind, n_batch, n_source, n_target, keep_gradient);
    for (size_t k = 0; k < s->n_runs; k++)
        bytes += model_forward_bytes(s->head.behind, n_batch, s->runs[k].n_source,
                                     s->runs[k].n_target, keep_gradient);
    if (s->all)
        bytes += n_batch * n_target * s->n_states * s->in->config->n_width * (int64_t)sizeof(float);
    return bytes;
}

static const struct model_ops sight_model = {.forward = step_sight_forward,
                                             .forward_bytes = forward_bytes};

static const struct step_request *request_of(const struct method_input *in, size_t i) {
    return i ? &in->scores[i - 1] : &in->target;
}

/* The earlier request with the same function and options, whose run serves; i: there is none. */
static size_t same_run(const struct method_input *in, size_t i) {
    const struct step_request *r = request_of(in, i);
    for (size_t k = 0; k < i; k++) {
        const struct step_request *other = request_of(in, k);
        bool same = other->function == r->function && other->options.n == r->options.n;
        for (size_t o = 0; same && o < r->options.n; o++)
            /* They have numbers only. */
            same = other->options.values[o].number == r->options.values[o].number;
        if (same)
            return k;
    }
    return i;
}

/* Where everything stands in a row. */
static enum err_code lay_out(struct step_sight *s, struct method_input *in, struct err *e) {
    const int64_t n_vocab = in->config->n_vocab, n_states = s->n_states * in->config->n_width;
    int64_t next = n_vocab + n_states;
    enum err_code code = ERR_OK;
    for (size_t i = 0; i <= in->n_scores; i++) {
        const struct step_request *r = request_of(in, i);
        s->layouts[i] = (struct step_layout){.states = n_states ? n_vocab : 0,
                                             .n_states = s->n_states,
                                             .n_width = in->config->n_width};
        if (!r->function || !r->function->run)
            continue;
        const size_t same = same_run(in, i);
        if (same < i) {
            s->layouts[i].run = s->layouts[same].run;
            continue;
        }
        code = other_run_make(&s->runs[s->n_runs], in, r, e);
        if (code)
            goto out;
        s->runs[s->n_runs++].at = s->layouts[i].run = next;
        next += n_vocab + n_states;
    }
out:
    in->n_row = next;
    for (size_t i = 0; i <= in->n_scores; i++)
        s->layouts[i].n_row = next;
    in->layouts = s->layouts;
    return code;
}

enum err_code step_sight_open(struct step_sight **out, struct method_input *in,
                              const struct method *method, struct err *e) {
    enum tinseq_step_states most = TINSEQ_STEP_NO_STATES;
    bool any_run = false;
    const struct step_function *target = in->target.function;
    const bool beyond = target && (target->states != TINSEQ_STEP_NO_STATES || target->run);
    *out = NULL;
    for (size_t i = 0; i <= in->n_scores; i++) {
        const struct step_function *f = request_of(in, i)->function;
        most = f && f->states > most ? f->states : most;
        any_run |= f && f->run;
    }
    if (most == TINSEQ_STEP_NO_STATES && !any_run)
        return ERR_OK;
    if (beyond && method && method->logits_only)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s takes logits apart; %s looks at hidden states or another run: choose a "
                       "gradient or perturbation method",
                       method->decl.id, target->decl.id);
    if (target && target->run && method && method->shortens)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s takes tokens out, after which the other run that %s asks for has no "
                       "meaning: choose another method",
                       method->decl.id, target->decl.id);
    struct step_sight *s = *out = mem_alloc(sizeof *s);
    *s = (struct step_sight){.head = {&sight_model, in->model},
                             .in = in,
                             .all = most == TINSEQ_STEP_ALL_STATES,
                             .target_all = target && target->states == TINSEQ_STEP_ALL_STATES};
    s->n_states = s->all ? in->config->n_layers + 1 : most == TINSEQ_STEP_LAST_STATE;
    s->layouts = mem_alloc((in->n_scores + 1) * sizeof *s->layouts);
    s->runs = mem_alloc((in->n_scores + 1) * sizeof *s->runs);
    enum err_code code = lay_out(s, in, e);
    if (code) {
        step_sight_close(s);
        *out = NULL;
        return code;
    }
    in->model = (struct model *)s;
    in->sight = s;
    return ERR_OK;
}

/* The rows of an other run of which step i sees the last, and all that steps before it saw. */
static int64_t rows_until(const struct other_run *r, int64_t i) {
    int64_t n = 0;
    for (int64_t k = 0; k <= i; k++)
        n = r->rows[k] + 1 > n ? r->rows[k] + 1 : n;
    return n;
}

int64_t step_sight_alike(const struct step_sight *s, int64_t first, int64_t n_steps) {
    int64_t n = n_steps;
    for (size_t k = 0; s && k < s->n_runs; k++) {
        const struct model_config *c = s->in->config;
        const int64_t until = model_config_alike_until(c, rows_until(&s->runs[k], first));
        int64_t own = 1;
        while (own < n &&
               model_config_alike_until(c, rows_until(&s->runs[k], first + own)) == until)
            own++;
        n = own;
    }
    return n;
}

void step_sight_close(struct step_sight *s) {
    if (!s)
        return;
    for (size_t k = 0; k < s->n_runs; k++)
        other_run_dispose(&s->runs[k]);
    free(s->runs);
    free(s->layouts);
    free(s);
}
