#include "methods/internals/attention_mix.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *const attention_mix_fusions[] = {"mean", "max", "min", NULL};

enum err_code attention_mix_read(struct attention_mix *m, const struct method_input *in,
                                 const char *owner, struct err *e) {
    *m = (struct attention_mix){0};
    const char *heads = option_text(in->options, "heads");
    while (strcmp(attention_mix_fusions[m->heads], heads) != 0)
        m->heads++;
    m->residual = option_float(in->options, "residual");
    if (!plan_has(&in->config->decoder, PART_ATTENTION))
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: this model's decoder is recurrent and has no self-attention weights; "
                       "alti works on it",
                       owner);
    return ERR_OK;
}

/* Weights of row i, heads joined, sum 1: out [keys]. */
static void join_heads(const struct attention_mix *m, const struct attention_parts *p, int64_t i,
                       float *out) {
    const int64_t n = parts_keys(p, i);
    double sum = 0;
    for (int64_t j = 0; j < n; j++) {
        double x = 0;
        for (int64_t h = 0; h < p->n_heads; h++) {
            const double w = p->weights[(h * p->n_query + i) * p->n_key + j];
            if (m->heads == 0)
                x += w / (double)p->n_heads;
            else if (h == 0 || (m->heads == 1 ? w > x : w < x))
                x = w;
        }
        out[j] = (float)x;
        sum += x;
    }
    for (int64_t j = 0; j < n && sum > 0; j++)
        out[j] = (float)(out[j] / sum);
}

enum err_code attention_mix_row(const struct rollout_view *v, int64_t i, float *own, float *source,
                                struct err *e) {
    const struct attention_mix *m = v->user;
    const double kept = v->cross ? m->residual : 1;
    (void)e;
    join_heads(m, v->self, i, own);
    for (int64_t j = 0; j < parts_keys(v->self, i); j++)
        own[j] = (float)(kept * ((1 - m->residual) * own[j] + (j == i ? m->residual : 0)));
    if (!v->cross)
        return ERR_OK;
    join_heads(m, v->cross, i, source);
    for (int64_t j = 0; j < v->cross->n_key; j++)
        source[j] = (float)((1 - m->residual) * source[j]);
    return ERR_OK;
}
