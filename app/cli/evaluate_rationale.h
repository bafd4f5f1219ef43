/* Scores held against what a person marked: --rationale. Main thread only. */
#ifndef TINSEQ_APP_CLI_EVALUATE_RATIONALE_H
#define TINSEQ_APP_CLI_EVALUATE_RATIONALE_H

#include "app/cli/options.h"
#include "methods/evaluation/faithfulness.h"
#include "methods/result/attribution.h"

struct cJSON;

/* USAGE: a threshold that is none, or without a rationale; `n_texts` that are as many as the
 * rationales (0: not known yet). */
enum err_code evaluate_rationale_check(const struct cli_arguments *a, size_t n_texts,
                                       struct err *e) ERR_CHECKED;
/* That the rationales of a result's texts, which begin with the call's i-th, are in them; before
 * anything is computed from it. Errors: USAGE names the mark that is wrong. */
enum err_code evaluate_rationale_fits(const struct cli_arguments *a, const struct attribution *r,
                                      size_t i_text, struct err *e) ERR_CHECKED;

/* What is held against the rationale. All borrowed. */
struct evaluate_marked {
    const struct cli_arguments *a;
    struct attribution *const *results; /* [f->n_methods] */
    size_t i_sequence, i_text;          /* of the results; of the call, whose rationale it is */
    const struct faithfulness *f;
};
/* Adds to the table and to the evaluation's JSON; nothing where no rationale is given. Errors:
 * USAGE names a mark that is wrong, FORMAT, and those of aggregation. */
enum err_code evaluate_rationale_add(struct text_buffer *table, struct cJSON *evaluation,
                                     const struct evaluate_marked *m, struct err *e) ERR_CHECKED;

#endif
