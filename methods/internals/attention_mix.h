/* The attention graph of Abnar and Zuidema 2020, which rollout and flow walk: heads joined,
 * residuals mixed in. The worker thread only. */
#ifndef TINSEQ_METHODS_ATTENTION_MIX_H
#define TINSEQ_METHODS_ATTENTION_MIX_H

#include "methods/engine/mixing.h"

enum { ATTENTION_MIX_N_OPTIONS = 2 };
extern const struct option_decl attention_mix_options[ATTENTION_MIX_N_OPTIONS];

struct attention_mix {
    int heads; /* 0 mean, 1 max, 2 min */
    double residual;
};

/* UNSUPPORTED for a recurrent decoder. */
enum err_code attention_mix_read(struct attention_mix *m, const struct method_input *in,
                                 const char *owner, struct err *e) ERR_CHECKED;
enum err_code attention_mix_row(const struct rollout_view *v, int64_t i, float *own, float *source,
                                struct err *e) ERR_CHECKED;

#endif
