#include "methods/engine/shared_model.h"

#include "backend/base/mem.h"
#include "backend/model_ops.h"

#include <stdlib.h>
#include <string.h>

#define MOST_KEPT 4 /* a method asks for few that are not the only ones of their kind */

/* A forward of the model behind, and what it is of. */
struct kept {
    struct forward *forward;
    struct forward_input in; /* with copies of its ids and embeddings */
    int n_references;
};

struct shared_model {
    struct model_head head;
    const struct model_config *config;
    struct kept *kept[MOST_KEPT];
    size_t n_kept;
    int64_t room; /* bytes for others to keep */
};

/* What a method gets. */
struct shared_forward {
    struct forward_head head;
    struct kept *kept;
};

static void kept_release(struct kept *k) {
    if (!k || --k->n_references > 0)
        return;
    forward_free(k->forward);
    free((void *)k->in.source_ids);
    free((void *)k->in.target_ids);
    free((void *)k->in.source_embeddings);
    free((void *)k->in.target_embeddings);
    free(k);
}

static void shared_free(struct forward *f) {
    struct shared_forward *s = (struct shared_forward *)f;
    kept_release(s->kept);
    free(s);
}

static const struct forward_ops shared_forward_ops = {.free = shared_free};

/* ---- which are the same ---- */

/* What refers to others, to sites or to noise is run each time. */
static bool is_plain(const struct forward_input *in) {
    return !in->past && !in->keep_past && !in->dropout && !in->n_sites && !in->n_given;
}

static bool same_bytes(const void *a, const void *b, size_t n) {
    return a && b ? memcmp(a, b, n) == 0 : a == b;
}

static size_t embedding_bytes(const struct shared_model *m, const struct forward_input *in,
                              int64_t rows) {
    const int64_t width = model_config_embedding_width(m->config);
    return (size_t)(in->n_batch * rows * width) * sizeof(float);
}

static bool same_texts(const struct shared_model *m, const struct forward_input *a,
                       const struct forward_input *b) {
    return same_bytes(a->source_ids, b->source_ids, (size_t)a->n_source * sizeof(int32_t)) &&
           same_bytes(a->target_ids, b->target_ids, (size_t)a->n_target * sizeof(int32_t)) &&
           same_bytes(a->source_embeddings, b->source_embeddings,
                      embedding_bytes(m, a, a->n_source)) &&
           same_bytes(a->target_embeddings, b->target_embeddings,
                      embedding_bytes(m, a, a->n_target));
}

static bool is_same(const struct shared_model *m, const struct forward_input *a,
                    const struct forward_input *b) {
    return is_plain(a) && is_plain(b) && a->n_batch == b->n_batch && a->n_source == b->n_source &&
           a->n_target == b->n_target && a->keep_gradient == b->keep_gradient &&
           a->recompute == b->recompute && a->keep_attentions == b->keep_attentions &&
           a->keep_states == b->keep_states && a->keep_hidden == b->keep_hidden &&
           a->rescale == b->rescale && same_texts(m, a, b);
}

static struct forward_input copy_of(const struct shared_model *m, const struct forward_input *in) {
    struct forward_input to = *in;
    const size_t n_source = (size_t)in->n_source, n_target = (size_t)in->n_target;
    to.source_ids = in->source_ids ? mem_copy(in->source_ids, n_source * sizeof(int32_t)) : NULL;
    to.target_ids = in->target_ids ? mem_copy(in->target_ids, n_target * sizeof(int32_t)) : NULL;
    to.source_embeddings = in->source_embeddings ? mem_copy(in->source_embeddings,
                                                            embedding_bytes(m, in, in->n_source))
                                                 : NULL;
    to.target_embeddings = in->target_embeddings ? mem_copy(in->target_embeddings,
                                                            embedding_bytes(m, in, in->n_target))
                                                 : NULL;
    return to;
}

/* ---- the model ---- */

/* The first ones, which every later run asks for again, as far as there is room. */
static void keep(struct shared_model *m, struct kept *k, const struct forward_input *in) {
    const int64_t bytes = model_forward_bytes(m->head.behind, in->n_batch, in->n_source,
                                              in->n_target, in->keep_gradient);
    if (!is_plain(in) || m->n_kept == MOST_KEPT || bytes > m->room)
        return;
    k->in = copy_of(m, in);
    k->n_references++;
    m->room -= bytes;
    m->kept[m->n_kept++] = k;
}

static struct kept *find(const struct shared_model *m, const struct forward_input *in) {
    for (size_t i = 0; i < m->n_kept; i++)
        if (is_same(m, &m->kept[i]->in, in))
            return m->kept[i];
    return NULL;
}

static enum err_code run(struct kept **out, struct shared_model *m, const struct forward_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct forward_input own = *in;
    struct forward *f;
    if (in->past) /* one of ours */
        own.past = ((const struct forward_head *)in->past)->behind;
    enum err_code code = model_forward(&f, m->head.behind, &own, ctl, e);
    if (code)
        return code;
    *out = mem_alloc(sizeof **out);
    **out = (struct kept){.forward = f, .n_references = 1};
    keep(m, *out, in);
    return ERR_OK;
}

static enum err_code shared_forward(struct forward **out, struct model *model,
                                    const struct forward_input *in, const struct run_ctl *ctl,
                                    struct err *e) {
    struct shared_model *m = (struct shared_model *)model;
    struct kept *kept = find(m, in);
    enum err_code code = ERR_OK;
    if (kept)
        kept->n_references++;
    else
        code = run(&kept, m, in, ctl, e);
    if (code)
        return code;
    struct shared_forward *f = mem_alloc(sizeof *f);
    *f = (struct shared_forward){{&shared_forward_ops, kept->forward}, kept};
    *out = (struct forward *)f;
    return ERR_OK;
}

static const struct model_ops shared_ops = {.forward = shared_forward};

struct shared_model *shared_model_open(struct model *behind, const struct model_config *config,
                                       int64_t room) {
    struct shared_model *m = mem_alloc(sizeof *m);
    *m = (struct shared_model){.head = {&shared_ops, behind}, .config = config, .room = room};
    return m;
}

void shared_model_close(struct shared_model *m) {
    for (size_t i = 0; i < m->n_kept; i++)
        kept_release(m->kept[i]);
    free(m);
}
