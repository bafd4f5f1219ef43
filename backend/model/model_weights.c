#include "backend/adapter.h"
#include "backend/base/mem.h"
#include "backend/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note(struct model_config *c, const char *text) {
    const size_t at = strlen(c->notice);
    if (*text)
        snprintf(c->notice + at, sizeof c->notice - at, "%s%s", at ? ". " : "", text);
}

static void note_left_out(struct model_config *c, const char *parts, size_t n) {
    char *text =
        mem_format("Only its language model runs here; left out: %s (%zu tensors)", parts, n);
    if (n)
        note(c, text);
    free(text);
}

static enum err_code merge_adapter(struct model *m, struct err *e) {
    struct adapter a;
    struct weights *w;
    enum err_code code = adapter_read(&a, m->files.adapter_config, e);
    if (code)
        return code;
    code = weights_open(&w, m->files.adapter, e);
    if (!code)
        code = weights_merge(m->weights, w, &a, m->config.wrapped, e);
    note(&m->config, a.notice);
    adapter_dispose(&a);
    return code;
}

enum err_code model_prepare_weights(struct model *m, struct err *e) {
    struct model_config *c = &m->config;
    char *left_out = NULL;
    size_t n_left_out = 0;
    bool inputs = false;
    enum err_code code = ERR_OK;
    if (c->scaled_whole)
        code = weights_take_whole_scales(m->weights, &inputs, e);
    else if (c->scale_block[0])
        code = weights_take_scales(m->weights, c->scale_block[0], c->scale_block[1], e);
    if (!code && c->wrapped)
        code = weights_unwrap(m->weights, &left_out, &n_left_out, e);
    if (inputs)
        note(c, "Scales by which activations would be rounded to FP8 (input_scale) are left out: "
                "activations are not rounded here.");
    note_left_out(c, left_out ? left_out : "", n_left_out);
    free(left_out);
    return code || !*m->files.adapter ? code : merge_adapter(m, e);
}
