/*
 * The two ends of a path in embedding space: the input's embeddings and those of its baseline.
 * Plain arrays. The worker thread only.
 */
#ifndef TINSEQ_METHODS_PATH_INPUTS_H
#define TINSEQ_METHODS_PATH_INPUTS_H

#include "methods/method.h"

/* One side of the input: the source, or the target without its last token. */
struct path_side {
    enum model_stack stack;
    const int32_t *ids;
    int64_t n, width;
    bool moves; /* false: held at the input, not attributed (a decoder's prefix without
                   attribute_target) */
    int32_t *baseline_ids;
    float *x, *baseline; /* [n, E]; baseline is zero where none was asked for */
};

/* Embeds both sides (source->n is 0 for decoder-only models). Errors: NOMEM, UNSUPPORTED without
 * any baseline token. Dispose after errors too. */
enum err_code path_inputs_open(struct path_side *source, struct path_side *target,
                               const struct method_input *in, bool with_baseline,
                               struct err *e) ERR_CHECKED;
void path_side_dispose(struct path_side *s);

#endif
