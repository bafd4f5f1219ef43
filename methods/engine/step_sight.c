/* Rows longer than logits, and gradients of them. */
#include "methods/engine/step_sight_internal.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct step_sight *step_sight_now;

enum err_code step_sight_no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM,
                   "out of memory for what a step function looks at; attribute fewer steps");
}

static int64_t length_of(const struct step_sight *s, int stack, const struct beside *b) {
    return stack == STACK_ENCODER ? s->in->n_source : b->n_target;
}

/* --- rows -------------------------------------------------------------------------------- */

/* Logits and states of a forward at n places into columns `to` of rows. */
static enum err_code fill(struct forward *f, bool all, const struct position *at,
                          const int64_t *which, int64_t n, float *out, int64_t to, struct err *e) {
    const struct method_input *in = step_sight_now->in;
    const int64_t n_vocab = in->config->n_vocab,
                  n_states = step_sight_now->n_states * in->config->n_width, n_row = in->n_row;
    float *logits = malloc((size_t)(n * n_vocab + 1) * sizeof *logits),
          *states = malloc((size_t)(n * n_states + 1) * sizeof *states);
    enum err_code code = logits && states ? ERR_OK : step_sight_no_memory(e);
    if (code == ERR_OK && n)
        code = step_sight_now->real.logits(f, at, n, logits, e);
    if (code == ERR_OK && n && n_states && (all || !step_sight_now->all))
        code = step_sight_now->real.states(f, all, at, n, states, e);
    else if (code == ERR_OK && n_states && step_sight_now->target_all && n)
        code = err_set(e, ERR_UNSUPPORTED,
                       "this method replaces layers' outputs, and the function looks at the hidden "
                       "states of all layers: choose the last state, or "
                       "another method");
    else if (code == ERR_OK)
        memset(states, 0,
               (size_t)(n * n_states) *
                   sizeof *states); /* only a score asks for them, and none is taken here */
    for (int64_t i = 0; i < n && code == ERR_OK; i++) {
        float *row = out + which[i] * n_row + to;
        memcpy(row, logits + i * n_vocab, (size_t)n_vocab * sizeof *row);
        memcpy(row + n_vocab, states + i * n_states, (size_t)n_states * sizeof *row);
    }
    free(logits);
    free(states);
    return code;
}

/* Of n places in b's forward those whose step another run shows: where, and which of the n. Returns
 * how many. */
static int64_t places_of(const struct beside *b, size_t k, const struct position *at, int64_t n,
                         struct position *there, int64_t *which) {
    const struct method_input *in = step_sight_now->in;
    int64_t m = 0;
    for (int64_t i = 0; i < n && b && b->runs[k]; i++) {
        const int64_t step = at[i].row + 1 - in->start;
        if (step < 0 || step >= in->end - in->start)
            continue;
        there[m] =
            (struct position){b->varies ? at[i].batch : 0, step_sight_now->runs[k].rows[step]};
        which[m++] = i;
    }
    return m;
}

