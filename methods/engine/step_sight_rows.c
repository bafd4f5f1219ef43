/* Rows longer than logits, and gradients of them. */
#include "methods/engine/step_sight_internal.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Logits and states of a forward at n places into columns `to` of rows. */
static enum err_code fill(const struct step_sight *s, struct forward *f, bool all,
                          const struct position *at, const int64_t *which, int64_t n, float *out,
                          int64_t to, struct err *e) {
    const struct method_input *in = s->in;
    const int64_t n_vocab = in->config->n_vocab, n_states = s->n_states * in->config->n_width,
                  n_row = in->n_row;
    float *logits = malloc((size_t)(n * n_vocab + 1) * sizeof *logits),
          *states = malloc((size_t)(n * n_states + 1) * sizeof *states);
    enum err_code code = logits && states ? ERR_OK : step_sight_no_memory(e);
    if (code || !n)
        goto out;
    code = forward_logits(f, at, n, logits, e);
    if (code)
        goto out;
    memset(states, 0, (size_t)(n * n_states) * sizeof *states);
    /* Zeros stay where only a score asks for states and this forward has none. */
    if (n_states && (all || !s->all))
        code = forward_states(f, all, at, n, states, e);
    else if (n_states && s->target_all)
        code = err_set(e, ERR_UNSUPPORTED,
                       "this method replaces layers' outputs, and the function looks at the hidden "
                       "states of all layers: choose the last state, or another method");
    if (code)
        goto out;
    for (int64_t i = 0; i < n; i++) {
        float *row = out + which[i] * n_row + to;
        memcpy(row, logits + i * n_vocab, (size_t)n_vocab * sizeof *row);
        memcpy(row + n_vocab, states + i * n_states, (size_t)n_states * sizeof *row);
    }
out:
    free(logits);
    free(states);
    return code;
}

/* Of n places in b's forward those whose step another run shows: where, and which of the n. Returns
 * how many. */
static int64_t places_of(const struct sight_forward *b, size_t k, const struct position *at,
                         int64_t n, struct position *there, int64_t *which) {
    const struct method_input *in = b->sight->in;
    int64_t m = 0;
    for (int64_t i = 0; i < n && b->runs[k]; i++) {
        const int64_t step = at[i].row + 1 - in->start;
        if (step < 0 || step >= in->end - in->start)
            continue;
        there[m] = (struct position){b->varies ? at[i].batch : 0, b->sight->runs[k].rows[step]};
        which[m++] = i;
    }
    return m;
}

