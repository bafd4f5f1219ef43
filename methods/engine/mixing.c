#include "methods/engine/mixing.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>

struct pass {
    struct method_run *g;
    struct forward *f;
    const struct mixing_method *m;
    int64_t cell, n_done,
        n_work; /* numbers of a key and layer; layers finished, of all kinds together */
};

/* A row's scores [keys, cell] into [key, place, layer, cell] of an array with n_places per key. */
static void place(struct scores *to, const float *row, int64_t n_keys, int64_t at, int64_t layer,
                  int64_t n_layers, int64_t cell) {
    for (int64_t j = 0; j < n_keys; j++)
        for (int64_t k = 0; k < cell; k++)
            to->data[((j * to->dims[1] + at) * n_layers + layer) * cell + k] = row[j * cell + k];
}

static int64_t column_of(const struct method_run *g, int64_t row) {
    int64_t c = row - g->in->start + 1;
    return c >= 0 && c < g->n_steps ? c : -1;
}

/* One layer of one kind into `to`: all its rows, or those that generated a column. */
static enum err_code one_layer(struct pass *p, enum attention_kind kind, int64_t layer,
                               int64_t n_layers, struct scores *to, bool square, struct err *e) {
    struct method_run *g = p->g;
    struct attention_parts parts;
    enum err_code code = forward_attention_parts(p->f, kind, layer, &parts, e);
    if (code)
        return code;
    struct mixing_view v = {g, p->f, kind, layer, &parts, p->m->user};
    float *row = mem_alloc((size_t)(parts.n_key * p->cell) * sizeof *row);
    for (int64_t i = 0; i < parts.n_query; i++) {
        int64_t at = square ? i : column_of(g, i);
        if (at < 0)
            continue;
        code = p->m->row(&v, i, row, e);
        if (code)
            goto out;
        place(to, row, parts_keys(&parts, i), at, layer, n_layers, p->cell);
        code = engine_go_on(g->ctl, e);
        if (code)
            goto out;
    }
out:
    free(row);
    attention_parts_dispose(&parts);
    run_progress(g->ctl, "attributing", ++p->n_done, p->n_work);
    return code;
}

static enum err_code all_layers(struct pass *p, enum attention_kind kind, struct scores *to,
                                bool square, struct err *e) {
    const struct model_config *c = p->g->in->config;
    const int64_t n = kind == ATTENTION_ENCODER_SELF ? c->encoder_sizes.n_layers : c->n_layers;
    enum err_code code = ERR_OK;
    for (int64_t layer = 0; layer < n; layer++) {
        code = one_layer(p, kind, layer, n, to, square, e);
        if (code)
            return code;
    }
    return code;
}

static enum err_code square_scores(struct pass *p, enum attention_kind kind, const char *name,
                                   struct err *e) {
    struct attribution_sequence *out = p->g->out;
    const struct model_config *c = p->g->in->config;
    const bool encoder = kind == ATTENTION_ENCODER_SELF;
    const int64_t n = encoder ? p->g->in->n_source : p->g->in->end - 1;
    struct scores s;
    if (!scores_init(&s, p->m->per_head ? 4 : 3,
                     (int64_t[]){n, n, encoder ? c->encoder_sizes.n_layers : c->n_layers, p->cell},
                     encoder ? 0 : (float)p->m->future))
        return err_set(e, ERR_NOMEM, "out of memory for %s", name);
    out->sequence_scores = mem_resize(out->sequence_scores,
                                      (out->n_sequence_scores + 1) * sizeof *out->sequence_scores);
    out->sequence_scores[out->n_sequence_scores].scores = s;
    out->sequence_scores[out->n_sequence_scores++].name = mem_text(name);
    return all_layers(p, kind, &out->sequence_scores[out->n_sequence_scores - 1].scores, true, e);
}

static enum err_code fill(struct method_run *g, struct forward *f, void *user, struct err *e) {
    struct pass *p = user;
    const struct model_config *c = g->in->config;
    enum err_code code = ERR_OK;
    const bool targets = !c->encoder_decoder || g->in->attribute_target,
               squares = !targets && p->m->decoder_self && plan_has(&c->decoder, PART_ATTENTION);
    p->f = f;
    const int64_t of_decoder = (targets || squares) + c->encoder_decoder,
                  of_encoder = c->encoder_decoder && p->m->encoder_self;
    p->n_work = of_decoder * c->n_layers + of_encoder * c->encoder_sizes.n_layers;
    if (c->encoder_decoder)
        code = all_layers(p, ATTENTION_CROSS, &g->out->source_attributions, false, e);
    if (code)
        return code;
    if (targets)
        code = all_layers(p, ATTENTION_DECODER_SELF, &g->out->target_attributions, false, e);
    if (code)
        return code;
    if (squares)
        code = square_scores(p, ATTENTION_DECODER_SELF, "decoder_self_scores", e);
    if (code)
        return code;
    if (c->encoder_decoder && p->m->encoder_self)
        code = square_scores(p, ATTENTION_ENCODER_SELF, "encoder_self_scores", e);
    return code;
}

enum err_code mixing_layers(struct attribution_sequence *out, const struct method_input *in,
                            const struct mixing_method *m, const struct run_ctl *ctl,
                            struct err *e) {
    struct method_run g;
    struct pass p = {.g = &g, .m = m, .cell = m->per_head ? in->config->n_heads : 1};
    out->class = ATTRIBUTION_MULTI_DIMENSIONAL;
    enum err_code code = engine_open(&g, out, in, ctl, e);
    if (code)
        goto out;
    code = engine_shape(&g, m->per_head ? 2 : 1, (int64_t[]){in->config->n_layers, p.cell}, e);
    if (code)
        goto out;
    code = engine_look(&g, &(struct forward_input){.keep_states = true}, fill, &p, e);
out:
    engine_close(&g);
    return code;
}