static enum err_code rows(struct forward *f, const struct position *at, int64_t n, float *out,
                          struct err *e) {
    const struct beside *b = step_sight_beside(f);
    struct position *there = mem_alloc((size_t)n * sizeof *there);
    int64_t *which = mem_alloc((size_t)n * sizeof *which);
    memset(out, 0, (size_t)(n * step_sight_now->in->n_row) * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        which[i] = i;
    enum err_code code = fill(f, b && b->all, at, which, n, out, 0, e);
    for (size_t k = 0; k < step_sight_now->n_runs && code == ERR_OK; k++) {
        int64_t m = places_of(b, k, at, n, there, which);
        code = m ? fill(b->runs[k], step_sight_now->all, there, which, m, out,
                        step_sight_now->runs[k].at, e)
                 : ERR_OK;
    }
    free(there);
    free(which);
    return code;
}

/* --- gradients --------------------------------------------------------------------------- */

/* Derivatives of `n` rows, from column `from` on, as the model wants them. */
struct taken {
    float *logits, *states;
    struct cotangent d;
    bool any;
};

static enum err_code take(struct taken *t, const float *d, const int64_t *which, int64_t n,
                          int64_t from, bool all, struct err *e) {
    const struct method_input *in = step_sight_now->in;
    const int64_t n_vocab = in->config->n_vocab,
                  n_states = step_sight_now->n_states * in->config->n_width;
    *t = (struct taken){.logits = malloc((size_t)(n * n_vocab + 1) * sizeof(float)),
                        .states = malloc((size_t)(n * n_states + 1) * sizeof(float))};
    if (!t->logits || !t->states)
        return step_sight_no_memory(e);
    for (int64_t i = 0; i < n; i++) {
        const float *row = d + (which ? which[i] : i) * in->n_row + from;
        memcpy(t->logits + i * n_vocab, row, (size_t)n_vocab * sizeof *row);
        memcpy(t->states + i * n_states, row + n_vocab, (size_t)n_states * sizeof *row);
        for (int64_t k = 0; k < n_vocab + n_states && !t->any; k++)
            t->any = row[k] != 0;
    }
    t->d = (struct cotangent){t->logits,
                              n_states && (all || !step_sight_now->all) ? t->states : NULL, all};
    return ERR_OK;
}

static void taken_dispose(struct taken *t) {
    free(t->logits);
    free(t->states);
}

/* to[which] += what rows of another run's side got, at the input's rows that they are copies of. */
static void add_copies(float *to, int64_t length, const float *gradient, int64_t n,
                       const int64_t *from, const int64_t *which, int64_t m, const int64_t *first) {
    const int64_t width = step_sight_now->in->config->n_width;
    for (int64_t i = 0; i < m; i++)
        for (int64_t r = 0; r < n; r++) {
            if (from[r] < 0 || from[r] >= length || (first && from[r] < first[which[i]]))
                continue;
            for (int64_t k = 0; k < width; k++)
                to[(which[i] * length + from[r]) * width + k] += gradient[(i * n + r) * width + k];
        }
}

/* What goes to the input's embeddings through another run; NULL: not wanted. */
static enum err_code add_beside(const struct beside *b, size_t k, const struct position *at,
                                const int64_t *first, int64_t n, const float *d, float *const to[2],
                                const struct run_ctl *ctl, struct err *e) {
    const struct other_run *r = &step_sight_now->runs[k];
    const int64_t width = step_sight_now->in->config->n_width,
                  n_rows[2] = {r->n_source, step_sight_rows(r, b->n_target)};
    struct position *there = mem_alloc((size_t)n * sizeof *there);
    int64_t *which = mem_alloc((size_t)n * sizeof *which), m = places_of(b, k, at, n, there, which);
    float *gradients[2] = {NULL, NULL};
    struct taken t = {0};
    enum err_code code = m ? take(&t, d, which, m, r->at, step_sight_now->all, e) : ERR_OK;
    for (int stack = 0; stack < 2 && code == ERR_OK && t.any; stack++)
        if (to[stack] &&
            !(gradients[stack] = malloc((size_t)(m * n_rows[stack] * width + 1) * sizeof(float))))
            code = step_sight_no_memory(e);
    if (code == ERR_OK && t.any)
        code = step_sight_now->real.gradient_of(b->runs[k], there, NULL, m, &t.d, gradients[0],
                                                gradients[1], ctl, e);
    for (int stack = 0; stack < 2 && code == ERR_OK; stack++)
        if (gradients[stack])
            add_copies(to[stack], length_of(step_sight_now, stack, b), gradients[stack],
                       n_rows[stack], stack ? r->target_from : r->source_from, which, m, first);
    taken_dispose(&t);
    free(gradients[0]);
    free(gradients[1]);
    free(there);
    free(which);
    return code;
}

static enum err_code add_all(const struct beside *b, const struct position *at,
                             const int64_t *first, int64_t n, const float *d, float *const to[2],
                             const struct run_ctl *ctl, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t k = 0; b && k < step_sight_now->n_runs && (to[0] || to[1]) && code == ERR_OK; k++)
        code = add_beside(b, k, at, first, n, d, to, ctl, e);
    return code;
}

static enum err_code gradient_of_rows(struct forward *f, const struct position *at,
                                      const int64_t *first, int64_t n, const float *d,
                                      float *source, float *target, const struct run_ctl *ctl,
                                      struct err *e) {
    const struct beside *b = step_sight_beside(f);
    float *const to[2] = {source, target};
    struct taken t;
    enum err_code code = take(&t, d, NULL, n, 0, b && b->all, e);
    if (code == ERR_OK)
        code = step_sight_now->real.gradient_of(f, at, first, n, &t.d, source, target, ctl, e);
    taken_dispose(&t);
    return code == ERR_OK ? add_all(b, at, first, n, d, to, ctl, e) : code;
}

static enum err_code gradient(struct forward *f, const struct position *at, int64_t n,
                              const float *d, float *source, float *target,
                              const struct run_ctl *ctl, struct err *e) {
    return gradient_of_rows(f, at, NULL, n, d, source, target, ctl, e);
}