enum err_code step_sight_logits(struct forward *f, const struct position *at, int64_t n, float *out,
                                struct err *e) {
    const struct sight_forward *b = (const struct sight_forward *)f;
    const struct step_sight *s = b->sight;
    struct position *there = mem_alloc((size_t)n * sizeof *there);
    int64_t *which = mem_alloc((size_t)n * sizeof *which);
    memset(out, 0, (size_t)(n * s->in->n_row) * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        which[i] = i;
    enum err_code code = fill(s, b->head.behind, b->all, at, which, n, out, 0, e);
    if (code)
        goto out;
    for (size_t k = 0; k < s->n_runs; k++) {
        int64_t m = places_of(b, k, at, n, there, which);
        if (m)
            code = fill(s, b->runs[k], s->all, there, which, m, out, s->runs[k].at, e);
        if (code)
            goto out;
    }
out:
    free(there);
    free(which);
    return code;
}

/* --- gradients --- */

/* Derivatives of `n` rows, from column `from` on, as the model wants them. */
struct taken {
    float *logits, *states; /* states NULL: none are to go back */
    bool any;
};

static enum err_code take(struct taken *t, const struct step_sight *s, const float *d,
                          const int64_t *which, int64_t n, int64_t from, bool all, struct err *e) {
    const struct method_input *in = s->in;
    const int64_t n_vocab = in->config->n_vocab, n_states = s->n_states * in->config->n_width;
    const bool with_states = n_states && (all || !s->all);
    *t = (struct taken){.logits = malloc((size_t)(n * n_vocab + 1) * sizeof(float))};
    if (with_states)
        t->states = malloc((size_t)(n * n_states + 1) * sizeof(float));
    if (!t->logits || (with_states && !t->states))
        return step_sight_no_memory(e);
    for (int64_t i = 0; i < n; i++) {
        const float *row = d + (which ? which[i] : i) * in->n_row + from;
        memcpy(t->logits + i * n_vocab, row, (size_t)n_vocab * sizeof *row);
        if (with_states)
            memcpy(t->states + i * n_states, row + n_vocab, (size_t)n_states * sizeof *row);
        for (int64_t k = 0; k < n_vocab + n_states && !t->any; k++)
            t->any = row[k] != 0;
    }
    return ERR_OK;
}

static void taken_dispose(struct taken *t) {
    free(t->logits);
    free(t->states);
}

/* to[which] += what rows of another run's side got, at the input's rows that they are copies of. */
static void add_copies(const struct step_sight *s, float *to, int64_t length, const float *gradient,
                       int64_t n, const int64_t *from, const int64_t *which, int64_t m,
                       const int64_t *first) {
    const int64_t width = model_config_embedding_width(s->in->config);
    for (int64_t i = 0; i < m; i++)
        for (int64_t r = 0; r < n; r++) {
            if (from[r] < 0 || from[r] >= length || (first && from[r] < first[which[i]]))
                continue;
            for (int64_t k = 0; k < width; k++)
                to[(which[i] * length + from[r]) * width + k] += gradient[(i * n + r) * width + k];
        }
}

/* What goes to the input's embeddings through another run; NULL: not wanted. */
static enum err_code add_beside(const struct sight_forward *b, size_t k,
                                const struct vjp_request *given, float *const to[2],
                                const struct run_ctl *ctl, struct err *e) {
    const struct step_sight *s = b->sight;
    const struct other_run *r = &s->runs[k];
    const int64_t width = model_config_embedding_width(s->in->config),
                  lengths[2] = {s->in->n_source, b->n_target},
                  n_rows[2] = {r->n_source, other_run_rows(r, s->in, b->n_target)};
    struct position *there = mem_alloc((size_t)given->n * sizeof *there);
    int64_t *which = mem_alloc((size_t)given->n * sizeof *which),
            m = places_of(b, k, given->at, given->n, there, which);
    float *gradients[2] = {NULL, NULL};
    struct taken t = {0};
    enum err_code code = m ? take(&t, s, given->d_logits, which, m, r->at, s->all, e) : ERR_OK;
    if (code)
        goto out;
    for (int stack = 0; stack < 2 && t.any; stack++) {
        if (to[stack] &&
            !(gradients[stack] = malloc((size_t)(m * n_rows[stack] * width + 1) * sizeof(float))))
            code = step_sight_no_memory(e);
        if (code)
            goto out;
    }
    if (t.any)
        code = forward_vjp(b->runs[k],
                           &(struct vjp_request){.at = there,
                                                 .n = m,
                                                 .d_logits = t.logits,
                                                 .d_states = t.states,
                                                 .all_states = s->all,
                                                 .source = gradients[0],
                                                 .target = gradients[1]},
                           ctl, e);
    if (code)
        goto out;
    for (int stack = 0; stack < 2; stack++)
        if (gradients[stack])
            add_copies(s, to[stack], lengths[stack], gradients[stack], n_rows[stack],
                       stack ? r->target_from : r->source_from, which, m, given->first);
out:
    taken_dispose(&t);
    free(gradients[0]);
    free(gradients[1]);
    free(there);
    free(which);
    return code;
}

enum err_code step_sight_vjp(struct forward *f, const struct vjp_request *r,
                             const struct run_ctl *ctl, struct err *e) {
    const struct sight_forward *b = (const struct sight_forward *)f;
    float *to[2] = {r->source, r->target};
    struct vjp_request own = *r;
    struct taken t;
    enum err_code code = take(&t, b->sight, r->d_logits, NULL, r->n, 0, b->all, e);
    if (code)
        goto out;
    own.d_logits = t.logits;
    own.d_states = t.states;
    own.all_states = b->all;
    code = forward_vjp(b->head.behind, &own, ctl, e);
    if (code)
        goto out;
    for (int stack = 0; stack < 2 && r->sites; stack++)
        to[stack] = b->sites[stack] >= 0 ? r->sites[b->sites[stack]] : NULL;
    for (size_t k = 0; k < b->sight->n_runs && (to[0] || to[1]); k++) {
        code = add_beside(b, k, r, to, ctl, e);
        if (code)
            goto out;
    }
out:
    taken_dispose(&t);
    return code;
}

int64_t step_sight_vjp_bytes(const struct forward *f, const struct position *at, int64_t n) {
    const struct sight_forward *b = (const struct sight_forward *)f;
    const struct step_sight *s = b->sight;
    struct position *there = mem_alloc((size_t)n * sizeof *there);
    int64_t *which = mem_alloc((size_t)n * sizeof *which),
            most = forward_vjp_bytes(b->head.behind, at, n);
    for (size_t k = 0; k < s->n_runs; k++) {
        const int64_t m = places_of(b, k, at, n, there, which),
                      rows = s->runs[k].n_source + s->runs[k].n_target;
        if (!m)
            continue;
        const int64_t bytes = forward_vjp_bytes(b->runs[k], there, m) +
                              m * rows * model_config_embedding_width(s->in->config) * 4;
        most = bytes > most ? bytes : most;
    }
    free(there);
    free(which);
    return most + 2 * n * s->in->n_row * (int64_t)sizeof(float);
}
