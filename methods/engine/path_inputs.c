#include "methods/engine/path_inputs.h"

#include "backend/base/mem.h"
#include "methods/engine/engine.h"

#include <stdlib.h>

static enum err_code embed_side(struct path_side *s, const struct method_input *in,
                                bool with_baseline, struct err *e) {
    const bool has_start = s->stack == STACK_DECODER && in->config->encoder_decoder;
    size_t n = (size_t)(s->n * s->width);
    s->x = calloc(n + 1, sizeof *s->x);
    s->baseline = calloc(n + 1, sizeof *s->baseline);
    if (!s->x || !s->baseline)
        return err_set(e, ERR_NOMEM, "out of memory for the embeddings of %lld tokens",
                       (long long)s->n);
    if (!s->n)
        return ERR_OK;
    enum err_code code = model_embed(in->model, s->stack, s->ids, s->n, s->x, e);
    if (code || !with_baseline)
        return code;
    s->baseline_ids = mem_alloc((size_t)s->n * sizeof *s->baseline_ids);
    code = engine_baseline(in, s->ids, s->n, has_start, s->baseline_ids, e);
    if (code)
        return code;
    return model_embed(in->model, s->stack, s->baseline_ids, s->n, s->baseline, e);
}

enum err_code path_inputs_open(struct path_side *source, struct path_side *target,
                               const struct method_input *in, bool with_baseline, struct err *e) {
    const bool two = in->config->encoder_decoder;
    const int64_t width = model_config_embedding_width(in->config);
    *source = (struct path_side){.stack = STACK_ENCODER,
                                 .ids = in->source_ids,
                                 .n = two ? in->n_source : 0,
                                 .width = width,
                                 .moves = two};
    *target = (struct path_side){.stack = STACK_DECODER,
                                 .ids = in->target_ids,
                                 .n = in->end - 1,
                                 .width = width,
                                 .moves = !two || in->attribute_target};
    enum err_code code = embed_side(source, in, with_baseline, e);
    if (code)
        return code;
    return embed_side(target, in, with_baseline, e);
}

void path_side_dispose(struct path_side *s) {
    free(s->x);
    free(s->baseline);
    free(s->baseline_ids);
    *s = (struct path_side){0};
}
