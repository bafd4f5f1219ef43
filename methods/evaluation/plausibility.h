/*
 * Whether scores are where people would look: a column's scores of the input's tokens against those
 * that a person marked, the rationale. It says nothing of what the model does. Any thread.
 *
 *   AUPRC              area under precision over recall by trapezoids: scikit-learn's auc of its
 *                      precision_recall_curve (DeYoung et al. 2020)
 *   average precision  the same by steps: average_precision_score
 *   chosen             as many tokens as are marked, the highest first, the earlier one first among
 *                      equals; or those of at least a share of the column's highest score
 *   F1, IoU            of the chosen tokens against the marked ones: f1_score, jaccard_score (0
 *                      where nothing is chosen)
 */
#ifndef TINSEQ_METHODS_PLAUSIBILITY_H
#define TINSEQ_METHODS_PLAUSIBILITY_H

#include "methods/evaluation/rationale.h"
#include "methods/result/attribution.h"

/* NaN: not computed. */
struct plausibility_numbers {
    double auprc, average_precision, precision, recall, f1, iou;
};

/* Of n scores, of which at least one is marked; NaN is below every number. `threshold` NaN: the
 * rationale's size chooses. All NaN where no score is a number. */
struct plausibility_numbers plausibility_of(const double *scores, const bool *marked, size_t n,
                                            double threshold);

struct plausibility {
    struct plausibility_numbers *columns, mean; /* [n_columns]; over those that have numbers */
    int64_t n_columns;
};
/* Of a sequence with one score per token and column. Dispose of it in any case. Errors: FORMAT (no
 * scores of these tokens). */
enum err_code plausibility_measure(struct plausibility *out, const struct attribution_sequence *s,
                                   const struct rationale *r, double threshold,
                                   struct err *e) ERR_CHECKED;
void plausibility_dispose(struct plausibility *p);

#endif
