/* No attribution: the step scores of a generation, and nothing else. Reference: Inseq 0.7.1,
 * attr/feat/ops/, method dummy. */
#include "methods/engine/engine.h"

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct method_run g;
    out->class = ATTRIBUTION_PLAIN;
    enum err_code code = engine_open(&g, out, in, ctl, e);
    if (code)
        goto out;
    code = engine_look(&g, &(struct forward_input){0}, NULL, NULL, e);
out:
    engine_close(&g);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    cost_forwards(c, in, 1, (double)in->n_steps);
    cost_forward_bytes(c, in, 1, false);
    engine_logits_cost(c, in);
}

const struct method method_dummy = {
    .span = SPAN_LINEAR,
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "dummy",
             .title = "Step scores only",
             .family = FAMILY_NONE,
             .axes = AXES_TOKENS,
             .summary = "Attributes nothing: yields the step scores that were asked for.",
             .paper = "none",
             .reference = "Inseq's dummy"},
    .run = run,
    .cost = cost,
};
