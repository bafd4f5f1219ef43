/* The attention graph of Abnar and Zuidema 2020, which rollout and flow walk: heads joined,
 * residuals mixed in. The worker thread only. */
#ifndef TINSEQ_METHODS_ATTENTION_MIX_H
#define TINSEQ_METHODS_ATTENTION_MIX_H

#include "methods/engine/mixing.h"

/* The options that a method of the graph has, among its own. */
#define ATTENTION_MIX_OPTIONS                                                                      \
    {.name = "heads",                                                                              \
     .type = OPTION_CHOICE,                                                                        \
     .default_value = "mean",                                                                      \
     .choices = attention_mix_fusions,                                                             \
     .help = "How the weights of a layer's heads become one; rows are made to sum to 1 again."},   \
    {                                                                                              \
        .name = "residual", .type = OPTION_FLOAT, .default_value = "0.5", .minimum = 0,            \
        .maximum = 1, .help = "The residual's part; the rest is attention's."                      \
    }
extern const char *const attention_mix_fusions[];

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