static enum err_code gradient_from(struct forward *f, const struct position *at,
                                   const int64_t *first, int64_t n, const float *d, float *target,
                                   const struct run_ctl *ctl, struct err *e) {
    return gradient_of_rows(f, at, first, n, d, NULL, target, ctl, e);
}

static enum err_code site_gradient(struct forward *f, const struct position *at, int64_t n,
                                   const float *d, float *const *out, const struct run_ctl *ctl,
                                   struct err *e) {
    const struct beside *b = step_sight_beside(f);
    float *to[2] = {NULL, NULL};
    struct taken t;
    enum err_code code = take(&t, d, NULL, n, 0, b && b->all, e);
    if (code == ERR_OK)
        code = step_sight_now->real.site_gradient_of(f, at, n, &t.d, out, ctl, e);
    for (int stack = 0; stack < 2; stack++)
        if (b && b->sites[stack] >= 0)
            to[stack] = out[b->sites[stack]];
    taken_dispose(&t);
    return code == ERR_OK ? add_all(b, at, NULL, n, d, to, ctl, e) : code;
}

static int64_t gradient_bytes(const struct forward *f, const struct position *at, int64_t n) {
    const struct beside *b = step_sight_beside(f);
    const struct method_input *in = step_sight_now->in;
    struct position *there = mem_alloc((size_t)n * sizeof *there);
    int64_t *which = mem_alloc((size_t)n * sizeof *which), most = 0;
    for (size_t k = 0; k < step_sight_now->n_runs; k++) {
        int64_t m = places_of(b, k, at, n, there, which);
        int64_t bytes =
            m ? step_sight_now->real.gradient_bytes(b->runs[k], there, m) +
                    m * (step_sight_now->runs[k].n_source + step_sight_now->runs[k].n_target) *
                        in->config->n_width * 4
              : 0;
        most = bytes > most ? bytes : most;
    }
    free(there);
    free(which);
    const int64_t own = step_sight_now->real.gradient_bytes(f, at, n);
    return (own > most ? own : most) + 2 * n * in->n_row * (int64_t)sizeof(float);
}

static int64_t forward_bytes(const struct model *m, int64_t n_batch, int64_t n_source,
                             int64_t n_target, bool keep_gradient) {
    int64_t bytes =
        step_sight_now->real.forward_bytes(m, n_batch, n_source, n_target, keep_gradient);
    for (size_t k = 0; k < step_sight_now->n_runs; k++)
        bytes +=
            step_sight_now->real.forward_bytes(m, n_batch, step_sight_now->runs[k].n_source,
                                               step_sight_now->runs[k].n_target, keep_gradient);
    return bytes + (step_sight_now->all
                        ? n_batch * n_target * step_sight_now->n_states *
                              step_sight_now->in->config->n_width * (int64_t)sizeof(float)
                        : 0);
}

/* --- opening ----------------------------------------------------------------------------- */

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
            same = other->options.values[o].number ==
                   r->options.values[o].number; /* they have numbers only */
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
    for (size_t i = 0; i <= in->n_scores && code == ERR_OK; i++) {
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
        if (code != ERR_OK)
            break;
        s->runs[s->n_runs++].at = s->layouts[i].run = next;
        next += n_vocab + n_states;
    }
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
    *s = (struct step_sight){.in = in,
                             .ops = *in->ops,
                             .real = *in->ops,
                             .all = most == TINSEQ_STEP_ALL_STATES,
                             .target_all = target && target->states == TINSEQ_STEP_ALL_STATES,
                             .outer = step_sight_now};
    s->n_states = s->all ? in->config->n_layers + 1 : most == TINSEQ_STEP_LAST_STATE;
    s->layouts = mem_alloc((in->n_scores + 1) * sizeof *s->layouts);
    s->runs = mem_alloc((in->n_scores + 1) * sizeof *s->runs);
    step_sight_now = s;
    enum err_code code = lay_out(s, in, e);
    if (code != ERR_OK) {
        step_sight_close(s);
        *out = NULL;
        return code;
    }
    s->ops.forward = step_sight_forward;
    s->ops.forward_free = step_sight_forward_free;
    s->ops.logits = rows;
    s->ops.gradient = gradient;
    s->ops.gradient_from = gradient_from;
    s->ops.gradient_bytes = gradient_bytes;
    s->ops.forward_bytes = forward_bytes;
    s->ops.site_gradient = site_gradient;
    in->ops = &s->ops;
    return ERR_OK;
}

void step_sight_close(struct step_sight *s) {
    if (!s)
        return;
    for (size_t k = 0; k < s->n_runs; k++)
        other_run_dispose(&s->runs[k]);
    step_sight_now = s->outer;
    free(s->runs);
    free(s->layouts);
    free(s);
}
