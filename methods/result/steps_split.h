/* A result's columns as steps of their own. Plain data. Any thread. */
#ifndef TINSEQ_METHODS_STEPS_SPLIT_H
#define TINSEQ_METHODS_STEPS_SPLIT_H

#include "methods/result/attribution.h"

/* Gives a result without steps one for each finished column of each sequence, with what it could
 * see: all of the source, the target before it (its arrays [1, rows, ...]). Scores of a whole
 * sequence are in its first step only, where Inseq repeats them in each. Reference: Inseq 0.7.1,
 * attr/feat/feature_attribution.py, FeatureAttributionStepOutput. False: memory is out, and there
 * are none. */
bool attribution_split_steps(struct attribution *a);

#endif
