#include "methods/result/pick.h"

#include "backend/base/mem.h"

/* Of several sequences' texts the i-th. */
static void keep_text(struct info_texts *t, size_t i) {
    if (!t->items || t->alone)
        return;
    struct info_texts one = {.items = mem_alloc(0)};
    if (i < t->n)
        info_texts_add(&one, t->items[i]);
    info_texts_dispose(t);
    *t = one;
}

static void keep_alignment(struct info_contrast *c, size_t i) {
    if (i >= c->n_alignments)
        return;
    const struct alignment kept = c->alignments[i];
    c->alignments[i] = c->alignments[0];
    c->alignments[0] = kept;
    while (c->n_alignments > 1)
        alignment_dispose(&c->alignments[--c->n_alignments]);
}

static void keep_contrast(struct info_contrast *c, size_t i) {
    keep_text(&c->targets, i);
    keep_text(&c->sources, i);
    keep_alignment(c, i);
}

struct attribution *attribution_pick(const struct attribution *a, size_t i) {
    struct attribution *one = attribution_new(1);
    if (!attribution_sequence_copy(&one->sequences[0], &a->sequences[i], true)) {
        attribution_release(one);
        return NULL;
    }
    one->info = result_info_copy(&a->info);
    keep_text(&one->info.input_texts, i);
    keep_text(&one->info.generated_texts, i);
    keep_contrast(&one->info.function_args.contrast, i);
    keep_contrast(&one->info.score_args.contrast, i);
    return one;
}
